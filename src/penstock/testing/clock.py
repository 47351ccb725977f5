"""A clock that stands still until a test moves it, for whatever takes a `penstock.channels.clock.Clock`."""

import heapq
import itertools
import threading
from collections.abc import Callable


class VirtualTimer:
    """What `call_at` returns."""

    __slots__ = ("callback",)

    def __init__(self, callback: Callable[[], None]) -> None:
        self.callback: Callable[[], None] | None = callback

    def cancel(self) -> None:
        self.callback = None


class VirtualClock:
    """Time goes on in `advance` alone, which calls what is due in order, each at its own time."""

    def __init__(self, now: float = 1000.0) -> None:
        self._now = now
        self._timers: list[tuple[float, int, VirtualTimer]] = []
        self._order = itertools.count()
        self._changing = threading.Lock()

    def now(self) -> float:
        return self._now

    def call_at(self, when: float, callback: Callable[[], None]) -> VirtualTimer:
        timer = VirtualTimer(callback)
        with self._changing:
            heapq.heappush(self._timers, (when, next(self._order), timer))
        return timer

    def advance(self, seconds: float) -> None:
        end = self._now + seconds
        while (timer := self._next_until(end)) is not None:
            if timer.callback is not None:
                timer.callback()
        self._now = end

    def _next_until(self, end: float) -> VirtualTimer | None:
        with self._changing:
            if not self._timers or self._timers[0][0] > end:
                return None
            when, _, timer = heapq.heappop(self._timers)
            self._now = max(self._now, when)
            return timer
