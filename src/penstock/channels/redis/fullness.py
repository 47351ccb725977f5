"""Telling other processes that a channel of this one is full, so that they need not send in vain.

The mailbox is here and senders are elsewhere: asking for room would be a second way for each message. So a
process marks a channel in Redis when it has become full, and takes the mark away with the first message that
is read; the script that sends looks at it. What was on its way in between is dropped, and counted here.
"""

from collections.abc import Callable

from penstock.channels.clock import Clock
from penstock.channels.mailroom import Mailroom
from penstock.channels.policies import RAISE
from penstock.channels.settings import LayerSettings

LEAST_SECONDS = 0.001  # a mark of no time takes it away


class Fullness:
    """`mark(channel, seconds)` marks for so long, 0 not at all. It and all of this may be called anywhere."""

    def __init__(
        self, settings: LayerSettings, room: Mailroom, clock: Clock, mark: Callable[[str, float], object]
    ) -> None:
        self._expiry = settings.expiry
        self._policies = settings.policies()
        self._room = room
        self._now = clock.now
        self._mark = mark
        self.marked: dict[str, float] = {}  # until when; the oldest marks first, none for longer than expiry

    def note(self, channel: str) -> None:
        """It is full. The mark ends by itself when its oldest message does."""
        now = self._now()
        if self.marked.get(channel, 0.0) > now or self._policies.of(channel) != RAISE:
            return
        age = self._room.channel_statistics(channel)["messages_max_age"]
        seconds = max(LEAST_SECONDS, self._expiry - age)
        self._forget_ended(now)
        self.marked.pop(channel, None)
        self.marked[channel] = now + seconds
        self._mark(channel, seconds)

    def eased(self, channel: str) -> None:
        """Something was read."""
        if self.marked.pop(channel, None) is not None:
            self._mark(channel, 0.0)

    def clear(self) -> None:
        for channel in list(self.marked):
            self.eased(channel)

    def _forget_ended(self, now: float) -> None:
        while self.marked:
            oldest = next(iter(self.marked))
            if self.marked.get(oldest, 0.0) > now:
                return
            self.marked.pop(oldest, None)
