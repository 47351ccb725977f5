"""One stream of an HTTP/2 connection as the rest of the bridge knows it: what carries an exchange, or a
WebSocket once that is accepted.

A whole answer leaves when the exchange says that it is complete, not with its last part: by then the access
log has asked the engine about it, which forgets streams that are over.
"""

from collections.abc import Awaitable
from contextlib import aclosing

from penstock.base.asgi import Fields
from penstock.base.errors import ClientDisconnected
from penstock.bridge.carrier import Carrier
from penstock.bridge.exchange import Exchange
from penstock.bridge.stream import HttpStream, Pairs
from penstock.bridge.tunnel import Tunnel
from penstock.bridge.waiting import Bell
from penstock.bridge.wire import Handler
from penstock.engine.http2 import codes


class Http2Stream(HttpStream):
    """`exchange` is None once the response is complete, or a tunnel is open. Made by `open_stream`."""

    __slots__ = ("_bell", "_carrier", "_is_gone", "_trailers_follow", "_tunnel", "exchange", "stream_id")

    def _begin(self, carrier: Carrier, stream_id: int) -> None:
        self.stream_id = stream_id
        self.exchange: Exchange | None = None
        self._carrier = carrier
        self._bell: Bell | None = None
        self._tunnel: Tunnel | None = None
        self._is_gone = self._trailers_follow = False

    def make_tunnel(self) -> Tunnel:
        """What the stream will be for a WebSocket."""
        self._tunnel = Tunnel(self._carrier, self.stream_id)
        return self._tunnel

    # What the session tells.

    def body_received(self, data: bytes) -> None:
        if self._tunnel is not None:
            self._tunnel.receive_data(data)
        elif self.exchange is not None:
            self.exchange.body_received(data)

    def body_ended(self, trailers: Fields) -> None:
        if self._tunnel is None:
            if self.exchange is not None:
                self.exchange.body_ended(trailers)
        elif self._tunnel.is_open:
            self._tunnel.receive_eof()
        elif self.exchange is not None:
            self.exchange.half_closed()

    def half_closed(self) -> None:
        """The client sends no more on any stream, but may still read."""
        if self._tunnel is not None and self._tunnel.is_open:
            self._tunnel.receive_eof()
        elif self.exchange is not None:
            self.exchange.half_closed()

    def writing_resumed(self) -> None:
        if self._tunnel is not None and self._tunnel.is_open:
            self._tunnel.writing_resumed()
        self._ring()

    def lost(self, answer: int = 0) -> None:
        """The stream is over. `answer` is the status that the engine has sent by itself, if it has."""
        self._is_gone = True
        self._ring()
        exchange, self.exchange = self.exchange, None
        if exchange is not None:
            exchange.disconnected(answer)
        elif self._tunnel is not None and self._tunnel.is_open:
            self._tunnel.connection_lost()

    def handle_deadline(self, now: float) -> None:
        if self.exchange is not None:
            self.exchange.handle_deadline(now)
        elif self._tunnel is not None and self._tunnel.is_open:
            self._tunnel.handle_deadline(now)

    def drain(self) -> None:
        if self.exchange is not None:
            self.exchange.drain()
        elif self._tunnel is not None and self._tunnel.is_open:
            self._tunnel.handler.drain()

    # What the exchange asks for.

    def is_writable(self) -> bool:
        return self._carrier.engine.is_writable(self.stream_id)

    async def wait_writable(self) -> None:
        while self.exchange is not None and not self.is_writable():
            if self._bell is None:
                self._bell = Bell()
            await self._bell.wait()
        if self._is_gone:
            raise ClientDisconnected("the client went away, or took nothing for too long")

    def response_started(self) -> bool:
        return self._carrier.engine.response_started(self.stream_id)

    def body_bytes_sent(self) -> int:
        return self._carrier.engine.body_bytes_sent(self.stream_id)

    def send_continue(self) -> None:
        self._carrier.engine.send_continue(self.stream_id)
        self._carrier.spoken()

    def send_informational(self, status: int, fields: Pairs) -> None:
        self._carrier.engine.send_informational(self.stream_id, status, fields)
        self._carrier.spoken()

    def send_response(self, status: int, fields: Pairs, trailers_follow: bool) -> None:
        self._carrier.engine.send_response(self.stream_id, status, fields, trailers_follow)
        self._trailers_follow = trailers_follow

    def send_data(self, data: bytes | bytearray | memoryview, end: bool) -> None:
        self._carrier.engine.send_data(self.stream_id, data, end)
        if not end or self._trailers_follow:
            self._carrier.spoken()

    def send_trailers(self, fields: Pairs) -> None:
        self._carrier.engine.send_trailers(self.stream_id, fields)

    def send_refusal(self, status: int, reason: str, fields: Pairs = ()) -> None:
        self._carrier.engine.send_refusal(self.stream_id, status, reason, fields)

    def push(self, path: bytes, fields: Pairs) -> None:
        if self.stream_id & 1:  # what was promised promises nothing (RFC 9113 section 8.4)
            self._carrier.engine.push(self.stream_id, "GET", path, fields)
            self._carrier.spoken()

    def set_priority(self, urgency: int, incremental: bool) -> None:
        self._carrier.engine.set_priority(self.stream_id, urgency, incremental)

    def open_file(self, path: str) -> Awaitable[tuple[int, int]]:
        return self._carrier.wire.open_file(path)

    async def send_file(self, descriptor: int, offset: int | None, count: int, end: bool) -> None:
        """In parts, since frames stand between them. A part is read when there is room for it, and is small
        where there are many streams: a hundred would hold a hundred parts.
        """
        left = 0 if self._has_no_body() else count
        part_bytes = self._carrier.share_bytes()
        async with aclosing(self._carrier.wire.read_file(descriptor, offset, left, part_bytes)) as parts:
            while left > 0:
                await self.wait_writable()
                part = await anext(parts)
                left -= len(part)
                self.send_data(part, end and left == 0)
        if count == 0 or self._has_no_body():
            self.send_data(b"", end)

    def accept_websocket(self, fields: Pairs, handler: Handler) -> None:
        assert self._tunnel is not None
        self._carrier.engine.accept_tunnel(self.stream_id, fields)
        self.exchange = None
        self._carrier.spoken()
        self._tunnel.open(handler)

    def abort(self) -> None:
        self._carrier.engine.reset(self.stream_id, codes.INTERNAL_ERROR)
        self.exchange_complete()

    def body_taken(self, size: int) -> None:
        self._carrier.engine.data_taken(self.stream_id, size)
        self._carrier.spoken()

    def exchange_complete(self) -> None:
        self.exchange = None
        self._ring()
        self._carrier.let_go(self.stream_id)
        self._carrier.spoken()

    # Below.

    def _ring(self) -> None:
        if self._bell is not None:
            self._bell.ring()

    def _has_no_body(self) -> bool:
        """A response to HEAD has none: the file need not be read."""
        return self.exchange is not None and self.exchange.scope["method"] == "HEAD"


def open_stream(carrier: Carrier, stream_id: int) -> Http2Stream:
    """In place of a constructor, whose arguments would be packed and parsed."""
    stream = Http2Stream.__new__(Http2Stream)
    stream._begin(carrier, stream_id)
    return stream
