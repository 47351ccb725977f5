"""SIGTERM and SIGINT while a server runs: the first drains, the second hurries, a third is no longer caught.

Signals belong to the process, so whoever embeds a server gets back the handlers that were there before. Only
the main thread can have handlers; a server in another thread is stopped by `drain()`.
"""

import asyncio
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

STOPPING = [getattr(signal, name) for name in ("SIGTERM", "SIGINT", "SIGBREAK") if hasattr(signal, name)]
CAUGHT = 2


@contextmanager
def drain_signals(drain: Callable[[], None]) -> Iterator[None]:
    """In a running loop: call `drain` at the first and second signal. None outside the main thread."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    handlers = SignalHandlers(asyncio.get_running_loop(), drain)
    handlers.install()
    try:
        yield
    finally:
        handlers.restore()


class SignalHandlers:
    def __init__(self, loop: asyncio.AbstractEventLoop, drain: Callable[[], None]) -> None:
        self._loop = loop
        self._drain = drain
        self._received = 0
        self._previous: dict[int, Any] = {}
        self._by_loop: set[int] = set()

    def install(self) -> None:
        for number in STOPPING:
            self._previous[number] = signal.getsignal(number)
            try:
                self._loop.add_signal_handler(number, self._handle)
                self._by_loop.add(number)
            except NotImplementedError:  # the loops of Windows
                signal.signal(number, self._handle_anywhere)

    def restore(self) -> None:
        """Put back what was there before; a second call does nothing."""
        for number, previous in self._previous.items():
            if number in self._by_loop:
                self._loop.remove_signal_handler(number)
            if previous is not None:  # None was not set from Python and cannot be set from it
                signal.signal(number, previous)
        self._previous.clear()

    def _handle_anywhere(self, number: int, frame: FrameType | None) -> None:
        self._loop.call_soon_threadsafe(self._handle)

    def _handle(self) -> None:
        self._received += 1
        self._drain()
        if self._received == CAUGHT:
            self.restore()
