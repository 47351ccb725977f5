"""Those who wait for a message, on whatever event loops, in the order they came.

A reader is woken and then looks for itself: no message is ever in the hands of a task that may be cancelled.
Whoever calls these methods holds the lock of the mailroom, but for the reader's own loop, which alone touches
its future.
"""

import asyncio
from collections import OrderedDict

Loop = asyncio.AbstractEventLoop


class Readers:
    """Joining, leaving and waking take the same time however many wait."""

    __slots__ = ("_waiting",)

    def __init__(self) -> None:
        self._waiting: OrderedDict[asyncio.Future[None], None] | None = None  # an idle channel has none

    def __bool__(self) -> bool:
        return bool(self._waiting)

    def join(self, loop: Loop) -> asyncio.Future[None]:
        future: asyncio.Future[None] = loop.create_future()
        if self._waiting is None:
            self._waiting = OrderedDict()
        self._waiting[future] = None
        return future

    def leave(self, future: asyncio.Future[None]) -> bool:
        """False when it was woken before: somebody else has to be, in its place."""
        return self._waiting is not None and self._waiting.pop(future, self) is None

    def wake(self, here: Loop | None) -> bool:
        """Wake the first who waits; `here` is the loop that this runs on. False when nobody waits."""
        while self._waiting:
            future, _ = self._waiting.popitem(last=False)
            if not future.done() and _wake(future, here):
                return True
        return False

    def wake_all(self, here: Loop | None) -> None:
        while self.wake(here):
            pass


def running_loop() -> Loop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None


def _wake(future: asyncio.Future[None], here: Loop | None) -> bool:
    """False when its loop was closed: nobody will ever run there."""
    loop = future.get_loop()
    if loop is here:
        future.set_result(None)
        return True
    try:
        loop.call_soon_threadsafe(_finish, future)
    except RuntimeError:
        return False
    return True


def _finish(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)
