"""What the bridge needs from the layers beside and below it, as protocols: the connection's wire, and a
stream of HTTP on it.

`transport.connection` implements `Wire` for sockets and `testing.transport` fakes it. `Http1Session`
implements `HttpStream` (as the HTTP/2 session will, once a stream), so the ASGI rules of an exchange exist
once for every version of HTTP.
"""

from collections.abc import Awaitable, Iterable
from typing import Protocol

from penstock.bridge.facts import ConnectionFacts


class Handler(Protocol):
    """Who gets what a wire brings. It is replaced when the protocol of the connection changes."""

    def receive_data(self, data: bytes) -> None: ...

    def receive_eof(self) -> None: ...

    def writing_resumed(self) -> None: ...

    def connection_lost(self) -> None: ...

    def handle_deadline(self, now: float) -> None: ...

    def drain(self) -> None: ...


class Wire(Protocol):
    """One connection as the bridge sees it."""

    handler: Handler
    facts: ConnectionFacts
    writable: bool

    def write(self, pieces: list[bytes]) -> None: ...

    def close(self, wanted: int) -> None:
        """End the connection: CLOSE, LINGER or ABORT of `engine.closing`."""

    def pause_reading(self) -> None: ...

    def resume_reading(self) -> None: ...

    async def wait_writable(self) -> None:
        """Return when the client has taken enough of what waits for it, or is gone."""

    async def open_file(self, path: str) -> tuple[int, int]:
        """Open a regular file for sending: its descriptor, which the caller closes, and its size in bytes."""

    async def send_file(self, descriptor: int, offset: int | None, count: int) -> None:
        """Send exactly `count` bytes of an open file behind what was written. ClientDisconnected when the
        client goes.
        """


class HttpStream(Protocol):
    """One exchange as an HTTP session carries it, whatever the version."""

    @property
    def writable(self) -> bool: ...

    @property
    def response_started(self) -> bool: ...

    @property
    def body_bytes_sent(self) -> int: ...

    def wait_writable(self) -> Awaitable[None]: ...

    def send_continue(self) -> None: ...

    def send_informational(self, status: int, fields: Iterable[tuple[bytes, bytes]]) -> None: ...

    def send_response(
        self, status: int, fields: Iterable[tuple[bytes, bytes]], trailers_follow: bool
    ) -> None: ...

    def send_data(self, data: bytes | bytearray | memoryview, end: bool) -> None: ...

    async def open_file(self, path: str) -> tuple[int, int]: ...

    async def send_file(self, descriptor: int, offset: int | None, count: int, end: bool) -> None: ...

    def send_trailers(self, fields: Iterable[tuple[bytes, bytes]]) -> None: ...

    def send_refusal(self, status: int, reason: str, fields: Iterable[tuple[bytes, bytes]] = ()) -> None: ...

    def accept_websocket(self, fields: Iterable[tuple[bytes, bytes]], handler: Handler) -> None: ...

    def abort(self) -> None: ...

    def body_wanted(self) -> None:
        """The application took what was queued of the body: more may be read."""

    def exchange_complete(self) -> None:
        """The response is complete; the stream drops the exchange."""
