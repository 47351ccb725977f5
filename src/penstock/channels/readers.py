"""Those who wait for a message, on whatever event loops, in the order they came.

A reader is woken and then looks for itself: no message is ever in the hands of a task that may be cancelled.
Whoever calls these methods holds the lock of the mailroom, but for the reader's own loop, which alone touches
its future.
"""

import asyncio
from collections import OrderedDict

Loop = asyncio.AbstractEventLoop


class Readers:
    """Joining, leaving and waking take the same time however many wait. Most channels have one reader, who
    has a place of its own: `_first` came before all in `_more`.
    """

    __slots__ = ("_first", "_more")

    def __init__(self) -> None:
        self._first: asyncio.Future[None] | None = None
        self._more: OrderedDict[asyncio.Future[None], None] | None = None

    def __bool__(self) -> bool:
        return self._first is not None or bool(self._more)

    def join(self, loop: Loop) -> asyncio.Future[None]:
        future: asyncio.Future[None] = loop.create_future()
        if self._first is None and not self._more:
            self._first = future
        elif self._more is None:
            self._more = OrderedDict({future: None})
        else:
            self._more[future] = None
        return future

    def leave(self, future: asyncio.Future[None]) -> bool:
        """False when it was woken before: somebody else has to be, in its place."""
        if self._first is future:
            self._first = None
            return True
        return self._more is not None and self._more.pop(future, self) is None

    def wake(self, here: Loop | None) -> bool:
        """Wake the first who waits; `here` is the loop that this runs on. False when nobody waits."""
        while self._first is not None or self._more:
            future = self._first
            if future is not None:
                self._first = None
            elif self._more:
                future, _ = self._more.popitem(last=False)
            if future is None or future.done():  # cancelled, and about to leave
                continue
            if future.get_loop() is here:
                future.set_result(None)
                return True
            if _wake_elsewhere(future):
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


def _wake_elsewhere(future: asyncio.Future[None]) -> bool:
    """False when its loop was closed: nobody will ever run there."""
    try:
        future.get_loop().call_soon_threadsafe(finish, future)
    except RuntimeError:
        return False
    return True


def finish(future: asyncio.Future[None]) -> None:
    """On its own loop: it may have been cancelled on the way there."""
    if not future.done():
        future.set_result(None)
