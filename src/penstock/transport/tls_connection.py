"""A TLS connection: the pump stands between the transport and the session.

The session above sees plain bytes and does not know. It begins when the handshake is complete, since only then are the
protocol (ALPN) and the client's certificate known; until then the handshake's own deadline runs. Half-closing is
close_notify: the peer may send it and go on reading (RFC 8446 section 6.1).
"""

import ssl
from dataclasses import dataclass

from penstock.bridge.failures import report_fault
from penstock.engine.closing import ABORT, CLOSE, LINGER
from penstock.transport import files
from penstock.transport.certificates import tls_extension
from penstock.transport.connection import Connection, Registry
from penstock.transport.tls import TlsPump

PLAIN_HTTP_SENTENCE = b"This port speaks TLS: ask for https, not plain http.\n"
PLAIN_HTTP_ANSWER = (
    b"HTTP/1.1 400 Bad Request\r\ncontent-type: text/plain; charset=utf-8\r\ncontent-length: %d\r\n"
    b"connection: close\r\n\r\n%s" % (len(PLAIN_HTTP_SENTENCE), PLAIN_HTTP_SENTENCE)
)


@dataclass(frozen=True, slots=True)
class TlsSetup:
    """What the TLS connections of a server share: the context, and the server's own certificate as PEM text."""

    context: ssl.SSLContext
    server_certificate: str


class TlsConnection(Connection):
    __slots__ = ("_handshake_deadline", "_peer_closed", "_pump", "_setup")

    scheme = "https"

    def __init__(self, registry: Registry, setup: TlsSetup) -> None:
        super().__init__(registry)
        self._setup = setup
        self._pump = TlsPump(setup.context)
        self._handshake_deadline: float | None = None
        self._peer_closed = False

    # What the transport tells.

    def data_received(self, data: bytes) -> None:
        if self._closing:
            return
        pump = self._pump
        if pump.handshake_complete:
            plain = pump.receive_data(data)
        else:
            plain = pump.receive_data(data)
            if pump.handshake_complete:
                self._begin_session()
        if plain:
            self.handler.receive_data(plain)
        self._flush()
        if pump.peer_closed or pump.fault is not None or pump.plain_http:
            self._peer_ended()

    def eof_received(self) -> bool:
        self._pump.receive_eof()
        if not self._pump.handshake_complete:
            self.close(CLOSE)
        elif not self._peer_closed:
            self._peer_closed = True
            self.handler.receive_eof()
        return not self._closing

    # What the bridge asks for.

    def write(self, pieces: list[bytes]) -> None:
        if not self._closing:
            self._pump.send_data(pieces)
            self._flush()

    def close(self, wanted: int) -> None:
        if not self._closing and wanted != ABORT:
            self._pump.send_close()
            self._flush()
        Connection.close(self, wanted)

    async def send_file(self, descriptor: int, offset: int | None, count: int) -> None:
        async for part in files.read_parts(descriptor, offset, count):
            self.write([part])
            await self.wait_writable()

    # What the sweep asks for.

    def handle_deadline(self, now: float) -> None:
        super().handle_deadline(now)
        seconds = self._registry.service.limits.tls_handshake_seconds
        if self._pump.handshake_complete or seconds is None:
            return
        if self._handshake_deadline is None:
            self._handshake_deadline = now + seconds
        elif now >= self._handshake_deadline:
            self.abort()

    def drain(self) -> None:
        if self._pump.handshake_complete:
            super().drain()
        else:
            self.abort()

    # Below.

    def _begin(self) -> None:
        """The session begins behind the handshake."""

    def _begin_session(self) -> None:
        self._open(tls_extension(self._pump.session, self._setup.server_certificate))

    def _flush(self) -> None:
        pieces = self._pump.data_to_send()
        if pieces and not self._transport.is_closing():
            self._write(pieces)

    def _peer_ended(self) -> None:
        pump = self._pump
        if pump.plain_http:
            self._transport.write(PLAIN_HTTP_ANSWER)
            super().close(LINGER)
        elif pump.fault is not None:
            report_fault(pump.fault, self._client())
            super().close(CLOSE)
        elif not self._peer_closed:
            self._peer_closed = True
            self.handler.receive_eof()
