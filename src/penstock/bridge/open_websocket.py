"""A WebSocket behind its handshake: the handler of its wire, which drives the engine and keeps what the
application has not taken yet.

An application that does not receive fills the inbox, and a full inbox stops the wire from being read; a
client that does not read makes the wire unwritable, and senders wait.
"""

from collections.abc import Awaitable
from typing import Protocol

from penstock.bridge.inbox import Inbox
from penstock.bridge.waiting import DONE, Bell
from penstock.bridge.wire import Wire
from penstock.engine.websocket.connection import WebSocketConnection
from penstock.engine.websocket.events import BytesMessage, Closed, TextMessage


class Owner(Protocol):
    """Who is told of messages and of the end: the session."""

    bell: Bell

    def ended(self, code: int, reason: str) -> None: ...

    def drain(self) -> None: ...


class OpenWebSocket:
    __slots__ = ("_engine", "_inbox", "_max_inbox_bytes", "_owner", "_reading_paused", "_wire", "bytes_sent")

    def __init__(self, engine: WebSocketConnection, wire: Wire, owner: Owner, max_inbox_bytes: int) -> None:
        self.bytes_sent = 0
        self._engine = engine
        self._wire = wire
        self._owner = owner
        self._max_inbox_bytes = max_inbox_bytes
        self._inbox = Inbox()
        self._reading_paused = False

    # As the wire's handler.

    def receive_data(self, data: bytes) -> None:
        self._engine.receive_data(data)
        self._advance()

    def receive_eof(self) -> None:
        self._engine.receive_eof()
        self._advance()

    def connection_lost(self) -> None:
        self.receive_eof()

    def writing_resumed(self) -> None:
        """Senders wait for the wire by themselves."""

    def handle_deadline(self, now: float) -> None:
        self._engine.handle_deadline(now)
        self._advance()

    def drain(self) -> None:
        self._owner.drain()

    # For the session.

    def maybe_take(self) -> TextMessage | BytesMessage | None:
        """The oldest message; None when there is none."""
        if not self._inbox:
            return None
        event = self._inbox.take()
        if self._reading_paused:
            self._update_reading()
        return event

    def send_text(self, text: str) -> Awaitable[None]:
        """Send a message; what is returned waits for a client that is slower than the application."""
        self._engine.send_text(text)
        self._flush()
        return DONE if self._wire.writable else self._wire.wait_writable()

    def send_bytes(self, data: bytes | bytearray | memoryview) -> Awaitable[None]:
        self._engine.send_bytes(data)
        self._flush()
        return DONE if self._wire.writable else self._wire.wait_writable()

    def send_close(self, code: int, reason: str) -> None:
        self._engine.send_close(code, reason)
        self._flush()

    def forget(self) -> None:
        """Nobody will receive any more: drop what is here and what comes."""
        self._inbox.clear()
        self._update_reading()

    # Below.

    def _advance(self) -> None:
        events = self._engine.events()
        if events:
            last = events[-1]
            if isinstance(last, Closed):
                events.pop()
                self._owner.ended(last.code, last.reason)
            self._inbox.put(events)
            self._owner.bell.ring()
            self._update_reading()
        self._flush()

    def _flush(self) -> None:
        pieces = self._engine.data_to_send()
        if pieces:
            self._wire.write(pieces)
            for piece in pieces:
                self.bytes_sent += len(piece)
        if self._engine.close_wanted:
            self._wire.close(self._engine.close_wanted)

    def _update_reading(self) -> None:
        paused = self._inbox.size_bytes >= self._max_inbox_bytes
        if paused is not self._reading_paused:
            self._reading_paused = paused
            if paused:
                self._wire.pause_reading()
            else:
                self._wire.resume_reading()
