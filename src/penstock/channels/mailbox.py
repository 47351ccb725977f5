"""The queue of one channel: bounded, expiring, and without any I/O.

Messages expire in the order they came, since all of a layer are kept equally long: what is too old is always
in front. The mailbox knows neither lock nor loop; `Mailroom` holds the one and wakes readers on the other.
"""

from collections import deque

from penstock.channels.counts import Counts
from penstock.channels.entry import Entry
from penstock.channels.errors import ChannelClosed
from penstock.channels.policies import CLOSE, DROP_NEWEST, DROP_OLDEST, KEEP_LATEST, Policy
from penstock.channels.readers import Readers
from penstock.channels.waking import Woken

# What has become of a message that was put.
ACCEPTED = 0
DROPPED = 1  # this one, by the channel's policy
FULL = 2  # the policy leaves it to the sender
CLOSED = 3  # the channel is closed until its reader has been told


# The queue of an idle mailbox, as most of a server's are: a deque takes 760 bytes. It is shared and takes no
# entry.
NOTHING: deque[Entry] = deque(maxlen=0)


class Mailbox:
    """`taken_at` is when something was last taken, `used_at` when anything was last done with it; `row`
    counts what was taken without waiting in between. Drops are counted here and in `totals`, the layer's.
    """

    __slots__ = (
        "_totals",
        "capacity",
        "closed",
        "counts",
        "entries",
        "has_lapsed",
        "name",
        "policy",
        "readers",
        "row",
        "taken_at",
        "used_at",
    )

    def __init__(self, name: str, capacity: int, policy: Policy, now: float, totals: Counts) -> None:
        self.name = name
        self.capacity = capacity
        self.policy = policy
        self.closed = False
        self.has_lapsed = False  # whether a message has expired since one was taken
        self.row = 0
        self.taken_at = self.used_at = now
        self.readers = Readers()
        self.counts = Counts()
        self._totals = totals
        self.entries = NOTHING

    def __len__(self) -> int:
        return len(self.entries)

    @property
    def is_crowded(self) -> bool:
        return 2 * len(self.entries) >= self.capacity

    def put(self, entry: Entry, now: float, policy: Policy | None = None) -> int:
        """Returns what has become of it. `policy` goes before the mailbox's own."""
        entries = self.entries
        self.used_at = now
        if entries or self.closed:
            if entries and entries[0].deadline <= now:
                self.expire(now)
            if self.closed or len(entries) >= self.capacity:
                return self._put_beyond(entry, now, policy or self.policy)
        elif entries is NOTHING:
            entries = self.entries = deque()
        entries.append(entry)
        self.counts.messages.add(now)
        return ACCEPTED

    def hand(self, entry: Entry, now: float, woken: Woken) -> bool:
        """Give it to the reader who waits, without a stay in the queue."""
        if self.entries or self.closed or not self.readers.hand(entry, woken):
            return False
        self.taken_at = self.used_at = now
        self.has_lapsed = False
        self.counts.messages.add(now)
        return True

    def put_anyway(self, entry: Entry, now: float) -> None:
        """What was accepted before, or comes from the layer itself. A notice right behind another replaces
        it: so there are never more notices than messages, and one.
        """
        self.used_at = now
        if self.entries is NOTHING:
            self.entries = deque()
        if entry.is_notice and self.entries:
            newest = self.entries.pop()
            if not newest.is_notice:
                self.entries.append(newest)
        self.entries.append(entry)

    def put_first(self, entry: Entry) -> None:
        """What was taken and not read comes back, in front of all others."""
        if self.entries is NOTHING:
            self.entries = deque()
        self.entries.appendleft(entry)

    def put_back(self, entry: Entry) -> None:
        """A reader had it in its hands and was cancelled. If a policy has filled its place up with newer
        messages since, it goes as the oldest does.
        """
        if self.closed:
            self.drop("closed")
        elif len(self.entries) >= self.capacity and self.policy in {DROP_OLDEST, KEEP_LATEST}:
            self.drop("oldest")
        else:
            self.put_first(entry)

    def withdraw(self, entry: Entry) -> bool:
        """Take this one back. False when it is not there any more."""
        try:
            self.entries.remove(entry)
        except ValueError:
            return False
        return True

    def move_last(self, place: float) -> None:
        """Put the newest message elsewhere, from 0.0, in front, to 1.0: for tests of what comes of it."""
        entry = self.entries.pop()
        self.entries.insert(int(place * len(self.entries)), entry)

    def take(self, now: float) -> Entry | None:
        """The oldest message that has not expired. Raises ChannelClosed, once, if the mailbox was closed."""
        if self.closed:
            self.closed = False
            raise ChannelClosed(f"{self.name} was closed: its reader fell {self.capacity} messages behind")
        entries = self.entries
        while entries:
            entry = entries.popleft()
            if entry.deadline > now:
                self.taken_at = self.used_at = now
                self.has_lapsed = False
                return entry
            self.drop("expired")
        return None

    def expire(self, now: float) -> None:
        """Drop what is too old."""
        entries = self.entries
        before = len(entries)
        while entries and entries[0].deadline <= now:
            entries.popleft()
        if expired := before - len(entries):
            self.drop("expired", expired)
            self.has_lapsed = True

    def inspect(self, now: float) -> None:
        """Expire, and give back what an empty queue needs no more."""
        self.expire(now)
        if not self.entries:
            self.entries = NOTHING

    def drop(self, reason: str, count: int = 1) -> None:
        """Count what will never be read."""
        self.counts.drop(reason, count)
        self._totals.drop(reason, count)

    def clear(self) -> None:
        self.entries.clear()
        self.closed = False

    def max_age(self, now: float) -> float:
        """How long the oldest message has waited."""
        return now - self.entries[0].sent_at if self.entries else 0.0

    def _put_beyond(self, entry: Entry, now: float, policy: Policy) -> int:
        if self.closed:
            self.drop("closed")
            return CLOSED
        self.counts.full.add(now)
        self._totals.full.add(now)
        if policy == CLOSE:
            return self._close()
        if policy == DROP_NEWEST:
            self.drop("newest")
            return DROPPED
        if policy == DROP_OLDEST:
            self.entries.popleft()
            self.drop("oldest")
        elif policy == KEEP_LATEST:
            self.drop("latest", len(self.entries))
            self.entries.clear()
        else:
            return FULL
        self.entries.append(entry)
        self.counts.messages.add(now)
        return ACCEPTED

    def _close(self) -> int:
        self.drop("closed", len(self.entries) + 1)
        self.entries.clear()
        self.closed = True
        return CLOSED
