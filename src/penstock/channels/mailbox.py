"""The queue of one channel: bounded, expiring, and without any I/O.

Messages expire in the order they came, since all of a layer are kept equally long: what is too old is always
in front. The mailbox knows neither lock nor loop; `Mailroom` holds the one and wakes readers on the other.
"""

from collections import deque

from penstock.channels.counts import Counts
from penstock.channels.errors import ChannelClosed
from penstock.channels.messages import Frozen
from penstock.channels.policies import CLOSE, DROP_NEWEST, DROP_OLDEST, KEEP_LATEST, Policy
from penstock.channels.readers import Readers

# What has become of a message that was put.
ACCEPTED = 0
DROPPED = 1  # this one, by the channel's policy
FULL = 2  # the policy leaves it to the sender
CLOSED = 3  # the channel is closed until its reader has been told


class Entry:
    """A message on its way. One entry may be in many mailboxes."""

    __slots__ = ("attempt", "deadline", "frozen", "is_notice", "sent_at")

    def __init__(
        self, frozen: Frozen, sent_at: float, deadline: float, attempt: int = 1, is_notice: bool = False
    ) -> None:
        self.frozen = frozen
        self.sent_at = sent_at
        self.deadline = deadline
        self.attempt = attempt
        self.is_notice = is_notice


# The queue of an idle mailbox, as most of a server's are: a deque takes 760 bytes. It is shared and takes no
# entry.
NOTHING: deque[Entry] = deque(maxlen=0)


class Mailbox:
    """`taken_at` is when something was last taken, `used_at` when anything was last done with it; `row`
    counts what was taken without waiting in between. Drops are counted here and in `totals`, the layer's.
    """

    __slots__ = (
        "_entries",
        "_totals",
        "capacity",
        "closed",
        "counts",
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
        self._entries = NOTHING

    def __len__(self) -> int:
        return len(self._entries)

    @property
    def is_crowded(self) -> bool:
        return 2 * len(self._entries) >= self.capacity

    def put(self, entry: Entry, now: float, policy: Policy | None = None) -> int:
        """Returns what has become of it. `policy` goes before the mailbox's own."""
        entries = self._entries
        self.used_at = now
        if entries and entries[0].deadline <= now:
            self.expire(now)
        if self.closed or len(entries) >= self.capacity:
            return self._put_beyond(entry, now, policy or self.policy)
        if entries is NOTHING:
            entries = self._entries = deque()
        entries.append(entry)
        self.counts.messages.add(now)
        return ACCEPTED

    def put_anyway(self, entry: Entry, now: float) -> None:
        """What was accepted before, or comes from the layer itself. A notice right behind another replaces
        it: so there are never more notices than messages, and one.
        """
        self.used_at = now
        if entry.is_notice and self._entries and self._entries[-1].is_notice:
            self._entries.pop()
        if self._entries is NOTHING:
            self._entries = deque()
        self._entries.append(entry)

    def put_first(self, entry: Entry) -> None:
        """What was taken and not read comes back, in front of all others."""
        if self._entries is NOTHING:
            self._entries = deque()
        self._entries.appendleft(entry)

    def withdraw(self, entry: Entry) -> bool:
        """Take this one back. False when it is not there any more."""
        try:
            self._entries.remove(entry)
        except ValueError:
            return False
        return True

    def move_last(self, place: float) -> None:
        """Put the newest message elsewhere, from 0.0, in front, to 1.0: for tests of what comes of it."""
        entry = self._entries.pop()
        self._entries.insert(int(place * len(self._entries)), entry)

    def take(self, now: float) -> Entry | None:
        """The oldest message that has not expired. Raises ChannelClosed, once, if the mailbox was closed."""
        if self.closed:
            self.closed = False
            raise ChannelClosed(f"{self.name} was closed: its reader fell {self.capacity} messages behind")
        entries = self._entries
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
        entries = self._entries
        before = len(entries)
        while entries and entries[0].deadline <= now:
            entries.popleft()
        if expired := before - len(entries):
            self.drop("expired", expired)
            self.has_lapsed = True

    def inspect(self, now: float) -> None:
        """Expire, and give back what an empty queue needs no more."""
        self.expire(now)
        if not self._entries:
            self._entries = NOTHING

    def drop(self, reason: str, count: int = 1) -> None:
        """Count what will never be read."""
        self.counts.drop(reason, count)
        self._totals.drop(reason, count)

    def clear(self) -> None:
        self._entries.clear()
        self.closed = False

    def max_age(self, now: float) -> float:
        """How long the oldest message has waited."""
        return now - self._entries[0].sent_at if self._entries else 0.0

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
            self._entries.popleft()
            self.drop("oldest")
        elif policy == KEEP_LATEST:
            self.drop("latest", len(self._entries))
            self._entries.clear()
        else:
            return FULL
        self._entries.append(entry)
        self.counts.messages.add(now)
        return ACCEPTED

    def _close(self) -> int:
        self.drop("closed", len(self._entries) + 1)
        self._entries.clear()
        self.closed = True
        return CLOSED
