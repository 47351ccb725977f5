"""Waiting without a future until one really waits.

`DONE` is what there is to await where nothing has to be waited for: one finished awaitable for everybody. It
is cheaper than a coroutine that returns at once, and passes for one: applications give what `send` returns
to `create_task`, `gather` and task groups. A `Bell` is rung by the connection and waited for
by any number of an application's tasks. Cancelling one waiter leaves the others waiting: each has a future of
its own, and an idle bell holds none.
"""

import asyncio
from collections.abc import Awaitable, Coroutine, Iterator
from threading import get_ident
from typing import Any, cast

from penstock.base.asgi import Message, Send
from penstock.base.errors import LocalProtocolError


class Done:
    """A coroutine that has returned None, however often it is awaited."""

    __slots__ = ()

    def __await__(self) -> Iterator[Any]:
        return self

    def __iter__(self) -> Iterator[Any]:
        return self

    def __next__(self) -> Any:
        raise StopIteration

    def send(self, value: Any) -> Any:
        raise StopIteration

    def throw(self, kind: Any, value: Any = None, trace: Any = None) -> Any:
        """A task that awaits it was cancelled: let it know."""
        raise kind if value is None else value

    def close(self) -> None:
        """Nothing runs that could be stopped."""


class Failed:
    """A coroutine that raises. What goes wrong in `send` is raised where it is awaited, as with any
    coroutine: an application may have made a task of it first.
    """

    __slots__ = ("_error",)

    def __init__(self, error: BaseException) -> None:
        self._error = error

    def __await__(self) -> Iterator[Any]:
        return self

    def __iter__(self) -> Iterator[Any]:
        return self

    def __next__(self) -> Any:
        raise self._error

    def send(self, value: Any) -> Any:
        raise self._error

    def throw(self, kind: Any, value: Any = None, trace: Any = None) -> Any:
        raise kind if value is None else value

    def close(self) -> None:
        """Nothing runs that could be stopped."""


Coroutine.register(Done)
Coroutine.register(Failed)
DONE = cast(Awaitable[None], Done())


def failed(error: BaseException) -> Awaitable[None]:
    return cast(Awaitable[None], Failed(error))


async def on_its_loop(send: Send, message: Message, thread_id: int) -> None:
    """A `send` that was called in another thread, as asgiref's `async_to_sync(send)` does: it happens where
    it is awaited, on the server's loop.
    """
    if get_ident() != thread_id:
        raise LocalProtocolError("`send` was awaited on another event loop than the server's")
    await send(message)


def check_loop(thread_id: int) -> None:
    """That whoever is about to wait will be woken."""
    if get_ident() != thread_id:
        raise LocalProtocolError("`receive` was awaited on another event loop than the server's")


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
