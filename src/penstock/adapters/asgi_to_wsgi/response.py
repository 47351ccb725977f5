"""The response as the WSGI server sees it: an iterable with `close` (PEP 3333). All of it runs in the
server's thread, which also reads the request's body whenever the application has asked for it.

A response that fails before any of it was given out becomes a 500, through `exc_info` where `start_response`
was called already; after that the failure is raised, for the server to cut the connection.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from penstock.adapters.asgi_to_wsgi.exchange import Exchange
from penstock.adapters.asgi_to_wsgi.failures import report
from penstock.adapters.asgi_to_wsgi.loop_thread import LoopThread
from penstock.adapters.asgi_to_wsgi.request_body import RequestBody

StartResponse = Callable[..., object]


def answer(
    start_response: StartResponse, method: str, status: str, text: str, exc_info: Any = None
) -> list[bytes]:
    """A whole response in plain text; without its body to HEAD, since not every server takes that off."""
    body = f"{text}\n".encode()
    fields = [("content-type", "text/plain; charset=utf-8"), ("content-length", str(len(body)))]
    if exc_info is None:
        start_response(status, fields)
    else:
        start_response(status, fields, exc_info)
    return [b"" if method == "HEAD" else body]


class Response:
    """Of an exchange that has begun in the loop. Call `begin` once; it may return another iterable."""

    __slots__ = (
        "_begun",
        "_body",
        "_closed",
        "_ended",
        "_exchange",
        "_given_out",
        "_held",
        "_loop",
        "_refused",
        "_start",
    )

    def __init__(
        self, exchange: Exchange, body: RequestBody, loop: LoopThread, start_response: StartResponse
    ) -> None:
        self._exchange = exchange
        self._body = body
        self._loop = loop
        self._start = start_response
        self._held: bytes | None = None
        self._begun = self._given_out = self._ended = self._refused = self._closed = False

    def begin(self) -> Iterable[bytes]:
        """Wait for the head, and for the whole response where it comes in one piece."""
        try:
            part = self._take()
            failure, head = self._exchange.failure, self._exchange.head
            if failure is not None:
                return self._refuse(failure)
            assert head is not None
            self._begun = True
            self._start(head.status, head.fields)
            if self._ended and head.has_body:
                return [part]
            self._held = part
        except BaseException:
            self.close()
            raise
        return self

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        if self._given_out or self._exchange.failure is None:
            part = self._next_part()
            if part or not self._ended:
                self._given_out = self._given_out or bool(part)
                return part
        return self._finish()

    def close(self) -> None:
        """The application of a response that is not complete is told, and cancelled if it goes on."""
        if not self._closed:
            self._closed = True
            self._loop.depart(self._exchange)

    def _next_part(self) -> bytes:
        """Empty at the end, and where the application sends its head ahead of the body."""
        part, self._held = self._held, None
        if part is None:
            return b"" if self._ended else self._take()
        return part

    def _finish(self) -> bytes:
        failure = self._exchange.failure
        if failure is None or self._refused:
            raise StopIteration
        if self._given_out:
            raise failure
        return self._refuse(failure)[0]

    def _take(self) -> bytes:
        """What there is of the response, waited for; meanwhile the body is read for the application."""
        while (taken := self._exchange.handoff.take()) is None:
            data = self._body.read()
            self._loop.call(self._exchange.body_arrived, data, self._body.ended)
        part, self._ended, resume = taken
        if resume:
            self._loop.call(self._exchange.resume)
        return part

    def _refuse(self, failure: Exception) -> list[bytes]:
        """A 500. Where the server has sent the head already, it raises the failure itself."""
        self._refused = True
        report(failure, self._exchange.scope)
        exc_info = (type(failure), failure, failure.__traceback__) if self._begun else None
        method = self._exchange.scope["method"]
        return answer(self._start, method, "500 Internal Server Error", "Internal Server Error", exc_info)
