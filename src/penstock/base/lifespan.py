"""The lifespan of an application (ASGI lifespan 2.0): started before the first connection, shut down after
the last. It is here because the server and the adapters both run applications, and nothing in it is I/O.

It runs as one task in a context of its own, and requests run in copies of that context, so the variables that
an application sets while it starts are there in every request.
"""

import asyncio
import contextvars
import logging
from typing import Any

from penstock.base.asgi import ASGI_VERSION, LIFESPAN_SPEC_VERSION, App, Message
from penstock.base.errors import LifespanFailed, LocalProtocolError

LOGGER = logging.getLogger("penstock.application")

# What the application is to send next, and where that leads.
STARTING, RUNNING, STOPPING, STOPPED, FAILED = "starting", "running", "stopping", "stopped", "failed"
NEXT = {
    (STARTING, "lifespan.startup.complete"): RUNNING,
    (STARTING, "lifespan.startup.failed"): FAILED,
    (STOPPING, "lifespan.shutdown.complete"): STOPPED,
    (STOPPING, "lifespan.shutdown.failed"): FAILED,
}

# How applications without lifespan end at its scope before they receive anything: nobody needs to hear of it.
# What is raised behind `lifespan.startup` is a start-up that failed, unless a response was sent to it.
REFUSALS = (NotImplementedError, ValueError, AssertionError, KeyError, type(None))


class Lifespan:
    """`required` makes an application that does not support lifespan an error (`--lifespan on`)."""

    def __init__(self, app: App, *, required: bool) -> None:
        self.state: dict[str, Any] = {}
        self.context = contextvars.copy_context()
        self.supported = True
        self._app = app
        self._required = required
        self._phase = STARTING
        self._events: asyncio.Queue[Message] = asyncio.Queue()
        self._answered = asyncio.Event()
        self._message = ""
        self._task: asyncio.Task[None] | None = None

    async def startup(self) -> None:
        """Start the application. Raises LifespanFailed when it says that it failed, or is required and does
        not answer.
        """
        self._events.put_nowait({"type": "lifespan.startup"})
        self._task = asyncio.get_running_loop().create_task(self._run(), context=self.context)
        await self._answer()
        if self._phase == STARTING and self.supported:
            self._unsupported("its task was cancelled", None)
        if self._phase == FAILED:
            raise LifespanFailed(self._message or "the application's start-up failed")

    async def shutdown(self) -> None:
        """Let the application clean up; a failure is logged, since the server ends either way."""
        if not self.supported or self._phase != RUNNING or self._task is None or self._task.done():
            return
        self._phase = STOPPING
        self._answered.clear()
        self._events.put_nowait({"type": "lifespan.shutdown"})
        await self._answer()
        if self._phase == FAILED:
            LOGGER.error("the application's shutdown failed: %s", self._message or "it gave no reason")

    async def abandon(self, seconds: float | None) -> None:
        """End the task of an application that answered and did not return. One that ignores the cancellation
        for so many seconds is left behind.
        """
        if self._task is not None and not self._task.done():
            self._task.cancel()
            _, left = await asyncio.wait([self._task], timeout=seconds)
            if left:
                LOGGER.error("the application's lifespan ignores its cancellation and is left behind")

    async def _answer(self) -> None:
        assert self._task is not None
        waiting = asyncio.ensure_future(self._answered.wait())
        try:
            await asyncio.wait([waiting, self._task], return_when=asyncio.FIRST_COMPLETED)
        finally:
            waiting.cancel()

    async def _run(self) -> None:
        try:
            await self._app(self._scope(), self._events.get, self._receive_answer)
        except Exception as error:  # noqa: BLE001 an application without lifespan may raise anything
            self._raised(error)
        else:
            self._returned()
        finally:
            self._answered.set()

    def _scope(self) -> dict[str, Any]:
        return {
            "type": "lifespan",
            "asgi": {"version": ASGI_VERSION, "spec_version": LIFESPAN_SPEC_VERSION},
            "state": self.state,
        }

    async def _receive_answer(self, message: Message) -> None:
        kind = message["type"]
        following = NEXT.get((self._phase, kind))
        if following is None:
            raise LocalProtocolError(f"{kind!r} has no place while the lifespan is {self._phase}")
        self._phase = following
        self._message = message.get("message", "")
        self._answered.set()

    def _raised(self, error: Exception) -> None:
        if self._phase == STARTING:
            self._unsupported(f"it raised {type(error).__name__}", error)
        elif self._phase != FAILED:
            LOGGER.error("the application's lifespan failed while %s", self._phase, exc_info=error)

    def _returned(self) -> None:
        if self._phase == STARTING:
            self._unsupported("it returned without an answer", None)

    def _unsupported(self, why: str, error: Exception | None) -> None:
        self.supported = False
        if self._required:
            self._phase = FAILED
            self._message = f"lifespan is on, and the application does not support it: {why}"
            LOGGER.error("the application failed at its lifespan scope", exc_info=error)
        elif not self._refused_scope(error):
            LOGGER.warning("going on without lifespan: %s", why, exc_info=error)

    def _refused_scope(self, error: Exception | None) -> bool:
        if isinstance(error, LocalProtocolError):
            return True
        return type(error) in REFUSALS and not self._events.empty()
