"""The lifespan of an application (ASGI lifespan 2.0) in the loop's thread: started before the first request
of a process, shut down at its end.

It runs as one task in a context of its own, and requests run in copies of that context, so the variables that
an application sets while it starts are there in every request.
"""

import asyncio
import contextvars
import logging
from typing import Any

from penstock.base.asgi import ASGI_VERSION, LIFESPAN_SPEC_VERSION, App, Message
from penstock.base.errors import LifespanFailed, LocalProtocolError

LOGGER = logging.getLogger("penstock.adapters")
STARTING, RUNNING, STOPPING, STOPPED, FAILED = "starting", "running", "stopping", "stopped", "failed"
NEXT = {
    (STARTING, "lifespan.startup.complete"): RUNNING,
    (STARTING, "lifespan.startup.failed"): FAILED,
    (STOPPING, "lifespan.shutdown.complete"): STOPPED,
    (STOPPING, "lifespan.shutdown.failed"): FAILED,
}


class Lifespan:
    """`mode` is "auto" (an application may do without), "on" (it has to start) or "off". `state` is None for
    an application without lifespan.
    """

    def __init__(self, app: App, mode: str) -> None:
        self.context = contextvars.copy_context()
        self.state: dict[str, Any] | None = None if mode == "off" else {}
        self._app = app
        self._mode = mode
        self._phase = STARTING
        self._message = ""
        self._events: asyncio.Queue[Message] = asyncio.Queue()
        self._task: asyncio.Task[None] | None = None
        self._answered = asyncio.Event()

    async def startup(self) -> None:
        """Raises LifespanFailed when the application says so, or does not answer though it has to."""
        if self._mode == "off":
            return
        self._events.put_nowait({"type": "lifespan.startup"})
        self._task = asyncio.get_running_loop().create_task(self._run(), context=self.context)
        self._task.add_done_callback(lambda _: self._answered.set())
        await self._answered.wait()
        if self._phase == FAILED:
            raise LifespanFailed(self._message or "the application's start-up failed")

    async def shutdown(self) -> None:
        """Let the application clean up. A failure is logged, since the process ends either way."""
        if self._phase != RUNNING or self._task is None or self._task.done():
            return
        self._phase = STOPPING
        self._answered.clear()
        self._events.put_nowait({"type": "lifespan.shutdown"})
        await self._answered.wait()
        if self._phase == FAILED:
            LOGGER.error("the application's shutdown failed: %s", self._message or "it gave no reason")

    async def _run(self) -> None:
        scope = {
            "type": "lifespan",
            "asgi": {"version": ASGI_VERSION, "spec_version": LIFESPAN_SPEC_VERSION},
            "state": self.state,
        }
        try:
            await self._app(scope, self._events.get, self._receive_answer)
        except Exception as error:  # noqa: BLE001 an application without lifespan may raise anything
            self._ended(error)
        else:
            self._ended(None)

    async def _receive_answer(self, message: Message) -> None:
        following = NEXT.get((self._phase, message["type"]))
        if following is None:
            raise LocalProtocolError(f"{message['type']!r} has no place while the lifespan is {self._phase}")
        self._phase = following
        self._message = message.get("message", "")
        self._answered.set()

    def _ended(self, error: Exception | None) -> None:
        if self._phase == STARTING:
            self._unsupported(error)
        elif error is not None and self._phase != FAILED:
            LOGGER.error("the application's lifespan failed while %s", self._phase, exc_info=error)

    def _unsupported(self, error: Exception | None) -> None:
        """An error at the scope says that there is no lifespan; one behind the first event, that it broke."""
        why = "returned without an answer" if error is None else f"raised {type(error).__name__}"
        self.state = None
        if self._mode == "on":
            self._phase = FAILED
            self._message = f"lifespan is on, and the application {why}"
        elif self._events.empty() and not isinstance(error, LocalProtocolError):
            LOGGER.warning("going on without lifespan: the application %s", why, exc_info=error)
