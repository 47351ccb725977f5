"""One event loop per process, in a thread of its own, for whoever has none: synchronous code and timers.

It is the one thing in the package that a process has once. A loop per call or per thread would mean a
connection per call or per thread, closed in a hurry (the "Event loop is closed" of other layers). The thread
starts when it is first needed and is a daemon: it holds no process back. A forked child starts its own.
"""

import asyncio
import contextlib
import os
import threading
from collections.abc import Coroutine
from concurrent.futures import CancelledError, Future
from typing import Any, TypeVar

T = TypeVar("T")


class _Owner:
    """The loop of this process, and the process that it is the loop of."""

    def __init__(self) -> None:
        self._starting = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._pid = 0

    def loop(self) -> asyncio.AbstractEventLoop:
        if self._loop is not None and self._pid == os.getpid():
            return self._loop
        if self._pid != os.getpid():  # forked: the thread stayed behind, and perhaps one that holds the lock
            self._starting = threading.Lock()
        with self._starting:
            if self._loop is None or self._pid != os.getpid():
                self._loop, self._pid = _started(), os.getpid()
            return self._loop


_OWNER = _Owner()


def loop() -> asyncio.AbstractEventLoop:
    """The process's background loop, running."""
    return _OWNER.loop()


def run(coroutine: Coroutine[Any, Any, T], seconds: float | None = None) -> T:
    """Run `coroutine` on the background loop and wait for its result; after `seconds` it is cancelled and
    TimeoutError raised. Not for code on the background loop itself, which would wait for itself.
    """
    background = loop()
    if _running() is background:
        coroutine.close()
        raise RuntimeError("layer.sync waits for the loop that this code runs on; await the layer itself")
    future = asyncio.run_coroutine_threadsafe(_bounded(coroutine, seconds), background)
    try:
        return future.result()
    except CancelledError:
        raise
    except BaseException:  # KeyboardInterrupt in the waiting thread: nobody waits for the result any more
        future.cancel()
        raise


async def on_loop(other: asyncio.AbstractEventLoop, coroutine: Coroutine[Any, Any, T]) -> T:
    """Await `coroutine` where it has to run. Cancelling the caller cancels it there."""
    if _running() is other:
        return await coroutine
    future: Future[T] = asyncio.run_coroutine_threadsafe(coroutine, other)
    return await asyncio.wrap_future(future)


async def _bounded(coroutine: Coroutine[Any, Any, T], seconds: float | None) -> T:
    return await asyncio.wait_for(coroutine, seconds)


def _running() -> asyncio.AbstractEventLoop | None:
    with contextlib.suppress(RuntimeError):
        return asyncio.get_running_loop()
    return None


def _started() -> asyncio.AbstractEventLoop:
    background = asyncio.new_event_loop()
    threading.Thread(target=background.run_forever, name="penstock-channels", daemon=True).start()
    return background
