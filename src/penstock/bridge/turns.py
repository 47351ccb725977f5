"""Admission: how many requests run at one time, and a bounded waiting room for the rest.

A request that finds the server full waits for its turn in order of arrival; one that finds the waiting room
full, or waits too long, is refused with 503 and `Retry-After`. Only made when `max_concurrent_requests` is
set.
"""

from collections import OrderedDict
from collections.abc import Callable

from penstock.base.limits import Limits
from penstock.bridge.exchange import Exchange


class Turns:
    """`start` runs a request whose turn has come."""

    def __init__(self, limits: Limits, start: Callable[[Exchange], None]) -> None:
        self._start = start
        self._most_running = limits.max_concurrent_requests or 0
        self._most_waiting = limits.max_waiting_requests
        self._waiting_seconds = limits.waiting_seconds
        self._inside: set[Exchange] = set()
        self._waiting: OrderedDict[Exchange, float | None] = OrderedDict()  # each with its deadline
        self._calling = False

    def enter(self, request: Exchange) -> None:
        """Start the request now, later, or refuse it."""
        if len(self._inside) < self._most_running and not self._waiting:
            self._admit(request)
        elif len(self._waiting) < self._most_waiting:
            self._waiting[request] = None
        else:
            request.refuse_busy()

    def leave(self, request: Exchange) -> None:
        """A request has finished (or never had a turn, which is no harm): the next one's turn has come."""
        if request in self._inside:
            self._inside.discard(request)
            self._call_waiting()

    def abandon(self, request: Exchange) -> None:
        """The client of a request has gone: it waits no longer. One that has had its turn keeps it until it
        leaves.
        """
        self._waiting.pop(request, None)

    def handle_deadline(self, now: float) -> None:
        """Refuse those who waited too long. The clock of a request starts at the first sweep that sees it."""
        for request, deadline in list(self._waiting.items()):
            if deadline is None:
                self._waiting[request] = now + self._waiting_seconds
            elif deadline <= now and self._waiting.pop(request, None) is not None:
                request.refuse_busy()

    def _call_waiting(self) -> None:
        """Many may finish while they are started, each of which leaves: one loop, or a thousand calls would
        be nested.
        """
        if self._calling:
            return
        self._calling = True
        try:
            while self._waiting and len(self._inside) < self._most_running:
                self._admit(self._waiting.popitem(last=False)[0])
        finally:
            self._calling = False

    def _admit(self, request: Exchange) -> None:
        self._inside.add(request)
        self._start(request)
