"""One exchange as an HTTP session carries it, whatever the version: `Http1Session` implements it for its one
exchange at a time, `Http2Stream` once a stream. So the rules of ASGI exist once.
"""

from collections.abc import Awaitable, Iterable

from penstock.base.errors import LocalProtocolError
from penstock.bridge.wire import Handler

Pairs = Iterable[tuple[bytes, bytes]]


class HttpStream:
    """What is sent is checked at once: LocalProtocolError is the application's fault, and nothing of that was
    written.
    """

    __slots__ = ()

    def is_writable(self) -> bool:
        raise NotImplementedError

    def wait_writable(self) -> Awaitable[None]:
        raise NotImplementedError

    def send_continue(self) -> None:
        """Let a client send its body that waits to be told so; nothing for any other."""
        raise NotImplementedError

    def send_informational(self, status: int, fields: Pairs) -> None:
        raise NotImplementedError

    def send_response(self, status: int, fields: Pairs, trailers_follow: bool) -> None:
        """The head, which leaves with the first part of the body."""
        raise NotImplementedError

    def send_data(self, data: bytes | bytearray | memoryview, end: bool) -> None:
        raise NotImplementedError

    def open_file(self, path: str) -> Awaitable[tuple[int, int]]:
        raise NotImplementedError

    def send_file(self, descriptor: int, offset: int | None, count: int, end: bool) -> Awaitable[None]:
        raise NotImplementedError

    def push(self, path: bytes, fields: Pairs) -> None:
        """Promise the response to a GET of `path`, where the client takes that."""
        raise LocalProtocolError("http.response.push is for HTTP/2; see scope['extensions']")

    def set_priority(self, urgency: int, incremental: bool) -> None:
        raise LocalProtocolError("http.response.priority is for HTTP/2; see scope['extensions']")

    def send_trailers(self, fields: Pairs) -> None:
        raise NotImplementedError

    def send_refusal(self, status: int, reason: str, fields: Pairs = ()) -> None:
        """A whole response of the server's own, as long as no byte of another was written; it closes."""
        raise NotImplementedError

    def accept_websocket(self, fields: Pairs, handler: Handler) -> None:
        """Switch protocols: what the wire brings goes to `handler` from now on."""
        raise NotImplementedError

    def abort(self) -> None:
        """Give the response up, so that the client sees it is cut."""
        raise NotImplementedError

    def body_taken(self, size: int) -> None:
        """The application took so many bytes of the body: as many more may come."""
        raise NotImplementedError

    def exchange_complete(self) -> None:
        """The response is complete; the stream lets go of the exchange."""
        raise NotImplementedError

    def response_started(self) -> bool:
        """Whether bytes of the final head were given out."""
        raise NotImplementedError

    def body_bytes_sent(self) -> int:
        raise NotImplementedError
