"""One WebSocket connection, the server's side (RFC 6455 sections 5 to 7).

Bytes go through three steps: a head is read, the payload is unmasked (piece by piece when it comes so), and
the message, close, ping or pong it makes is acted upon. Nothing is kept but the one frame head, control frame
or message that is not yet whole, so an idle connection holds no buffer. The closing handshake is a table; a
fault of the peer is answered by a close frame with the code that names it, and ends the connection as if
there had been no close frame of the peer (section 7.1.7).
"""

from penstock.base.errors import LocalProtocolError, RemoteProtocolError
from penstock.base.limits import Limits
from penstock.engine import closing, octets
from penstock.engine.websocket import codes
from penstock.engine.websocket.agreement import Agreement
from penstock.engine.websocket.deflate import Deflater, Inflater
from penstock.engine.websocket.events import BytesMessage, Closed, Event, TextMessage
from penstock.engine.websocket.frames import (
    BINARY,
    CLOSE,
    COMPRESSED,
    FINAL,
    MAX_CONTROL_BYTES,
    PING,
    PONG,
    TEXT,
    FrameHead,
    append_frame,
)
from penstock.engine.websocket.message import Assembly, decode_text
from penstock.engine.websocket.watch import CLOSE_WANTED, LISTENING, PONG_WANTED, STOPPED, Watch

OPEN, CLOSING, CLOSED = range(3)
WE_CLOSE, THEY_CLOSE, IT_FAILS = range(3)

NEXT = {
    (OPEN, WE_CLOSE): CLOSING,
    (OPEN, THEY_CLOSE): CLOSED,
    (OPEN, IT_FAILS): CLOSED,
    (CLOSING, THEY_CLOSE): CLOSED,
    (CLOSING, IT_FAILS): CLOSED,
}

# Deflate makes a thousand bytes of one, so that a single read could hold many large messages. Past this many
# inflated bytes the rest of the read stays as it came until these events were taken.
MAX_INFLATED_BATCH_BYTES = 1 << 20


class WebSocketConnection:
    """See the engine contract in ARCHITECTURE.md. `deflate` is what `handshake.accept` agreed on.

    `is_open`: neither side has begun to close, so messages can be sent. `wants_pause`: read no more, and call
    `events()` again when the last batch was taken.
    """

    __slots__ = (
        "_agreement",
        "_assembly",
        "_batch_room",
        "_deflater",
        "_eof_waits",
        "_events",
        "_head",
        "_held",
        "_inflater",
        "_is_closed",
        "_limits",
        "_max_frame_bytes",
        "_max_message_bytes",
        "_min_deflate_bytes",
        "_missing",
        "_output",
        "_pings_sent",
        "_state",
        "_watch",
        "close_wanted",
        "is_open",
        "wants_pause",
    )

    def __init__(self, limits: Limits, deflate: Agreement | None) -> None:
        self._limits = limits
        self._max_frame_bytes = limits.max_frame_bytes
        self._max_message_bytes = limits.max_message_bytes
        self._min_deflate_bytes = max(limits.deflate_min_bytes, 1)
        self._agreement = deflate
        self._deflater: Deflater | None = None
        self._inflater: Inflater | None = None
        self._batch_room = 0  # of inflated bytes
        self._head = FrameHead(deflate is not None)
        self._held = b""  # a head or control frame that is not whole, or what waits for the batch before it
        self._missing = 0  # bytes of the present data frame's payload that have not come
        self._assembly: Assembly | None = None
        self._events: list[Event] = []
        self._output: list[bytes] = []
        self._state = OPEN
        self.is_open = True
        self._is_closed = False
        self._eof_waits = False
        self._pings_sent = 0
        self._watch = Watch(limits)
        self.close_wanted = closing.KEEP_OPEN
        self.wants_pause = False

    @property
    def next_deadline(self) -> float | None:
        return self._watch.deadline

    def receive_data(self, data: bytes) -> None:
        if self._is_closed:
            return
        self._watch.heard()
        if self._held:
            data = self._held + data
            self._held = b""
        if self.wants_pause:
            self._held = data
        else:
            self._read(data)

    def receive_eof(self) -> None:
        if self.wants_pause:
            self._eof_waits = True
        elif not self._is_closed:
            self._end(IT_FAILS, codes.NO_CLOSE_FRAME, "", closing.CLOSE)

    def events(self) -> list[Event]:
        if self.wants_pause and not self._events:
            self._read_on()
        events = self._events
        self._events = []
        return events

    def send_text(self, text: str) -> None:
        try:
            payload = text.encode("utf-8")
        except UnicodeEncodeError:
            raise LocalProtocolError("a text message with a lone surrogate cannot be sent") from None
        self._send_message(TEXT, payload)

    def send_bytes(self, data: bytes | bytearray | memoryview) -> None:
        self._send_message(BINARY, data if type(data) is bytes else bytes(data))

    def send_ping(self, payload: bytes = b"") -> None:
        self._check_open()
        if len(payload) > MAX_CONTROL_BYTES:
            raise LocalProtocolError(f"a ping holds at most {MAX_CONTROL_BYTES} bytes")
        append_frame(self._output, FINAL | PING, payload)

    def send_close(self, code: int = codes.NORMAL, reason: str = "") -> None:
        """Begins the closing handshake; what the peer still sends before its close frame is dropped."""
        payload = codes.build_close(code, reason)
        self._check_open()
        self._move(WE_CLOSE)
        append_frame(self._output, FINAL | CLOSE, payload)
        self._assembly = None
        self._watch.enter(CLOSE_WANTED)

    def data_to_send(self) -> list[bytes]:
        output = self._output
        self._output = []
        return output

    def excuse_silence(self) -> None:
        """Says that the caller did not read: silence until now is not the peer's. Wanted before
        `handle_deadline`, at every sweep while reading is paused."""
        self._watch.heard()

    def handle_deadline(self, now: float) -> None:
        expired = self._watch.look(now)
        if expired == LISTENING:
            self._pings_sent += 1
            append_frame(self._output, FINAL | PING, b"%d" % self._pings_sent)
        elif expired == PONG_WANTED:
            self._fail(f"no pong came within {self._limits.pong_seconds:g} s", codes.INTERNAL_ERROR)
        elif expired == CLOSE_WANTED:
            reason = f"no close frame came within {self._limits.close_seconds:g} s"
            self._end(IT_FAILS, codes.NO_CLOSE_FRAME, reason, closing.CLOSE)

    def _check_open(self) -> None:
        if not self.is_open:
            raise LocalProtocolError("the WebSocket is closed or closing")

    def _move(self, cause: int) -> None:
        self._state = NEXT[self._state, cause]
        self.is_open = self._state == OPEN
        self._is_closed = self._state == CLOSED

    def _read_on(self) -> None:
        """Goes on where the last batch became too large."""
        data = self._held
        self._held = b""
        self.wants_pause = False
        self._read(data)
        if self._eof_waits and not self.wants_pause:
            self.receive_eof()

    def _read(self, data: bytes) -> None:
        self._batch_room = MAX_INFLATED_BATCH_BYTES
        try:
            self._read_frames(data)
        except RemoteProtocolError as fault:
            self._fail(fault.reason, fault.status)

    def _read_frames(self, data: bytes) -> None:
        position = 0
        end = len(data)
        while position < end and not self._is_closed:
            if self._batch_room < 0 and self._events:
                self.wants_pause = True
                self._held = data[position:]
                return
            if self._missing:
                position = self._read_payload(data, position)
                continue
            behind = self._read_frame(data, position)
            if behind < 0:
                self._held = data[position:]
                return
            position = behind

    def _read_frame(self, data: bytes, start: int) -> int:
        head = self._head
        position = head.read(data, start)
        if position < 0:
            return -1
        if head.is_control:
            return self._read_control(data, position)
        if self.is_open:
            self._check_order()
            self._check_size()
            if head.is_final and self._assembly is None and head.length <= len(data) - position:
                self._take_message(data, position, position + head.length)
                return position + head.length
            if self._assembly is None:
                self._assembly = Assembly(head.is_text, head.is_compressed)
        self._missing = head.length
        return self._read_payload(data, position)

    def _read_control(self, data: bytes, start: int) -> int:
        head = self._head
        stop = start + head.length
        if stop > len(data):
            return -1
        payload = octets.unmask(data, start, stop, head.key)
        if head.opcode == PING:
            append_frame(self._output, FINAL | PONG, payload)
        elif head.opcode == CLOSE:
            self._answer_close(payload)
        return stop

    def _check_order(self) -> None:
        if self._head.is_continuation:
            if self._assembly is None:
                raise RemoteProtocolError("a continuation of no message", codes.PROTOCOL_ERROR)
        elif self._assembly is not None:
            raise RemoteProtocolError("a message begins inside another", codes.PROTOCOL_ERROR)

    def _check_size(self) -> None:
        """What a compressed message inflates to is bounded while it inflates."""
        assembly = self._assembly
        length = self._head.length
        if length > self._max_frame_bytes:
            raise RemoteProtocolError(f"a frame is longer than {self._max_frame_bytes} bytes", codes.TOO_BIG)
        if assembly is not None:
            length = assembly.size if assembly.is_compressed else assembly.size + length
        elif self._head.is_compressed:
            length = 0
        if length > self._max_message_bytes:
            reason = f"a message is longer than {self._max_message_bytes} bytes"
            raise RemoteProtocolError(reason, codes.TOO_BIG)

    def _take_message(self, data: bytes, start: int, end: int) -> None:
        head = self._head
        if head.is_compressed:
            payload = self._inflate(octets.unmask(data, start, end, head.key), 0, True)
            self._events.append(TextMessage(decode_text(payload)) if head.is_text else BytesMessage(payload))
        elif head.is_text:
            self._events.append(TextMessage(_unmasked_text(data, start, end, head.key)))
        else:
            self._events.append(BytesMessage(octets.unmask(data, start, end, head.key)))

    def _read_payload(self, data: bytes, start: int) -> int:
        available = len(data) - start
        count = available if available < self._missing else self._missing
        self._missing -= count
        if self._assembly is not None:
            self._take_piece(self._assembly, data, start, start + count)
            self._head.turn_key(count)
        return start + count

    def _take_piece(self, assembly: Assembly, data: bytes, start: int, end: int) -> None:
        is_last = self._head.is_final and not self._missing
        key = self._head.key
        text = octets.unmask_ascii(data, start, end, key) if assembly.takes_text() else None
        if text is not None:
            assembly.feed_text(text)
        else:
            piece = octets.unmask(data, start, end, key)
            if assembly.is_compressed:
                piece = self._inflate(piece, assembly.size, is_last)
            assembly.feed(piece)
        if is_last:
            self._assembly = None
            self._events.append(assembly.finish())

    def _inflate(self, piece: bytes, size: int, is_last: bool) -> bytes:
        if self._inflater is None:
            assert self._agreement is not None
            self._inflater = Inflater(self._agreement)
        inflated = self._inflater.inflate(piece, self._max_message_bytes - size, is_last)
        self._batch_room -= len(inflated)
        return inflated

    def _answer_close(self, payload: bytes) -> None:
        code, reason = codes.parse_close(payload)
        if self.is_open:
            append_frame(self._output, FINAL | CLOSE, payload[:2])
        self._end(THEY_CLOSE, code, reason, closing.CLOSE)

    def _fail(self, reason: str, code: int) -> None:
        if self.is_open:
            append_frame(self._output, FINAL | CLOSE, codes.build_close(code, reason))
        self._end(IT_FAILS, codes.NO_CLOSE_FRAME, reason, closing.LINGER)

    def _end(self, cause: int, code: int, reason: str, close_wanted: int) -> None:
        self._move(cause)
        self._events.append(Closed(code, reason))
        self.close_wanted = close_wanted
        self.wants_pause = False
        self._watch.enter(STOPPED)
        self._held = b""
        self._assembly = self._inflater = self._deflater = None

    def _send_message(self, opcode: int, payload: bytes) -> None:
        self._check_open()
        first = FINAL | opcode
        if self._agreement is not None and len(payload) >= self._min_deflate_bytes:
            if self._deflater is None:
                self._deflater = Deflater(self._agreement)
            payload = self._deflater.deflate(payload)
            first |= COMPRESSED
        append_frame(self._output, first, payload)


def _unmasked_text(data: bytes, start: int, end: int, key: int) -> str:
    text = octets.unmask_ascii(data, start, end, key)
    return decode_text(octets.unmask(data, start, end, key)) if text is None else text
