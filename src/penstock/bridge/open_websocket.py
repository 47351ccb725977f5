"""A WebSocket behind its handshake: the handler of its wire, which drives the engine and keeps what the
application has not taken yet.

An application that does not receive fills the inbox, and a full inbox stops the wire from being read; a
client that does not read makes the wire unwritable, and senders wait. Reading stops as well while the engine
holds messages back, and while a client takes no answers (pongs) to what it sends.
"""

from collections.abc import Awaitable
from typing import Protocol

from penstock.bridge.inbox import Inbox
from penstock.bridge.waiting import DONE, Bell
from penstock.bridge.wire import Wire
from penstock.engine.websocket.connection import WebSocketConnection
from penstock.engine.websocket.events import BytesMessage, Closed, Event, TextMessage

ABNORMAL = 1006  # no close frame came (RFC 6455 section 7.4.1)


class Owner(Protocol):
    """Who is told of messages and of the end: the session."""

    bell: Bell

    def ended(self, code: int, reason: str) -> None:
        """The WebSocket is over. Only the first call counts."""

    def drain(self) -> None: ...


class OpenWebSocket:
    __slots__ = (
        "_answers_wait",
        "_engine",
        "_inbox",
        "_max_inbox_bytes",
        "_owner",
        "_reading_paused",
        "_wire",
        "bytes_sent",
    )

    def __init__(self, engine: WebSocketConnection, wire: Wire, owner: Owner, max_inbox_bytes: int) -> None:
        self.bytes_sent = 0
        self._engine = engine
        self._wire = wire
        self._owner = owner
        self._max_inbox_bytes = max_inbox_bytes
        self._inbox = Inbox()
        self._answers_wait = False
        self._reading_paused = False

    # As the wire's handler.

    def receive_data(self, data: bytes) -> None:
        self._engine.receive_data(data)
        self._advance()

    def receive_eof(self) -> None:
        self._engine.receive_eof()
        self._advance()

    def connection_lost(self) -> None:
        """The end is told at once, also when the engine still holds messages back."""
        self.receive_eof()
        self._owner.ended(ABNORMAL, "")

    def writing_resumed(self) -> None:
        """Senders wait for the wire by themselves."""
        if self._answers_wait:
            self._answers_wait = False
            self._update_reading()

    def handle_deadline(self, now: float) -> None:
        if self._reading_paused:
            self._engine.excuse_silence()
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
            if not self._inbox and self._engine.wants_pause:
                self._advance()
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
        """From now on nothing is received but the client's own close, and reading goes on for that."""
        self._engine.send_close(code, reason)
        self._advance()
        while self._engine.wants_pause:
            self._advance()
        self._update_reading()

    def forget(self) -> None:
        """Nobody will receive any more."""
        self._inbox.clear()
        self._update_reading()

    # Below.

    def _advance(self) -> None:
        """What the engine holds back comes when the application has taken the rest."""
        engine = self._engine
        closed = None
        if not (engine.wants_pause and engine.is_open and self._inbox) and (events := engine.events()):
            closed = self._take_in(events)
        if self._flush() and not self._wire.writable:
            self._answers_wait = True
            self._update_reading()
        if closed is not None:
            self._owner.ended(closed.code, closed.reason)
        if engine.close_wanted:
            self._wire.close(engine.close_wanted)

    def _take_in(self, events: list[Event]) -> Closed | None:
        last = events[len(events) - 1]  # compiled, a negative index is none from the end
        closed = last if isinstance(last, Closed) else None
        if closed is not None:
            events.pop()
        self._inbox.put(events)
        self._owner.bell.ring()
        self._update_reading()
        return closed

    def _flush(self) -> bool:
        """Write what the engine has; False when it had nothing."""
        pieces = self._engine.data_to_send()
        if not pieces:
            return False
        self._wire.write(pieces)
        for piece in pieces:
            self.bytes_sent += len(piece)
        return True

    def _update_reading(self) -> None:
        full = self._inbox.size_bytes >= self._max_inbox_bytes or self._engine.wants_pause
        paused = self._answers_wait or (full and self._engine.is_open)
        if paused != self._reading_paused:
            self._reading_paused = paused
            if paused:
                self._wire.pause_reading()
            else:
                self._wire.resume_reading()
