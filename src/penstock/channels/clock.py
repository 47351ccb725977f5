"""The time that a layer goes by, and timers in it.

Layers never ask the system for the time themselves: tests give them a clock that stands still
(`penstock.testing.clock`). Seconds count from an arbitrary moment and never run backwards.
"""

import asyncio
import time
from collections.abc import Callable
from typing import Protocol, runtime_checkable

from penstock.base.errors import SettingsError
from penstock.channels import background


class Timer(Protocol):
    def cancel(self) -> None: ...


@runtime_checkable
class Clock(Protocol):
    def now(self) -> float:
        """Seconds from an arbitrary moment."""
        ...

    def call_at(self, when: float, callback: Callable[[], None]) -> Timer:
        """Call `callback` when it is `when`, in any thread. It may not block."""
        ...


class MonotonicClock:
    """The system's. Its timers run on the background loop: whoever set one may be gone by then."""

    now = staticmethod(time.monotonic)

    def call_at(self, when: float, callback: Callable[[], None]) -> Timer:
        return _LoopTimer(background.loop(), when, callback)


def clock_or_system(clock: Clock | None) -> Clock:
    """What a layer goes by that was given `clock`. Raises SettingsError."""
    if clock is None:
        return MonotonicClock()
    if not isinstance(clock, Clock):
        expected = "expected an object with now() and call_at(when, callback)"
        raise SettingsError("clock", f"got {clock!r}; {expected}")
    return clock


class _LoopTimer:
    """A timer of a loop in another thread."""

    __slots__ = ("_cancelled", "_handle", "_loop")

    def __init__(self, loop: asyncio.AbstractEventLoop, when: float, callback: Callable[[], None]) -> None:
        self._loop = loop
        self._cancelled = False
        self._handle: asyncio.TimerHandle | None = None
        loop.call_soon_threadsafe(self._start, when - time.monotonic(), callback)

    def cancel(self) -> None:
        self._cancelled = True
        self._loop.call_soon_threadsafe(self._stop)

    def _start(self, seconds: float, callback: Callable[[], None]) -> None:
        if not self._cancelled:
            self._handle = self._loop.call_later(max(0.0, seconds), callback)

    def _stop(self) -> None:
        if self._handle is not None:
            self._handle.cancel()
