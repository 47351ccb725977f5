"""Trouble on purpose: a layer that drops, delays and reorders, the same way for the same seed.

The specification of 2016 asks for such a mode, so that an application can be tried against what any layer may
do. It never delivers twice: no layer may.
"""

import random
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from penstock.base.errors import SettingsError
from penstock.channels.entry import Entry
from penstock.channels.mailbox import ACCEPTED, CLOSED, DROPPED, FULL
from penstock.channels.mailroom import Fanout, Mailroom
from penstock.channels.messages import Frozen
from penstock.channels.policies import Policy
from penstock.channels.schedule import Schedule


@dataclass(frozen=True, slots=True)
class Fate:
    """What is to become of one message."""

    dropped: bool = False
    delay_seconds: float = 0.0
    place: float | None = None  # in its queue, from 0.0, in front, to 1.0; None leaves it behind the others
    hold_seconds: float = 0.0  # instead of the place where there is no queue: the next may overtake it


UNHARMED = Fate()


class Resilience:
    """`drop`, `delay` and `reorder` are the shares of messages, from 0 to 1, that meet with each."""

    def __init__(self, seed: int, drop: float, delay: float, delay_seconds: float, reorder: float) -> None:
        for name, share in (("drop", drop), ("delay", delay), ("reorder", reorder)):
            if not 0 <= share <= 1:
                raise SettingsError(name, f"got {share}; expected a share of the messages, from 0 to 1")
        self._random = random.Random(seed)
        self._shares = drop, delay, reorder
        self._delay_seconds = delay_seconds
        self._lock = threading.Lock()

    def fate(self) -> Fate:
        """Of the next message."""
        drop, delay, reorder = self._shares
        with self._lock:
            first, second, third, much = (self._random.random() for _ in range(4))
        if first < drop:
            return Fate(dropped=True)
        if second < delay:
            return Fate(delay_seconds=self._delay_seconds * much)
        if third < reorder:
            return Fate(place=much, hold_seconds=self._delay_seconds * much)
        return UNHARMED


class TroubledRoom:
    """Puts into a mailroom what survives. `on_closed(channel)` is told of a channel that was closed by a
    message that came later: whoever sent it is gone.
    """

    def __init__(
        self, room: Mailroom, resilience: Resilience, timers: Schedule, on_closed: Callable[[str], None]
    ) -> None:
        self._room = room
        self._resilience = resilience
        self._timers = timers
        self._on_closed = on_closed

    def put(self, channel: str, entry: Entry, policy: Policy | None = None) -> int:
        fate = self._resilience.fate()
        if fate.dropped:
            self._room.count_drop(channel, "resilience")
            return DROPPED
        if seconds := self._seconds(channel, fate):
            when = entry.sent_at + seconds
            self._timers.at(when, lambda: self._put_late(channel, entry.frozen, policy))
            return ACCEPTED
        outcome = self._room.put(channel, entry, policy)
        if fate.place is not None and outcome == ACCEPTED:
            self._room.disorder(channel, fate.place)
        return outcome

    def put_to_all(self, channels: Iterable[str], entry: Entry, policy: Policy | None) -> Fanout:
        fanout = Fanout()
        for channel in channels:
            outcome = self.put(channel, entry, policy)
            if outcome == CLOSED:
                fanout.closed.append(channel)
            elif outcome == FULL:
                self._room.count_drop(channel, "full")
        return fanout

    def _seconds(self, channel: str, fate: Fate) -> float:
        """How much later the message is put: also one that is to change places and finds no others, as
        wherever a reader waits.
        """
        if fate.place is None or self._room.channel_statistics(channel)["messages_pending"]:
            return fate.delay_seconds
        return fate.hold_seconds

    def _put_late(self, channel: str, frozen: Frozen, policy: Policy | None) -> None:
        """Nobody can be told of what becomes of it."""
        outcome = self._room.put(channel, self._room.entry(frozen), policy)
        if outcome == CLOSED:
            self._on_closed(channel)
        elif outcome == FULL:
            self._room.count_drop(channel, "full")
