"""Admission: how many requests run at one time, and a bounded waiting room for the rest.

A request that finds the server full waits for its turn in order of arrival; one that finds the waiting room full, or waits
too long, is refused with 503 and `Retry-After`. Only made when `max_concurrent_requests` is set.
"""

from collections import deque
from typing import Any, Protocol

from penstock.base.limits import Limits


class Waiting(Protocol):
    """A request that can be started later or refused."""

    abandoned: bool

    def start(self) -> None: ...

    def refuse_busy(self) -> None: ...


class Turns:
    def __init__(self, limits: Limits) -> None:
        self._most_running = limits.max_concurrent_requests or 0
        self._most_waiting = limits.max_waiting_requests
        self._waiting_seconds = limits.waiting_seconds
        self._inside: set[Any] = set()
        self._waiting: deque[Waiting] = deque()
        self._deadlines: dict[Waiting, float] = {}

    def enter(self, request: Waiting) -> None:
        """Start the request now, later, or refuse it."""
        if len(self._inside) < self._most_running:
            self._admit(request)
        elif len(self._waiting) < self._most_waiting:
            self._waiting.append(request)
        else:
            request.refuse_busy()

    def leave(self, request: Any) -> None:
        """A request has finished (or never had a turn, which is no harm): the next one's turn has come."""
        if request not in self._inside:
            return
        self._inside.discard(request)
        while self._waiting and len(self._inside) < self._most_running:
            following = self._waiting.popleft()
            self._deadlines.pop(following, None)
            if not following.abandoned:
                self._admit(following)

    def handle_deadline(self, now: float) -> None:
        """Refuse those who waited too long. The clock of a request starts at the first sweep that sees it."""
        for request in self._waiting:
            self._deadlines.setdefault(request, now + self._waiting_seconds)
        while self._waiting and self._deadlines[self._waiting[0]] <= now:
            request = self._waiting.popleft()
            del self._deadlines[request]
            if not request.abandoned:
                request.refuse_busy()

    def _admit(self, request: Waiting) -> None:
        self._inside.add(request)
        request.start()
