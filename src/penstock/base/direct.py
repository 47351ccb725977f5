"""What a server and an adapter may agree on beside ASGI: a request without a coroutine.

A WSGI application needs none: it takes a whole request and mostly gives a whole response, so a task, a
`receive` and a `send` are made for it in vain. An application that is a `DirectApp` is asked to `begin` each
request that is here whole, and answers later, from the same loop: with `answer`, or, where there is more to
say than one response, with `go_on`, which calls it as an ASGI application after all.
"""

from contextvars import Context
from typing import Any, Protocol

from penstock.base.asgi import App, Fields


class DirectRequest(Protocol):
    """One request, as the server offers it. Everything here is called in the loop's thread, but `scope` and
    `abandoned` may be read in any.
    """

    scope: dict[str, Any]
    abandoned: bool  # the client is gone

    def take_body(self) -> bytes:
        """The whole body; to be called once."""

    def answer(self, status: int, fields: Fields, body: bytes) -> None:
        """Give the whole response, instead of `go_on`. Never raises: what is wrong with it becomes a 500."""

    def go_on(self, rest: App) -> None:
        """Call `rest` as the ASGI application of this request, in a task; the body is not received again."""


class DirectApp:
    """An ASGI application that can do without."""

    __slots__ = ()

    def begin(self, request: DirectRequest, context: Context) -> None:
        """Take the request, and return at once. `answer` or `go_on` is called once, now or later. The code of
        the application is to run in `context`, which is this request's own.
        """
        raise NotImplementedError
