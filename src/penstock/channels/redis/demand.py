"""What this process asks queues for: as many messages as it has readers who wait.

A queue hands a message to one process that asked, so that several share it and none gets what another has
got. A reader that gives up is taken back; a message that was on its way to it goes to the next reader here,
or back to the queue, in front.
"""

import struct
from collections.abc import Callable
from typing import Any

from penstock.channels.entry import Entry
from penstock.channels.mailroom import Mailroom
from penstock.channels.messages import Frozen
from penstock.channels.redis.shard import Shard

HEAD = struct.Struct(">dI")  # of a record: when it expires in milliseconds of the server, which attempt it is
CLOSED = b"closed"
ACKED = "+"  # behind the name of a queue whose readers acknowledge: they share no mailbox with others


class Taken(Entry):
    """A message out of a queue, as it came: it can be given back."""

    __slots__ = ("hidden", "record", "token")

    def __init__(
        self, frozen: Frozen, times: tuple[float, float], attempt: int, raw: tuple[str, str, bytes]
    ) -> None:
        super().__init__(frozen, *times, attempt)
        self.hidden, self.token, self.record = raw

    @property
    def says_closed(self) -> bool:
        """Instead of a message: the queue was closed."""
        return self.record == CLOSED


class Wanted:
    """`waiting` readers; `held` messages in the mailbox for them; `asking` is on its way to the queue and
    `asked` is noted there: below zero while a message is here before the answer that would have announced it,
    since the two come by different connections.
    """

    __slots__ = ("ack", "asked", "asking", "held", "hidden", "name", "waiting")

    def __init__(self, name: str, hidden: str, ack: int) -> None:
        self.name = name  # of the mailbox
        self.hidden = hidden  # of the queue
        self.ack = ack  # milliseconds to acknowledge, 0 for none
        self.waiting = self.held = self.asking = self.asked = 0

    @property
    def words(self) -> tuple[str, str]:
        return self.hidden, str(self.ack) if self.ack else ""


class Demand:
    """For one loop. `open_record(shard, channel, token, record)` makes the entry, or None of what cannot be
    read.
    """

    def __init__(
        self,
        room: Mailroom,
        shard_of: Callable[[str], Shard],
        open_record: Callable[[Shard, str, str, bytes], tuple[str, Taken] | None],
    ) -> None:
        self._room = room
        self._shard_of = shard_of
        self._open = open_record
        self._all: dict[str, Wanted] = {}

    def join(self, name: str, hidden: str, ack: int) -> None:
        """A reader waits at the mailbox `name`."""
        wanted = self._all.get(_key(hidden, ack))
        if wanted is None:
            wanted = self._all[_key(hidden, ack)] = Wanted(name, hidden, ack)
        wanted.waiting += 1
        self._settle(wanted)

    def leave(self, hidden: str, ack: int, took: bool) -> None:
        """It does no more, with a message or without."""
        wanted = self._all.get(_key(hidden, ack))
        if wanted is not None:
            wanted.waiting -= 1
            wanted.held -= took
            self._settle(wanted)

    def came(self, shard: Shard, key: str, channel: str, token: str, record: bytes) -> None:
        """A queue hands a message over."""
        wanted = self._all.get(key)
        if wanted is None:
            shard.tell("give_back", channel, token, record)
            return
        wanted.asked = max(-wanted.asking, wanted.asked - 1)
        self._hold(wanted, shard, channel, token, record)

    def keys(self, shard: Shard) -> list[str]:
        """The queues of a shard that it waits at."""
        return [wanted.hidden for wanted in self._all.values() if self._shard_of(wanted.hidden) is shard]

    def renew(self, shard: Shard) -> None:
        """The shard is back and may have lost what was asked for."""
        for wanted in list(self._all.values()):
            if self._shard_of(wanted.hidden) is shard:
                wanted.asked = wanted.asking = 0
                shard.tell("unwant", *wanted.words, 0)
                self._settle(wanted)

    def forget_held(self) -> None:
        """The mailroom was emptied."""
        for wanted in list(self._all.values()):
            wanted.held = 0
            self._settle(wanted)

    def give_all_back(self) -> None:
        for wanted in list(self._all.values()):
            self._give_back(wanted, wanted.held)

    def _settle(self, wanted: Wanted) -> None:
        """Ask for what is missing, give back what is too much."""
        missing = wanted.waiting - wanted.held - wanted.asking - wanted.asked
        if missing > 0:
            self._ask(wanted, missing)
        elif missing < 0:
            if wanted.held > wanted.waiting:
                self._give_back(wanted, wanted.held - wanted.waiting)
            if wanted.asked > 0:
                self._take_back(wanted, min(wanted.asked, -missing))
        if not (wanted.waiting or wanted.held or wanted.asking or wanted.asked):
            self._all.pop(_key(wanted.hidden, wanted.ack), None)

    def _ask(self, wanted: Wanted, count: int) -> None:
        shard = self._shard_of(wanted.hidden)
        if not shard.is_up:  # `renew` will ask
            return
        wanted.asking += count
        for _ in range(count):
            shard.tell("take", *wanted.words, then=lambda found: self._answered(wanted, shard, found))

    def _answered(self, wanted: Wanted, shard: Shard, found: list[Any]) -> None:
        wanted.asking = max(0, wanted.asking - 1)
        if found:
            channel, token, record = found
            self._hold(wanted, shard, channel.decode(), token.decode(), record)
        else:
            wanted.asked += 1
            self._settle(wanted)

    def _hold(self, wanted: Wanted, shard: Shard, channel: str, token: str, record: bytes) -> None:
        opened = self._open(shard, channel, token, record)
        if opened is not None:
            name, entry = opened
            wanted.held += 1
            self._room.put_anyway(name + ACKED if wanted.ack else name, entry)
        self._settle(wanted)

    def _take_back(self, wanted: Wanted, count: int) -> None:
        wanted.asked -= count
        self._shard_of(wanted.hidden).tell("unwant", *wanted.words, count)

    def _give_back(self, wanted: Wanted, count: int) -> None:
        """The newest stay in front: they are taken oldest first, and put in front newest first."""
        taken: list[Taken] = []
        others = []
        while len(taken) < count and (found := self._room.take_now(wanted.name)) is not None:
            name, entry = found
            if isinstance(entry, Taken) and not entry.says_closed:
                taken.append(entry)
            else:
                others.append((name, entry))
                wanted.held -= isinstance(entry, Taken)
        for name, entry in others:
            self._room.put_anyway(name, entry)
        wanted.held -= len(taken)
        for each in reversed(taken):
            self._shard_of(wanted.hidden).tell("give_back", each.hidden, each.token, each.record)


def _key(hidden: str, ack: int) -> str:
    return hidden + ACKED if ack else hidden
