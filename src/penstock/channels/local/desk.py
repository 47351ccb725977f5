"""Where the hub hands out what is in its own mailboxes: each message to one of the readers that wait.

Readers are in other processes and wait in the order they came. Work that is taken is leased; it comes back at
once when its process dies, not only when the lease runs out.
"""

import itertools
from collections import OrderedDict, deque
from dataclasses import dataclass

from penstock.channels.clock import Clock
from penstock.channels.entry import Entry
from penstock.channels.errors import ChannelClosed
from penstock.channels.interface import Delivery
from penstock.channels.local.frames import CLOSED_CHANNEL, TAKEN, UNTAKEN
from penstock.channels.local.peer import Peer
from penstock.channels.local.room import HubRoom
from penstock.channels.local.share import Sealed
from penstock.channels.names import reading_prefix
from penstock.channels.schedule import Schedule
from penstock.channels.settings import LayerSettings
from penstock.channels.work import LeasedDelivery, Works

ACKNOWLEDGE, RETRY, REJECT = range(3)  # how work ends


@dataclass(slots=True)
class Lease:
    peer: Peer
    work: LeasedDelivery
    runs_out: float


class Desk:
    """The lock of the layer is held."""

    def __init__(self, settings: LayerSettings, clock: Clock, room: HubRoom, timers: Schedule) -> None:
        self._clock = clock
        self._room = room
        self._ack_seconds = settings.ack_seconds
        self._works = Works(settings, room, timers)
        self._claims: dict[str, deque[tuple[Peer, bool]]] = {}
        self._leases: OrderedDict[int, Lease] = OrderedDict()
        self._numbers = itertools.count(1)

    def claim(self, peer: Peer, name: str, is_work: bool, count: int) -> None:
        """So many readers wait for `name`, a channel or a prefix."""
        self._claims.setdefault(name, deque()).extend([(peer, is_work)] * count)
        self._serve(name)

    def unclaim(self, peer: Peer, name: str, is_work: bool, count: int) -> None:
        """Some have gone away; those that were served before stay so, and the process is told how many."""
        queue = self._claims.get(name, deque())
        gone = 0
        while gone < count and (peer, is_work) in queue:
            queue.remove((peer, is_work))
            gone += 1
        self._tidy(name)
        peer.post((UNTAKEN, 0, name, is_work, count, gone))

    def arrived(self, channel: str) -> None:
        """There may be a message in `channel`."""
        if channel in self._claims:
            self._serve(channel)
        prefix = reading_prefix(channel)
        if prefix in self._claims:
            self._serve(prefix)

    def give_back(self, channel: str, entry: Entry, lease: int) -> None:
        """A message whose reader went away while it was on its way."""
        if lease and not self._end(lease):
            return  # it ran out, so somebody else has it
        self._room.put_first(channel, entry)

    def end_work(self, number: int, how: int, seconds: float) -> bool:
        """False when the lease had run out."""
        lease = self._end(number)
        if lease is None:
            return False
        if how == RETRY:
            self._works.put_back(lease.work, seconds)
        elif how == REJECT:
            self._works.bury(lease.work)
        return True

    def leave(self, peer: Peer) -> None:
        """The process is gone: others get what it had not finished."""
        for name in list(self._claims):
            self._claims[name] = deque(claim for claim in self._claims[name] if claim[0] is not peer)
            self._tidy(name)
        for number in [number for number, lease in self._leases.items() if lease.peer is peer]:
            self.end_work(number, RETRY, 0.0)

    def clear(self) -> None:
        """Who waits goes on waiting."""
        self._works.clear()
        self._leases.clear()

    def _serve(self, name: str) -> None:
        while queue := self._claims.get(name):
            try:
                found = self._room.take_nowait(name)
            except ChannelClosed:
                peer, is_work = queue.popleft()
                peer.post((CLOSED_CHANNEL, 0, name, is_work))
                continue
            if found is None:
                return
            if found[1].is_notice and queue[0][1]:
                continue  # no work
            peer, is_work = queue.popleft()
            self._tidy(name)
            self._hand_out(peer, name, is_work, *found)

    def _hand_out(self, peer: Peer, name: str, is_work: bool, channel: str, entry: Entry) -> None:
        sealed = entry.frozen
        packed = sealed.packed if isinstance(sealed, Sealed) else b""
        lease = self._lease(peer, channel, entry) if is_work else 0
        facts = (entry.sent_at, entry.deadline, entry.attempt, lease)
        peer.post((TAKEN, 0, name, is_work, channel, packed, *facts))

    def _lease(self, peer: Peer, channel: str, entry: Entry) -> int:
        now = self._clock.now()
        self._forget_run_out(now)
        number = next(self._numbers)
        work: Delivery = self._works.lease(channel, entry, now)
        if isinstance(work, LeasedDelivery):
            self._leases[number] = Lease(peer, work, now + self._ack_seconds)
        return number

    def _end(self, number: int) -> Lease | None:
        """The lease, which is over, unless it was before."""
        lease = self._leases.pop(number, None)
        return lease if lease is not None and self._works.end(lease.work) else None

    def _forget_run_out(self, now: float) -> None:
        """All last equally long: the oldest are in front."""
        while self._leases and next(iter(self._leases.values())).runs_out < now:
            self._leases.popitem(last=False)

    def _tidy(self, name: str) -> None:
        if not self._claims.get(name, True):
            del self._claims[name]
