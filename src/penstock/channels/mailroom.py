"""All mailboxes of one process, and everybody who waits at them, on any loop and in any thread.

One lock is held for operations on dictionaries and queues, never while anybody is called or waited for. Who
is cancelled has taken nothing: a message stays in its mailbox until the task runs, or goes back into it.
"""

import threading
from asyncio import get_running_loop
from collections.abc import Callable, Iterable
from typing import Any

from penstock.channels.clock import Clock
from penstock.channels.counts import Counts
from penstock.channels.entry import Entry
from penstock.channels.errors import LayerClosed
from penstock.channels.family import Family
from penstock.channels.mailbox import ACCEPTED, CLOSED, FULL, Mailbox
from penstock.channels.messages import RESERVED_KEY, Frozen, Message
from penstock.channels.policies import Policy
from penstock.channels.settings import LayerSettings
from penstock.channels.shelves import Shelves
from penstock.channels.waking import Waiter, Woken

TAKES_IN_A_ROW = 64  # then the loop gets a turn, or a reader that never waits would starve all other tasks


class Fanout:
    """What has become of a message that was put into many mailboxes."""

    __slots__ = ("accepted", "closed", "crowded")

    def __init__(self) -> None:
        self.accepted = 0  # by how many mailboxes
        self.closed: list[str] = []  # channels that it has closed
        self.crowded = False  # whether a mailbox is half full


class Mailroom:
    """`on_unread(channel)` is told when messages have expired in a channel from which nobody took anything
    for as long as messages last; no lock is held then.
    """

    __slots__ = (
        "_acquire",
        "_boxes",
        "_closed",
        "_counts",
        "_expiry",
        "_lock",
        "_now",
        "_on_unread",
        "_release",
        "_shelves",
        "knows",
    )

    def __init__(self, settings: LayerSettings, clock: Clock, on_unread: Callable[[str], None]) -> None:
        self._expiry = settings.expiry
        self._now = clock.now
        self._on_unread = on_unread
        self._counts = Counts()
        self._shelves = Shelves(settings, self._counts)
        self._boxes = self._shelves.boxes
        self.knows: Callable[[str], bool] = self._boxes.__contains__  # what has a mailbox was checked before
        self._lock = threading.Lock()
        self._acquire, self._release = self._lock.acquire, self._lock.release
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

    def is_full(self, channel: str) -> bool:
        box = self._boxes.get(channel)
        return box is not None and len(box) >= box.capacity

    def put(self, channel: str, entry: Entry, policy: Policy | None = None) -> int:
        """Returns what has become of it: a constant of `mailbox`."""
        now = entry.sent_at
        woken = Woken()
        outcome = ACCEPTED
        with self._lock:
            box = self._box(channel, now)
            if not box.hand(entry, now, woken):
                outcome = box.put(entry, now, policy)
                if outcome in {ACCEPTED, CLOSED}:
                    self._wake_one(box, woken)
            if outcome == ACCEPTED:
                self._counts.messages.add(now)
        woken.resume()
        return outcome

    def put_to_all(self, channels: Iterable[str], entry: Entry, policy: Policy | None) -> Fanout:
        """To each of `channels`. One that is full and would raise is left out."""
        fanout = Fanout()
        now = entry.sent_at
        boxes = self._boxes
        woken = Woken()
        with self._lock:
            for channel in channels:
                box = boxes[channel] if channel in boxes else self._box(channel, now)
                if box.hand(entry, now, woken):
                    fanout.accepted += 1
                else:
                    self._put_one(box, entry, policy, fanout, woken)
            self._counts.messages.add(now, fanout.accepted)
        woken.resume()
        return fanout

    def put_anyway(self, channel: str, entry: Entry) -> None:
        """Whether there is room or not: work that comes again, what the layer itself has to say."""
        with self._lock:
            box = self._box(channel, entry.sent_at)
            box.put_anyway(entry, entry.sent_at)
            self._arrived(box)

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

    def read(self, name: str) -> Message | Waiter:
        """As `take`, without waiting: the message itself, the reader's own copy, or a waiter. Who awaits
        that, at once, gets an entry or is to ask again, and has taken nothing if it is cancelled.
        """
        self._acquire()  # `with` takes twice as long
        try:
            box = self._boxes.get(name)
            if box is not None and box.row < TAKES_IN_A_ROW:
                if not box.entries and not box.closed:
                    box.row = 0
                    return box.readers.join(get_running_loop(), self, name)
                now = self._now()
                if now < self._shelves.next_inspection and (entry := box.take(now)) is not None:
                    box.row += 1
                    return entry.frozen.thaw()
        finally:
            self._release()
        return self._read_slowly(name)

    async def take(self, name: str) -> tuple[str, Entry]:
        """The next message of channel `name`, or of all that begin with `name!`, and which channel it is
        from. Raises ChannelClosed once for each time that the channel was closed.
        """
        while isinstance(found := self._take_or_join(name), Waiter):
            await found
            if (entry := found.take_entry()) is not None:
                return name, entry
        return found

    def leave(self, name: str, waiter: Waiter) -> None:
        """A waiter waits no more. If it was woken before, the next is woken in its place."""
        with self._lock:
            if self._closed:
                return
            source = self._source(name, self._now())
            if waiter.entry is not None and isinstance(source, Mailbox):
                source.put_back(waiter.entry)
                self._arrived(source)
            elif not source.readers.leave(waiter):
                self._pass_on(source)
            if isinstance(source, Family):
                self._shelves.forget_family(source)

    def take_now(self, name: str) -> tuple[str, Entry] | None:
        """As `take`, if there is a message; a layer that gives unread messages back needs it."""
        with self._lock:
            if self._closed or (name not in self._boxes and not name.endswith("!")):
                return None
            found = self._source(name, self._now()).take(self._now())
            return (name, found) if isinstance(found, Entry) else found

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
        with self._lock:
            self._closed = True
            woken = Woken()
            for source in self._shelves.sources():
                source.readers.wake_all(woken)
            woken.resume()
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

    def _read_slowly(self, name: str) -> Message | Waiter:
        found = self._take_or_join(name)
        if isinstance(found, Waiter):
            return found
        channel, entry = found
        message = entry.frozen.thaw()
        if channel != name:
            message[RESERVED_KEY] = channel
        return message

    def _take_or_join(self, name: str) -> tuple[str, Entry] | Waiter:
        """What there is, or else a waiter that is woken when it is worth looking again. Who has taken much
        without waiting gets one as well, woken at the loop's next turn.
        """
        now = self.inspect()
        with self._lock:
            source = self._source(name, now)
            if source.row >= TAKES_IN_A_ROW:
                source.row = 0
                return self._next_turn(name)
            if (found := source.take(now)) is not None:
                source.row += 1
                return (name, found) if isinstance(found, Entry) else found
            return self._join(source, name)

    # Below, with the lock held.

    def _join(self, source: Mailbox | Family, name: str) -> Waiter:
        source.row = 0
        return source.readers.join(get_running_loop(), self, name)

    def _next_turn(self, name: str) -> Waiter:
        """A waiter whom the loop wakes when all others have had their turn."""
        loop = get_running_loop()
        waiter = Waiter(loop, self, name)
        loop.call_soon(waiter.wake)
        return waiter

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

    def _put_one(
        self, box: Mailbox, entry: Entry, policy: Policy | None, fanout: Fanout, woken: Woken
    ) -> None:
        """Of many: into the queue."""
        outcome = box.put(entry, entry.sent_at, policy)
        if outcome == FULL:
            box.drop("full")
        elif outcome == CLOSED:
            fanout.closed.append(box.name)
            self._wake_one(box, woken)
        elif outcome == ACCEPTED:
            fanout.accepted += 1
            if not self._wake_one(box, woken):
                fanout.crowded = fanout.crowded or box.is_crowded

    def _arrived(self, box: Mailbox) -> None:
        woken = Woken()
        self._wake_one(box, woken)
        woken.resume()

    def _wake_one(self, box: Mailbox, woken: Woken) -> bool:
        """Wake one who waits for this channel, or else for its family. False when none waits for it alone."""
        if box.readers.wake(woken):
            return True
        family = self._shelves.reading_family(box)
        if family is not None:
            family.arrived(box)
            family.readers.wake(woken)
        return False

    def _pass_on(self, source: Mailbox | Family) -> None:
        if isinstance(source, Family):
            woken = Woken()
            source.readers.wake(woken)
            woken.resume()
        elif source or source.closed:
            self._arrived(source)
