"""A request on its way through an application, as an HTTP session sees it: an HTTP exchange, or a WebSocket
whose handshake is not answered yet.

What a session tells an exchange that has no use for it is no error: the methods here do nothing.
"""

import asyncio
from collections.abc import Coroutine
from typing import Any

from penstock.base.asgi import App, Fields


class Exchange:
    """`task` runs the application; `returned` says that it is over. Of an `abandoned` exchange the client is
    gone.
    """

    __slots__ = ("abandoned", "returned", "scope", "task")

    scope: dict[str, Any]
    task: "asyncio.Task[None] | None"
    abandoned: bool
    returned: bool

    def run(self, app: App) -> Coroutine[Any, Any, None]:
        """Call the application, and see to it that the client gets an answer whatever it does."""
        raise NotImplementedError

    def is_whole(self) -> bool:
        """Whether the request is here to its end, so that a `DirectApp` can begin it."""
        return False

    def cancelled(self) -> None:
        """The application was cancelled, perhaps before its first step: the client is to be answered."""
        raise NotImplementedError

    def body_received(self, data: bytes) -> None:
        """A part of the request's body."""

    def body_ended(self, trailers: Fields) -> None:
        """The request is complete."""

    def half_closed(self) -> None:
        """The client will send no more, but may still read."""

    def disconnected(self, answer: int = 0) -> None:
        """The client is gone, or has broken the protocol: nothing can be sent any more. `answer` is the
        status that the engine has sent in the application's place, if it has.
        """

    def wants_pause(self) -> bool:
        """More of the body would only be buffered: the application does not take what is there."""
        return False

    def refuse_busy(self) -> None:
        """There is no room to run this request now."""

    def handle_deadline(self, now: float) -> None:
        """The sweep's tick; the deadlines of the request are the engine's, those of writing the wire's."""

    def drain(self) -> None:
        """The server stops. A request that was accepted is finished."""
