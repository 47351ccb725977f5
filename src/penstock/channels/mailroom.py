"""All mailboxes of one process, and everybody who waits at them, on any loop and in any thread.

One lock is held for operations on dictionaries and queues, never while anybody is called or waited for. A
message stays in its mailbox until the task that takes it runs: whoever is cancelled has taken nothing.
"""

import asyncio
import threading
from collections.abc import Callable, Iterable
from typing import Any

from penstock.channels.clock import Clock
from penstock.channels.counts import Counts
from penstock.channels.errors import LayerClosed
from penstock.channels.family import Family
from penstock.channels.mailbox import ACCEPTED, CLOSED, FULL, Entry, Mailbox
from penstock.channels.messages import Frozen
from penstock.channels.policies import Policy
from penstock.channels.readers import Loop, finish, running_loop
from penstock.channels.settings import LayerSettings
from penstock.channels.shelves import Shelves

TAKES_IN_A_ROW = 64  # then the loop gets a turn, or a reader that never waits would starve all other tasks


class Fanout:
    """What has become of a message that was put into many mailboxes."""

    __slots__ = ("closed", "crowded")

    def __init__(self) -> None:
        self.closed: list[str] = []  # channels that it has closed
        self.crowded = False  # whether a mailbox is half full


class Mailroom:
    """`on_unread(channel)` is told when messages have expired in a channel from which nobody took anything
    for as long as messages last; no lock is held then.
    """

    def __init__(self, settings: LayerSettings, clock: Clock, on_unread: Callable[[str], None]) -> None:
        self._expiry = settings.expiry
        self._now = clock.now
        self._on_unread = on_unread
        self._counts = Counts()
        self._shelves = Shelves(settings, self._counts)
        self._boxes = self._shelves.boxes
        self._lock = threading.Lock()
        self._closed = False

    def entry(self, frozen: Frozen, *, attempt: int = 1, is_notice: bool = False) -> Entry:
        """`frozen` as a message that is sent now."""
        now = self._now()
        return Entry(frozen, now, now + self._expiry, attempt, is_notice)

    # Putting.

    def is_crowded(self, channel: str) -> bool:
        """Whether a sender had better give the channel's readers a turn of the loop first."""
        box = self._boxes.get(channel)
        return box is not None and box.is_crowded

    def put(self, channel: str, entry: Entry, policy: Policy | None = None) -> int:
        """Returns what has become of it: a constant of `mailbox`."""
        here = running_loop()
        with self._lock:
            box = self._box(channel, entry.sent_at)
            outcome = box.put(entry, entry.sent_at, policy)
            if outcome == ACCEPTED:
                self._counts.messages.add(entry.sent_at)
                self._arrived(box, here)
            elif outcome == CLOSED:
                self._arrived(box, here)
        return outcome

    def put_to_all(self, channels: Iterable[str], entry: Entry, policy: Policy | None) -> Fanout:
        """To each of `channels`. One that is full and would raise is left out."""
        fanout = Fanout()
        accepted = 0
        here = running_loop()
        now = entry.sent_at
        boxes = self._boxes
        with self._lock:
            for channel in channels:
                box = boxes[channel] if channel in boxes else self._box(channel, now)
                outcome = box.put(entry, now, policy)
                if outcome == ACCEPTED:
                    accepted += 1
                    if not box.readers.wake(here):
                        self._unclaimed(box, here)
                        fanout.crowded = fanout.crowded or box.is_crowded
                else:
                    self._left_out(box, outcome, fanout, here)
            self._counts.messages.add(now, accepted)
        return fanout

    def put_anyway(self, channel: str, entry: Entry) -> None:
        """Whether there is room or not: work that comes again, what the layer itself has to say."""
        here = running_loop()
        with self._lock:
            box = self._box(channel, entry.sent_at)
            box.put_anyway(entry, entry.sent_at)
            self._arrived(box, here)

    def announce(self, frozen: Frozen) -> None:
        """Put a notice into every channel that is there."""
        entry = self.entry(frozen, is_notice=True)
        for channel in list(self._boxes):
            self.put_anyway(channel, entry)

    def disorder(self, channel: str, place: float) -> None:
        """Move the newest message of `channel`, from 0.0, in front, to 1.0: for tests of what comes of it."""
        with self._lock:
            box = self._boxes.get(channel)
            if box:
                box.move_last(place)

    def count_drop(self, channel: str, reason: str) -> None:
        """A message for `channel` was dropped before it came here."""
        with self._lock:
            self._box(channel, self._now()).drop(reason)

    # Taking.

    async def take(self, name: str) -> tuple[str, Entry]:
        """The next message of channel `name`, or of all that begin with `name!`, and which channel it is
        from. Raises ChannelClosed once for each time that the channel was closed.
        """
        while True:
            found = self._take_or_join(name)
            if isinstance(found, tuple):
                return found
            try:
                await found
            except BaseException:
                self._leave(name, found)
                raise

    def take_now(self, name: str) -> tuple[str, Entry] | None:
        """As `take`, if there is a message; a layer that gives unread messages back needs it."""
        with self._lock:
            if self._closed or (name not in self._boxes and not name.endswith("!")):
                return None
            found = self._source(name, self._now()).take(self._now())
            return (name, found) if isinstance(found, Entry) else found

    def knows(self, channel: str) -> bool:
        """Whether it has a mailbox: then its name was checked before."""
        return channel in self._boxes

    # The whole room.

    def inspect(self) -> float:
        """Look at a few of the mailboxes that are due for it. Everybody who uses the room calls it first.
        Returns the time that it is.
        """
        now = self._now()
        if now >= self._shelves.next_inspection:
            with self._lock:
                unread = self._shelves.inspect(now)
            for channel in unread:
                self._on_unread(channel)
        return now

    def flush(self) -> None:
        """Drop all messages. Who waits goes on waiting."""
        with self._lock:
            for box in self._boxes.values():
                box.clear()

    def close(self) -> None:
        """Whoever waits, or comes later, is raised LayerClosed."""
        here = running_loop()
        with self._lock:
            self._closed = True
            for source in self._shelves.sources():
                source.readers.wake_all(here)
            self._shelves.clear()

    def statistics(self) -> dict[str, Any]:
        with self._lock:
            now = self._now()
            for box in self._boxes.values():
                box.expire(now)
            pending = sum(map(len, self._boxes.values()))
            max_age = max((box.max_age(now) for box in self._boxes.values()), default=0.0)
            return self._counts.statistics(now, pending, max_age)

    def channel_statistics(self, channel: str) -> dict[str, Any]:
        with self._lock:
            now = self._now()
            if (box := self._boxes.get(channel)) is None:
                return Counts().statistics(now, 0, 0.0)
            box.expire(now)
            return box.counts.statistics(now, len(box), box.max_age(now))

    # Below.

    def _take_or_join(self, name: str) -> tuple[str, Entry] | asyncio.Future[None]:
        """What there is, or else a future that is done when it is worth looking again. Who has taken much
        without waiting gets one as well, done at the loop's next turn.
        """
        now = self._now()
        if now >= self._shelves.next_inspection:
            self.inspect()
        with self._lock:
            box = self._boxes.get(name)
            source = self._source(name, now) if box is None else box
            if source.row >= TAKES_IN_A_ROW:
                source.row = 0
                return _next_turn()
            if (found := source.take(now)) is not None:
                source.row += 1
                return (name, found) if isinstance(found, Entry) else found
            source.row = 0
            return source.readers.join(asyncio.get_running_loop())

    def _leave(self, name: str, future: asyncio.Future[None]) -> None:
        """Who is cancelled after having been woken wakes the next in its place."""
        with self._lock:
            if self._closed:
                return
            source = self._source(name, self._now())
            if not source.readers.leave(future):
                self._pass_on(source)
            if isinstance(source, Family):
                self._shelves.forget_family(source)

    # Below, with the lock held.

    def _box(self, name: str, now: float) -> Mailbox:
        box = self._boxes.get(name)
        if box is not None:
            return box
        if self._closed:
            raise LayerClosed("the layer is closed; nothing more can be sent or received")
        return self._shelves.new_box(name, now)

    def _source(self, name: str, now: float) -> Mailbox | Family:
        if name.endswith("!") and not self._closed:
            return self._shelves.read_family(name)
        return self._box(name, now)

    def _arrived(self, box: Mailbox, here: Loop | None) -> None:
        """Wake one who waits for this channel, or for its family."""
        if not box.readers.wake(here):
            self._unclaimed(box, here)

    def _unclaimed(self, box: Mailbox, here: Loop | None) -> None:
        """Nobody waits for this channel alone."""
        family = self._shelves.reading_family(box)
        if family is not None:
            family.arrived(box)
            family.readers.wake(here)

    def _left_out(self, box: Mailbox, outcome: int, fanout: Fanout, here: Loop | None) -> None:
        if outcome == FULL:
            box.drop("full")
        elif outcome == CLOSED:
            fanout.closed.append(box.name)
            self._arrived(box, here)

    def _pass_on(self, source: Mailbox | Family) -> None:
        here = running_loop()
        if isinstance(source, Family):
            source.readers.wake(here)
        elif source or source.closed:
            self._arrived(source, here)


def _next_turn() -> asyncio.Future[None]:
    """A future that the loop finishes when all others have had their turn."""
    loop = asyncio.get_running_loop()
    future: asyncio.Future[None] = loop.create_future()
    loop.call_soon(finish, future)
    return future
