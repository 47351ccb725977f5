"""Waiting without a future until one really waits.

A `Bell` is rung by the connection and waited for by any number of an application's tasks. Cancelling one
waiter leaves the others waiting: each has a future of its own, and an idle bell holds none.
"""

import asyncio


class Bell:
    __slots__ = ("_waiters",)

    def __init__(self) -> None:
        self._waiters: list[asyncio.Future[None]] | None = None

    async def wait(self) -> None:
        """Return at the next `ring`."""
        future = asyncio.get_running_loop().create_future()
        if self._waiters is None:
            self._waiters = [future]
        else:
            self._waiters.append(future)
        try:
            await future
        except asyncio.CancelledError:
            self._forget(future)
            raise

    def ring(self) -> None:
        """Wake everybody who waits now."""
        waiters, self._waiters = self._waiters, None
        for future in waiters or ():
            if not future.done():
                future.set_result(None)

    def _forget(self, future: asyncio.Future[None]) -> None:
        """An application that waits with a timeout, again and again, leaves nothing behind."""
        if self._waiters is not None and future in self._waiters:
            self._waiters.remove(future)
