"""A TLS connection: the pump stands between the transport and the session.

The session above sees plain bytes and does not know. It begins when the handshake is complete, since only
then are the protocol (ALPN) and the client's certificate known; until then the handshake's own deadline runs.
Half-closing is close_notify: the peer may send it and go on reading (RFC 8446 section 6.1).
"""

import ssl
from dataclasses import dataclass

from penstock.bridge.failures import report_fault
from penstock.bridge.refusals import record_refusal
from penstock.engine.closing import ABORT, CLOSE, LINGER
from penstock.transport.certificates import TlsExtension
from penstock.transport.connection import Connection, Registry
from penstock.transport.tls import TlsPump

PLAIN_HTTP_SENTENCE = b"This port speaks TLS: ask for https, not plain http.\n"
PLAIN_HTTP_ANSWER = (
    b"HTTP/1.1 400 Bad Request\r\ncontent-type: text/plain; charset=utf-8\r\ncontent-length: %d\r\n"
    b"connection: close\r\n\r\n%s" % (len(PLAIN_HTTP_SENTENCE), PLAIN_HTTP_SENTENCE)
)


@dataclass(frozen=True, slots=True)
class TlsSetup:
    """What the TLS connections of a server share."""

    context: ssl.SSLContext
    extension: TlsExtension


class TlsConnection(Connection):
    __slots__ = ("_drain_due", "_handshake_deadline", "_held_back", "_peer_closed", "_pump", "_setup")

    scheme = "https"

    def __init__(self, registry: Registry, setup: TlsSetup) -> None:
        super().__init__(registry)
        self._setup = setup
        self._pump = TlsPump(setup.context)
        self._handshake_deadline: float | None = None
        self._peer_closed = self._held_back = self._drain_due = False

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
        if self._drain_due and pump.handshake_complete:
            self._drain_due = False
            Connection.drain(self)
        self._send_ciphertext()
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

    def resume_writing(self) -> None:
        if not self._pump.blocked:
            Connection.resume_writing(self)

    # What the bridge asks for.

    def close(self, wanted: int) -> None:
        if not self._closing and wanted != ABORT:
            self.flush()
            self._pump.send_close()
            self._send_ciphertext()
        Connection.close(self, wanted)

    async def send_file(self, descriptor: int, offset: int | None, count: int) -> None:
        await self._send_parts(descriptor, offset, count)

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
        """Whoever has begun a handshake may end it: the first request mostly comes with its last message."""
        if self._pump.handshake_complete:
            super().drain()
        elif self._pump.has_begun:
            self._drain_due = True
        else:
            self.abort()

    # Below.

    def _begin(self) -> None:
        """The session begins behind the handshake."""

    def _begin_session(self) -> None:
        self._open(self._setup.extension.describe(self._pump.session), self._pump.alpn)

    def _send(self, pieces: list[bytes], size: int) -> None:
        """What was gathered in a turn is encrypted together: records are filled."""
        self._pump.send_data(pieces)
        self._send_ciphertext()

    def _send_ciphertext(self) -> None:
        self._give(self._pump.data_to_send())
        if self._pump.blocked:  # a peer inside a key update: what it does not finish must not pile up here
            self.writable = False
            self._held_back = True
        elif self._held_back:
            self._held_back = False
            if self._transport.get_write_buffer_size() <= self._max_pending_bytes:
                Connection.resume_writing(self)

    def _peer_ended(self) -> None:
        pump = self._pump
        if pump.plain_http:
            self._transport.write(PLAIN_HTTP_ANSWER)
            service = self._registry.service
            record_refusal(service, self._read_facts(None), 400, len(PLAIN_HTTP_SENTENCE))
            super().close(LINGER)
        elif pump.fault is not None:
            report_fault(pump.fault, self._client())
            super().close(CLOSE)
        elif not self._peer_closed:
            self._peer_closed = True
            self.handler.receive_eof()
