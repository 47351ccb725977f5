"""What a task awaits that waits for a message: made to be woken together with a thousand others.

A future of asyncio has the loop call each waiting task by itself, through a handle of its own, which costs as
much as the task's step. A group send marks its waiters, and one call of the loop, `resume_all`, runs their
tasks in a row, each in its own context. Tasks take it for a future: it speaks the protocol by which asyncio
knows futures of other makes. One task awaits it at a time; when that has resumed it can be used again.
"""

import asyncio
from collections.abc import Callable, Generator, Iterable
from contextvars import Context, copy_context
from typing import Any, Protocol, cast

from penstock.channels.entry import Entry

Loop = asyncio.AbstractEventLoop

IDLE, WAITING, WOKEN, CANCELLED = range(4)


class _NoLoop:
    """Of a future that nobody waits for."""

    def get_debug(self) -> bool:
        return False


# What a task is told has happened. From a future of asyncio's own it takes the result, None, as it is; a
# future of another make it asks by a method whose name it builds each time, a ninth of a delivery.
DONE: asyncio.Future[None] = asyncio.Future(loop=cast(Loop, _NoLoop()))
DONE.set_result(None)


class Place(Protocol):
    """Where it waits."""

    def leave(self, name: str, waiter: "Waiter") -> None:
        """Its task waits for `name` no more, whether it was woken or not."""
        ...


class Waiter:
    """Touched on its own loop alone, but for `state`, which whoever wakes it there sets with a lock held."""

    __slots__ = (
        "_asyncio_future_blocking",
        "_callback",
        "_context",
        "_message",
        "_name",
        "_place",
        "entry",
        "loop",
        "state",
    )

    def __init__(self, loop: Loop, place: Place, name: str) -> None:
        self.loop = loop
        self.state = WAITING
        self.entry: Entry | None = None  # a message, if it was woken with one
        self._place = place
        self._name = name
        self._asyncio_future_blocking = False  # by it a task tells `await` from a bare `yield`
        self._callback: Callable[[Any], object] | None = None
        self._context: Context | None = None
        self._message: object = None

    # What coroutines call. It is itself the iterator that `await` asks for: a generator for each wait would
    # be an eighth of a delivery.

    def __await__(self) -> Generator["Waiter", None, None]:
        return self  # type: ignore[return-value]

    def __next__(self) -> "Waiter":
        if self.state != WAITING:
            raise StopIteration
        self._asyncio_future_blocking = True
        return self

    def throw(self, kind: Any, value: Any = None, traceback: Any = None) -> None:
        """The task was cancelled, mostly, woken or not."""
        self.close()
        try:
            raise value if isinstance(value, BaseException) else kind if value is None else kind(value)
        finally:
            del kind, value, traceback  # the error would hold this frame, and the frame the error

    def close(self) -> None:
        """Nobody waits any more: what it was woken with is given back."""
        self._place.leave(self._name, self)
        self.entry = None

    # What wakes it, and what it was woken with.

    def take_entry(self) -> Entry | None:
        """The message, once; None if there was none."""
        entry, self.entry = self.entry, None
        return entry

    def wake(self) -> None:
        """On its own loop: it may have been cancelled on the way there."""
        if self.state == WAITING:
            self.state = WOKEN
            self.resume()

    def resume(self) -> None:
        """Run the task: from the loop, not from within another task."""
        callback, context = self._callback, self._context
        if callback is not None and context is not None:
            self._callback = self._context = None
            if self.state == WOKEN:
                self.state = IDLE
                context.run(callback, DONE)
            else:
                context.run(callback, self)

    # What tasks call.

    def get_loop(self) -> Loop:
        return self.loop

    def add_done_callback(
        self, callback: Callable[[Any], object], *, context: Context | None = None
    ) -> None:
        self._callback = callback
        self._context = copy_context() if context is None else context  # an empty one is false
        if self.state != WAITING:  # woken before anybody could be told
            self.loop.call_soon(resume_all, self.loop, (self,))

    def cancel(self, msg: Any = None) -> bool:
        """False when it was woken before: the task is raised CancelledError all the same as it resumes."""
        if self.state != WAITING:
            return False
        self.state = CANCELLED
        self._message = msg
        self.loop.call_soon(resume_all, self.loop, (self,))
        return True

    def result(self) -> None:
        if self.state == CANCELLED:
            raise asyncio.CancelledError(*(() if self._message is None else (self._message,)))


class Woken:
    """Those whom one call has woken on the loop that it runs on, `here`, to be resumed together."""

    __slots__ = ("here", "waiters")

    def __init__(self) -> None:
        self.here = running_loop()
        self.waiters: list[Waiter] = []

    def resume(self) -> None:
        """At the loop's next turn."""
        if self.waiters and self.here is not None:
            self.here.call_soon(resume_all, self.here, self.waiters)


def running_loop() -> Loop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None


def resume_all(loop: Loop, waiters: Iterable[Waiter]) -> None:
    """What ends the loop (KeyboardInterrupt) passes; the others are resumed when it runs again."""
    rest = iter(waiters)
    try:
        for waiter in rest:
            waiter.resume()
    finally:
        if left := list(rest):
            loop.call_soon(resume_all, loop, left)
