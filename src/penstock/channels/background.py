"""One event loop per process, in a thread of its own, for whoever has none: synchronous code and timers.

It is the one thing in the package that a process has once. A loop per call or per thread would mean a
connection per call or per thread, closed in a hurry (the "Event loop is closed" of other layers). The thread
starts when it is first needed and is a daemon: it holds no process back. A forked child starts its own.
"""

import asyncio
import contextlib
import os
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import CancelledError, Future, wait
from contextvars import ContextVar
from typing import Any, TypeVar

T = TypeVar("T")
MEANWHILE_SECONDS = 0.02  # between two looks at what has to be done in the thread that waits
_HELD_UP: ContextVar[asyncio.AbstractEventLoop | None] = ContextVar("penstock_held_up", default=None)


class _Owner:
    """The loop of this process."""

    def __init__(self) -> None:
        self._starting = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None

    def loop(self) -> asyncio.AbstractEventLoop:
        if self._loop is None:
            with self._starting:
                self._loop = self._loop or _started()
        return self._loop

    def forget(self) -> None:
        """In a forked child: the thread stayed behind, and perhaps one that held the lock."""
        self._starting = threading.Lock()
        self._loop = None


_OWNER = _Owner()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_OWNER.forget)


def loop() -> asyncio.AbstractEventLoop:
    """The process's background loop, running."""
    return _OWNER.loop()


def held_up() -> asyncio.AbstractEventLoop | None:
    """The loop that does not turn until the code that this is called from is done: `run` was called on it."""
    return _HELD_UP.get()


def run(
    coroutine: Coroutine[Any, Any, T],
    seconds: float | None = None,
    meanwhile: Callable[[], object] | None = None,
) -> T:
    """Run `coroutine` on the background loop and wait for its result; after `seconds` it is cancelled and
    TimeoutError raised. Not for code on the background loop itself, which would wait for itself. `meanwhile`
    is called here, again and again, if it takes long.
    """
    background = loop()
    here = _running()
    if here is background:
        coroutine.close()
        raise RuntimeError("layer.sync waits for the loop that this code runs on; await the layer itself")
    future = asyncio.run_coroutine_threadsafe(_bounded(coroutine, seconds, here), background)
    try:
        while meanwhile is not None and not wait([future], MEANWHILE_SECONDS).done:
            meanwhile()
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


async def _bounded(
    coroutine: Coroutine[Any, Any, T], seconds: float | None, held_up: asyncio.AbstractEventLoop | None
) -> T:
    _HELD_UP.set(held_up)
    return await asyncio.wait_for(coroutine, seconds)


def _running() -> asyncio.AbstractEventLoop | None:
    with contextlib.suppress(RuntimeError):
        return asyncio.get_running_loop()
    return None


def _started() -> asyncio.AbstractEventLoop:
    background = asyncio.new_event_loop()
    threading.Thread(target=background.run_forever, name="penstock-channels", daemon=True).start()
    return background
