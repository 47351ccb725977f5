"""What all connections of one server share: the application and everything that decides how it is called.

Nothing here is global: two servers in one process have two services and do not see each other.
"""

import asyncio
import contextvars
import sys
from collections.abc import Coroutine
from typing import Any, Protocol

from penstock.base.asgi import App
from penstock.base.limits import Limits
from penstock.bridge.turns import Turns
from penstock.engine.http1.response import ResponseDefaults

EAGER_TASKS = sys.version_info >= (3, 12)


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


class Running(Protocol):
    """An exchange or a WebSocket session whose application runs."""

    task: "asyncio.Task[None] | None"

    async def run(self) -> None: ...


class Service:
    """`context` holds the variables that the application set while it started; every call gets a copy. `state` is
    the lifespan's, None without one. `running` are the exchanges whose application has not returned.
    """

    __slots__ = (
        "access_log",
        "app",
        "cancel_on_disconnect_seconds",
        "context",
        "defaults",
        "draining",
        "eager_tasks",
        "limits",
        "root_path",
        "running",
        "state",
        "turns",
    )

    def __init__(
        self,
        *,
        app: App,
        limits: Limits,
        defaults: ResponseDefaults,
        root_path: str = "",
        access_log: AccessRecorder | None = None,
        cancel_on_disconnect_seconds: float | None = None,
        eager_tasks: bool = True,
    ) -> None:
        self.app = app
        self.limits = limits
        self.defaults = defaults
        self.root_path = root_path
        self.access_log = access_log
        self.cancel_on_disconnect_seconds = cancel_on_disconnect_seconds
        self.eager_tasks = eager_tasks and EAGER_TASKS
        self.state: dict[str, Any] | None = None
        self.context = contextvars.copy_context()
        self.running: set[Running] = set()
        self.turns = None if limits.max_concurrent_requests is None else Turns(limits)
        self.draining = False

    def start(self, exchange: Running) -> None:
        """Run the application for an exchange. An eager task has often finished, and answered, when this
        returns.
        """
        coroutine = exchange.run()
        self.running.add(exchange)
        exchange.task = self._task(coroutine)

    def finished(self, exchange: Running) -> None:
        """The application has returned."""
        self.running.discard(exchange)
        exchange.task = None
        if self.turns is not None:
            self.turns.leave(exchange)

    def _task(self, coroutine: Coroutine[Any, Any, None]) -> "asyncio.Task[None]":
        loop = asyncio.get_running_loop()
        context = self.context.copy()
        if self.eager_tasks:  # 0.7 µs a request less than a task that the loop starts (design.md)
            return asyncio.Task(coroutine, loop=loop, context=context, eager_start=True)
        return loop.create_task(coroutine, context=context)
