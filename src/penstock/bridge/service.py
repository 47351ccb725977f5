"""What all connections of one server share: the application and everything that decides how it is called.

Nothing here is global: two servers in one process have two services and do not see each other.
"""

import asyncio
import contextvars
import sys
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
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


@dataclass(slots=True, kw_only=True, eq=False)
class Service:
    """`context` holds the variables that the application set while it started; every call gets a copy."""

    app: App
    limits: Limits
    defaults: ResponseDefaults
    root_path: str = ""
    access_log: AccessRecorder | None = None
    cancel_on_disconnect_seconds: float | None = None
    eager_tasks: bool = True
    state: dict[str, Any] | None = None
    context: contextvars.Context = field(default_factory=contextvars.copy_context)
    running: set[Running] = field(default_factory=set)
    turns: Turns | None = None
    draining: bool = False

    def __post_init__(self) -> None:
        self.eager_tasks = self.eager_tasks and EAGER_TASKS
        if self.limits.max_concurrent_requests is not None:
            self.turns = Turns(self.limits)

    def start(self, exchange: Running) -> None:
        """Run the application for an exchange. An eager task has often finished, and answered, when this
        returns.
        """
        self.running.add(exchange)
        exchange.task = self._task(exchange.run())

    def finished(self, exchange: Running) -> None:
        """The application has returned."""
        self.running.discard(exchange)
        exchange.task = None
        if self.turns is not None:
            self.turns.leave(exchange)

    def cancel_later(self, cancel: Callable[[], None]) -> None:
        """The client of an exchange has gone: cancel its application after the time that it is given."""
        if self.cancel_on_disconnect_seconds is not None:
            asyncio.get_running_loop().call_later(self.cancel_on_disconnect_seconds, cancel)

    def _task(self, coroutine: Coroutine[Any, Any, None]) -> "asyncio.Task[None]":
        loop = asyncio.get_running_loop()
        context = self.context.copy()
        if self.eager_tasks:  # 0.7 µs a request less than a task that the loop starts (design.md)
            return asyncio.Task(coroutine, loop=loop, context=context, eager_start=True)  # type: ignore[call-arg]
        return loop.create_task(coroutine, context=context)
