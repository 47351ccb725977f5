"""What all connections of one server share: the application and everything that decides how it is called.

Nothing here is global: two servers in one process have two services and do not see each other.
"""

import asyncio
import contextvars
import sys
from collections.abc import Callable, Coroutine
from functools import partial
from threading import get_ident
from typing import Any, Protocol

from penstock.base.asgi import App
from penstock.base.direct import DirectApp
from penstock.base.limits import Limits
from penstock.bridge.exchange import Exchange
from penstock.bridge.turns import Turns
from penstock.engine.defaults import ResponseDefaults

EAGER_TASKS = sys.version_info >= (3, 12)
Task: Any = asyncio.Task  # whose `eager_start` Python 3.11 does not know


class AccessRecorder(Protocol):
    """Where completed exchanges are recorded."""

    def record(
        self,
        scope: dict[str, Any],
        status: int,
        response_fields: list[tuple[bytes, bytes]],
        body_bytes: int,
        duration_seconds: float,
    ) -> None: ...


class Service:
    """`http` is the version of HTTP that is spoken: 1, 2, or auto for what the client wants.
    `context` holds the variables that the application set while it started; every call gets a copy.
    `state` is the lifespan's, None without one. `thread_id` is the thread of the loop, once a request has
    come. `running` are the exchanges whose application has not returned.
    """

    __slots__ = (
        "_direct",
        "_loop",
        "access_log",
        "app",
        "cancel_on_disconnect_seconds",
        "context",
        "defaults",
        "draining",
        "eager_tasks",
        "http",
        "limits",
        "root_path",
        "running",
        "state",
        "thread_id",
        "turns",
    )

    def __init__(
        self,
        *,
        app: App,
        limits: Limits,
        defaults: ResponseDefaults,
        http: str = "auto",
        root_path: str = "",
        access_log: AccessRecorder | None = None,
        cancel_on_disconnect_seconds: float | None = None,
        eager_tasks: bool = True,
        state: dict[str, Any] | None = None,
        context: contextvars.Context | None = None,
    ) -> None:
        self.app = app
        self.limits = limits
        self.defaults = defaults
        self.http = http
        self.root_path = root_path
        self.access_log = access_log
        self.cancel_on_disconnect_seconds = cancel_on_disconnect_seconds
        self.eager_tasks = eager_tasks and EAGER_TASKS
        self.state = state
        self.context = context or contextvars.copy_context()
        self.running: set[Exchange] = set()
        self.turns = None if limits.max_concurrent_requests is None else Turns(limits, self.start)
        self.draining = False
        self.thread_id = 0
        self._direct = app if isinstance(app, DirectApp) else None
        self._loop: asyncio.AbstractEventLoop | None = None

    def start(self, exchange: Exchange) -> None:
        """Run the application for an exchange. An eager task has often finished, and answered, when this
        returns.
        """
        if self._loop is None:
            self._loop = asyncio.get_running_loop()
            self.thread_id = get_ident()
        if self._direct is not None and exchange.is_whole():
            self.running.add(exchange)
            self._direct.begin(exchange, self.context.copy())
        else:
            self.go_on(exchange, self.app)

    def go_on(self, exchange: Exchange, app: App) -> None:
        """Run `app` in a task for an exchange."""
        task = self._task(exchange.run(app))
        if not exchange.returned:
            exchange.task = task
            self.running.add(exchange)
            if not self.eager_tasks:
                task.add_done_callback(partial(self._ended, exchange))

    def finished(self, exchange: Exchange) -> None:
        """The application has returned."""
        exchange.returned = True
        exchange.task = None
        self.running.discard(exchange)
        if self.turns is not None:
            self.turns.leave(exchange)

    def cancel_running(self) -> list["asyncio.Task[None]"]:
        """Cancel all applications; their tasks. What runs without a task is answered for at once: nothing can
        stop a thread.
        """
        tasks = self.running_tasks()
        for task in tasks:
            task.cancel()
        for exchange in list(self.running):
            if exchange.task is None:
                exchange.abandoned = True
                exchange.cancelled()
        return tasks

    def running_tasks(self) -> list["asyncio.Task[None]"]:
        tasks = [exchange.task for exchange in self.running]
        return [task for task in tasks if task is not None and not task.done()]

    def cancel_later(self, cancel: Callable[[], None]) -> None:
        """The client of an exchange has gone: cancel its application after the time that it is given."""
        if self.cancel_on_disconnect_seconds is not None:
            asyncio.get_running_loop().call_later(self.cancel_on_disconnect_seconds, cancel)

    def _ended(self, exchange: Exchange, task: Any) -> None:
        """A task that was cancelled before its first step has not run a line of the exchange."""
        if not exchange.returned:
            exchange.cancelled()
            self.finished(exchange)

    def _task(self, coroutine: Coroutine[Any, Any, None]) -> Any:
        context = self.context.copy()
        if self.eager_tasks:  # 0.7 µs a request less than a task that the loop starts (design.md)
            return Task(coroutine, loop=self._loop, context=context, eager_start=True)
        return self._loop.create_task(coroutine, context=context)  # type: ignore[union-attr]
