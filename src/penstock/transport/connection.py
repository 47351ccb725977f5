"""One accepted connection: an asyncio protocol below, the wire of a bridge session above.

It is an `asyncio.Protocol` in all but name: compiled classes have no Python base. It owns the transport and
nothing of the protocols: bytes go to the handler, pieces go to the transport, and what the engine wants of
the connection (`engine.closing`) is done here. Back-pressure is the transport's: over the high-water mark
`writable` is false and senders wait. A closing connection has a deadline of its own, so that a peer that
stops reading cannot keep it.
"""

import asyncio
import socket
import struct
from collections.abc import AsyncGenerator
from typing import Any, Protocol, cast

from penstock.base.errors import ClientDisconnected
from penstock.bridge.facts import ConnectionFacts
from penstock.bridge.http1 import Http1Session
from penstock.bridge.http2 import Http2Session
from penstock.bridge.scope import http_extensions
from penstock.bridge.service import Service
from penstock.bridge.waiting import Bell
from penstock.bridge.wire import Wire
from penstock.engine.closing import ABORT, LINGER
from penstock.transport.files import FileTransfer, open_for_sending, read_parts
from penstock.transport.idle import Idle
from penstock.transport.opening import Opening, open_session
from penstock.transport.outbox import Outbox

JOINED_BYTES = 16384  # up to here copying is cheaper than one more buffer
INTERNET = (socket.AF_INET, socket.AF_INET6)
NO_LINGERING = struct.pack("ii", 1, 0)  # a close with this resets the connection


class Registry(Protocol):
    """Who keeps the connections of a server (`transport.sweep`)."""

    service: Service
    outbox: Outbox

    def add(self, connection: "Connection") -> bool:
        """Count a new connection; False when there are too many."""

    def discard(self, connection: "Connection") -> None: ...


class Connection(Wire):
    """A plain connection. `TlsConnection` puts the TLS pump between it and the transport."""

    __slots__ = (
        "_bell",
        "_closing",
        "_max_pending_bytes",
        "_outbox",
        "_pending",
        "_pending_bytes",
        "_reading_paused",
        "_registry",
        "_stall_deadline",
        "_stalled_bytes",
        "_transfer",
        "_transport",
    )

    scheme = "http"

    def __init__(self, registry: Registry) -> None:
        super().__init__(NO_FACTS, IDLE)
        self._registry = registry
        self._transport: asyncio.Transport  # from connection_made, the first call, on
        self._bell: Bell | None = None
        self._transfer: FileTransfer | None = None
        self._outbox = registry.outbox
        self._pending: list[bytes] | None = None
        self._pending_bytes = 0
        self._max_pending_bytes = registry.service.limits.write_buffer_bytes
        self._closing = self._reading_paused = False
        self._stalled_bytes = 0
        self._stall_deadline: float | None = None

    # What the transport tells.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._transport.set_write_buffer_limits(self._max_pending_bytes)
        room = self._registry.add(self)
        self._begin()
        if self._registry.service.draining:
            self._refuse("the server restarts")
        elif not room:
            self._refuse("the server has no room for another connection")

    def data_received(self, data: bytes) -> None:
        self.handler.receive_data(data)

    def eof_received(self) -> bool:
        """True keeps the transport open: the client may only have closed its half, and still read."""
        self.handler.receive_eof()
        return not self._closing

    def pause_writing(self) -> None:
        self.writable = False

    def resume_writing(self) -> None:
        self.writable = True
        self._stall_deadline = None
        if self._bell is not None:
            self._bell.ring()
        self.handler.writing_resumed()

    def connection_lost(self, error: Exception | None) -> None:
        self._registry.discard(self)
        self._closing = True
        self._give_up()
        self.writable = True  # whoever waits goes on, and finds that the client is gone
        handler, self.handler = self.handler, IDLE
        handler.connection_lost()
        if self._bell is not None:
            self._bell.ring()

    # What the bridge asks for.

    def write(self, pieces: list[bytes]) -> None:
        if self._closing:
            return
        if self._pending is None:
            self._pending = pieces
            self._outbox.add(self)
        else:
            self._pending += pieces
        for piece in pieces:
            self._pending_bytes += len(piece)
        if self._pending_bytes > self._max_pending_bytes:
            self.flush()

    def flush(self) -> None:
        pieces, self._pending = self._pending, None
        size, self._pending_bytes = self._pending_bytes, 0
        if pieces is None:
            return
        if self._transport.is_closing():
            self.writable = False  # until connection_lost, or who only sends would never find out
        else:
            self._send(pieces, size)

    def close(self, wanted: int) -> None:
        if self._closing:
            return
        self.flush()
        if wanted == ABORT:
            self.abort()
            return
        self._closing = True
        self._stall_deadline = None
        if wanted == LINGER:
            self._linger()
        else:
            self._transport.close()

    def pause_reading(self) -> None:
        if not self._reading_paused and not self._transport.is_closing():
            self._reading_paused = True
            self._transport.pause_reading()

    def resume_reading(self) -> None:
        if self._reading_paused and not self._transport.is_closing():
            self._reading_paused = False
            self._transport.resume_reading()

    async def wait_writable(self) -> None:
        while not self.writable:
            if self._bell is None:
                self._bell = Bell()
            await self._bell.wait()
        if self._transport.is_closing():
            raise ClientDisconnected("the client went away, or took nothing for too long")

    async def open_file(self, path: str) -> tuple[int, int]:
        return await open_for_sending(path)

    async def send_file(self, descriptor: int, offset: int | None, count: int) -> None:
        self.flush()
        if self._transport.is_closing():
            raise ClientDisconnected("the client went away before the file")
        self._stall_deadline = None
        transfer = self._transfer = FileTransfer(self._transport)
        try:
            await transfer.send(descriptor, offset, count)
        except asyncio.SendfileNotAvailableError:
            await self._send_parts(descriptor, offset, count)
        finally:
            self._transfer = None

    def read_file(
        self, descriptor: int, offset: int | None, count: int, part_bytes: int
    ) -> AsyncGenerator[bytes, None]:
        return read_parts(descriptor, offset, count, part_bytes)

    async def _send_parts(self, descriptor: int, offset: int | None, count: int) -> None:
        """What sendfile cannot carry: read by a thread, written like any body."""
        async for part in read_parts(descriptor, offset, count):
            self.write([part])
            self.flush()
            await self.wait_writable()

    # What the sweep asks for.

    def handle_deadline(self, now: float) -> None:
        self.handler.handle_deadline(now)
        if self._closing or not self.writable or self._transfer is not None:
            self._check_stall(now)

    def drain(self) -> None:
        self.handler.drain()

    def abort(self) -> None:
        """End at once, and so that the client sees it, unless it has all that it was to get: where the end of
        the connection is the end of the body, a close would make a part of it the whole.
        """
        if not self._closing and not self._transport.is_closing():
            self._close_by_reset()
        self._closing = True
        self._give_up()
        self._transport.abort()

    # Below.

    def _give_up(self) -> None:
        """Nothing of what was to be sent will be."""
        self._pending = None
        if self._transfer is not None:
            self._transfer.abandon()

    def _close_by_reset(self) -> None:
        own = self._transport.get_extra_info("socket")
        if own.family in INTERNET:
            own.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, NO_LINGERING)

    def _begin(self) -> None:
        self._open(None, None)

    def _open(self, tls: dict[str, Any] | None, agreed: str | None) -> None:
        """Everything is known that a session needs; `tls` is the ASGI extension of that name, `agreed` the
        protocol of ALPN.
        """
        self.facts = self._read_facts(tls)
        self.handler = open_session(self, self._registry.service, agreed)

    def _send(self, pieces: list[bytes], size: int) -> None:
        """Give the transport what was gathered: small pieces as one, or each would be a buffer of its own."""
        if len(pieces) > 1 and size <= JOINED_BYTES:
            self._transport.write(b"".join(pieces))
        else:
            self._give(pieces)

    def _give(self, pieces: list[bytes]) -> None:
        if len(pieces) == 1:
            self._transport.write(pieces[0])
        elif pieces:
            self._transport.writelines(pieces)
            # asyncio's writelines (3.12, 3.13) never pauses its protocol; setting the limits looks at them.
            self._transport.set_write_buffer_limits(self._max_pending_bytes)

    def _refuse(self, reason: str) -> None:
        if isinstance(self.handler, Opening | Http1Session):
            self.handler.refuse(503, reason)
        elif isinstance(self.handler, Http2Session):
            self.handler.refuse()
        else:
            self.abort()

    def _read_facts(self, tls: dict[str, Any] | None) -> ConnectionFacts:
        return ConnectionFacts(
            client=self._client(),
            server=self._server(),
            scheme=self.scheme,
            tls=tls,
            extensions=http_extensions(tls),
        )

    def _client(self) -> tuple[str, int] | None:
        client = self._transport.get_extra_info("peername")
        return client[:2] if isinstance(client, tuple) else None

    def _server(self) -> tuple[str, int | None] | None:
        server = self._transport.get_extra_info("sockname")
        if isinstance(server, tuple):
            return server[:2]
        return None if server is None else (_text(server), None)

    def _linger(self) -> None:
        """Read on for a moment behind what was written: unread bytes would turn the close into a reset."""
        self.handler.connection_lost()
        self.handler = IDLE
        self.resume_reading()
        if self._transport.can_write_eof():
            self._transport.write_eof()
        self._stalled_bytes = -1

    def _check_stall(self, now: float) -> None:
        """Give a client up that takes no byte of what waits for it, or does not close its half of a lingering
        close.
        """
        waiting = self._transport.get_write_buffer_size()
        if self._transfer is not None:
            waiting -= self._transfer.bytes_sent
        if self._stall_deadline is None or waiting != self._stalled_bytes:
            limits = self._registry.service.limits
            seconds = limits.close_seconds if self._closing else limits.write_stall_seconds
            self._stalled_bytes = waiting
            self._stall_deadline = None if seconds is None else now + seconds
        elif now >= self._stall_deadline:
            self.abort()


def _text(address: str | bytes) -> str:
    """A Unix socket's address; an abstract one comes as bytes."""
    return address.decode(errors="surrogateescape") if isinstance(address, bytes) else address


IDLE = Idle()
NO_FACTS = ConnectionFacts(client=None, server=None, scheme="http", tls=None, extensions={})
