"""Work that was taken and not yet answered for.

It is leased for `ack_seconds`. Whoever has not acknowledged by then is taken for dead, and the work goes back
into its channel, behind the others; when `max_attempts` have failed it goes to the dead letters.
"""

import threading

from penstock.channels.entry import Entry
from penstock.channels.interface import Delivery
from penstock.channels.mailroom import Mailroom
from penstock.channels.names import dead_letter_channel
from penstock.channels.policies import DROP_OLDEST
from penstock.channels.schedule import Schedule, checked_seconds
from penstock.channels.settings import LayerSettings


class Works:
    """The leases of one process."""

    def __init__(self, settings: LayerSettings, room: Mailroom, timers: Schedule) -> None:
        self._ack_seconds = settings.ack_seconds
        self._max_attempts = settings.max_attempts
        self._room = room
        self._timers = timers
        self._leases: dict[LeasedDelivery, str] = {}
        self._lock = threading.Lock()

    def lease(self, channel: str, entry: Entry, now: float) -> Delivery:
        work = LeasedDelivery(channel, entry, self)
        with self._lock:
            self._leases[work] = self._timers.at(now + self._ack_seconds, lambda: self._run_out(work))
        return work

    def end(self, work: "LeasedDelivery") -> bool:
        """Returns whether the lease had not run out."""
        with self._lock:
            token = self._leases.pop(work, None)
        if token is None:
            return False
        self._timers.cancel(token)
        return True

    def put_back(self, work: "LeasedDelivery", seconds: float) -> None:
        if work.attempt >= self._max_attempts:
            self.bury(work)
        elif seconds > 0:
            when = self._room.entry(work.frozen).sent_at + seconds
            self._timers.at(when, lambda: self._put_again(work))
        else:
            self._put_again(work)

    def bury(self, work: "LeasedDelivery") -> None:
        """Dead letters that nobody reads make room for newer ones."""
        self._room.put(dead_letter_channel(work.channel), self._room.entry(work.frozen), DROP_OLDEST)

    def clear(self) -> None:
        with self._lock:
            self._leases.clear()

    def _run_out(self, work: "LeasedDelivery") -> None:
        if self.end(work):
            self.put_back(work, 0.0)

    def _put_again(self, work: "LeasedDelivery") -> None:
        entry = self._room.entry(work.frozen, attempt=work.attempt + 1)
        self._room.put_anyway(work.channel, entry)


class LeasedDelivery(Delivery):
    __slots__ = ("_works", "frozen")

    def __init__(self, channel: str, entry: Entry, works: Works) -> None:
        super().__init__(channel, entry.frozen.thaw(), entry.attempt)
        self.frozen = entry.frozen
        self._works = works

    async def ack(self) -> bool:
        return self._works.end(self)

    async def retry(self, seconds: float = 0.0) -> bool:
        checked_seconds(seconds)
        if not self._works.end(self):
            return False
        self._works.put_back(self, seconds)
        return True

    async def reject(self) -> bool:
        if not self._works.end(self):
            return False
        self._works.bury(self)
        return True
