"""The response as the WSGI server sees it: an iterable with `close` (PEP 3333). All of it runs in the
server's thread, which also reads the request's body whenever the application has asked for it.

A response that fails before any of it was given out becomes a 500, through `exc_info` where `start_response`
was called already; after that the failure is raised, for the server to cut the connection.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from penstock.adapters.asgi_to_wsgi.cut import cut_connection
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


def respond(
    exchange: Exchange, body: RequestBody, loop: LoopThread, start_response: StartResponse
) -> Iterable[bytes]:
    """Of an exchange that has begun in the loop: wait for the head, and for the whole response where it comes
    in one piece.
    """
    try:
        part, ended = _take(exchange, body, loop)
        failure, head = exchange.failure, exchange.head
        if failure is None:
            assert head is not None
            start_response(head.status, head.fields)
    except BaseException:
        loop.depart(exchange)
        raise
    if failure is not None or head is None:
        return _refuse(exchange, start_response)
    if ended and head.has_body:
        return [part]
    return Response(exchange, body, loop, start_response).behind(part, ended)


class Response:
    """Of more than one part, or without a body; its head is told already."""

    __slots__ = (
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
        self._given_out = self._ended = self._refused = self._closed = False

    def behind(self, part: bytes, ended: bool) -> "Response":
        """This response, with the part that came with the head."""
        self._held, self._ended = part, ended
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
            if self._ended:
                return b""
            try:
                part, self._ended = _take(self._exchange, self._body, self._loop)
            except BaseException:
                if self._given_out:
                    cut_connection()
                raise
        return part

    def _finish(self) -> bytes:
        failure = self._exchange.failure
        if failure is None or self._refused:
            raise StopIteration
        if self._given_out:
            cut_connection()
            raise failure
        self._refused = True
        return _refuse(self._exchange, self._start, (type(failure), failure, failure.__traceback__))[0]


def _take(exchange: Exchange, body: RequestBody, loop: LoopThread) -> tuple[bytes, bool]:
    """What there is of the response, waited for, and whether it ended with it; meanwhile the body is read for
    the application.
    """
    while (taken := exchange.handoff.take()) is None:
        data = body.read()
        loop.call(exchange.body_arrived, data, body.ended)
    part, ended, resume = taken
    if resume:
        loop.call(exchange.resume)
    return part, ended


def _refuse(exchange: Exchange, start_response: StartResponse, exc_info: Any = None) -> list[bytes]:
    """A 500. Where the server has sent the head already, it raises the failure itself."""
    assert exchange.failure is not None
    report(exchange.failure, exchange.scope)
    method = exchange.scope["method"]
    return answer(start_response, method, "500 Internal Server Error", "Internal Server Error", exc_info)
