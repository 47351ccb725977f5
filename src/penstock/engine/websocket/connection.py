"""One WebSocket connection, the server's side (RFC 6455 sections 5 to 7).

Bytes go through three steps: a head is read, the payload is unmasked (piece by piece when it comes so), and
the message, close, ping or pong it makes is acted upon. Nothing is kept but the one frame head, control frame
or message that is not yet whole, so an idle connection holds no buffer. The closing handshake is a table; a
fault of the peer is answered by a close frame with the code that names it, and ends the connection as if
there had been no close frame of the peer (section 7.1.7).
"""

from penstock.base.errors import LocalProtocolError, RemoteProtocolError
from penstock.base.limits import Limits
from penstock.engine import octets
from penstock.engine.closing import CLOSE as CLOSE_TRANSPORT
from penstock.engine.closing import KEEP_OPEN, LINGER
from penstock.engine.websocket import codes
from penstock.engine.websocket.agreement import Agreement
from penstock.engine.websocket.deflate import Deflater, Inflater
from penstock.engine.websocket.events import BytesMessage, Closed, Event, TextMessage
from penstock.engine.websocket.frames import (
    BINARY,
    CLOSE,
    COMPRESSED,
    CONTINUATION,
    FINAL,
    MAX_CONTROL_BYTES,
    PING,
    PONG,
    SEPARATE_PAYLOAD_BYTES,
    TEXT,
    FrameHead,
    build_head,
)
from penstock.engine.websocket.message import Assembly, decode_text

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
    """See the engine contract in ARCHITECTURE.md. `deflate` is what `handshake.accept` agreed on."""

    __slots__ = (
        "_agreement",
        "_assembly",
        "_deflater",
        "_eof_waits",
        "_events",
        "_head",
        "_held",
        "_inflated_bytes",
        "_inflater",
        "_limits",
        "_max_frame_bytes",
        "_max_message_bytes",
        "_min_deflate_bytes",
        "_missing",
        "_output",
        "_phase",
        "_pings_sent",
        "_pong_awaited",
        "_seen_phase",
        "_state",
        "close_wanted",
        "next_deadline",
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
        self._inflated_bytes = 0
        self._head = FrameHead(deflate is not None)
        self._held = b""  # a head or control frame that is not whole, or what waits for the batch before it
        self._missing = 0  # bytes of the present data frame's payload that have not come
        self._assembly: Assembly | None = None
        self._events: list[Event] = []
        self._output: list[bytes] = []
        self._state = OPEN
        self._eof_waits = False
        self._phase = 0
        self._seen_phase = -1
        self._pings_sent = 0
        self._pong_awaited = False
        self.close_wanted = KEEP_OPEN
        self.next_deadline: float | None = None
        self.wants_pause = False

    @property
    def is_open(self) -> bool:
        """Whether messages can be sent: neither side has begun to close."""
        return self._state == OPEN

    def receive_data(self, data: bytes) -> None:
        if self._state == CLOSED:
            return
        if self._state == OPEN:
            self._phase += 1
            self._pong_awaited = False
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
        elif self._state != CLOSED:
            self._end(IT_FAILS, Closed(codes.NO_CLOSE_FRAME, ""), CLOSE_TRANSPORT)

    def events(self) -> list[Event]:
        """What came since the last call. While `wants_pause` is true, a call after these were taken brings
        more."""
        if self.wants_pause and not self._events:
            self._read_on()
        events = self._events
        self._events = []
        return events

    def send_text(self, text: str) -> None:
        self._check_open()
        try:
            payload = text.encode()
        except UnicodeEncodeError:
            raise LocalProtocolError("a text message with a lone surrogate cannot be sent") from None
        self._send_message(TEXT, payload)

    def send_bytes(self, data: bytes | bytearray | memoryview) -> None:
        self._check_open()
        self._send_message(BINARY, data if type(data) is bytes else bytes(data))

    def send_ping(self, payload: bytes = b"") -> None:
        self._check_open()
        if len(payload) > MAX_CONTROL_BYTES:
            raise LocalProtocolError(f"a ping holds at most {MAX_CONTROL_BYTES} bytes")
        self._send_frame(FINAL | PING, payload)

    def send_close(self, code: int = codes.NORMAL, reason: str = "") -> None:
        """Begins the closing handshake; what the peer still sends before its close frame is dropped."""
        payload = codes.build_close(code, reason)
        self._check_open()
        self._move(WE_CLOSE)
        self._send_frame(FINAL | CLOSE, payload)
        self._assembly = None
        self._phase += 1

    def data_to_send(self) -> list[bytes]:
        output = self._output
        self._output = []
        return output

    def excuse_silence(self) -> None:
        """Says that the caller did not read: silence until now is not the peer's. Wanted before
        `handle_deadline`, at every tick while reading is paused."""
        if self._state == OPEN:
            self._phase += 1
            self._pong_awaited = False

    def handle_deadline(self, now: float) -> None:
        if self._seen_phase != self._phase:
            self._seen_phase = self._phase
            self.next_deadline = self._deadline_after(now)
        elif self.next_deadline is not None and now >= self.next_deadline:
            self._act_on_silence(now)

    def _check_open(self) -> None:
        if self._state != OPEN:
            raise LocalProtocolError("the WebSocket is closed or closing")

    def _move(self, cause: int) -> None:
        self._state = NEXT[self._state, cause]

    def _read_on(self) -> None:
        data, self._held = self._held, b""
        self.wants_pause = False
        self._read(data)
        if self._eof_waits and not self.wants_pause:
            self.receive_eof()

    def _read(self, data: bytes) -> None:
        self._inflated_bytes = 0
        try:
            self._read_frames(data)
        except RemoteProtocolError as fault:
            self._fail(fault.reason, fault.status)

    def _read_frames(self, data: bytes) -> None:
        position = 0
        end = len(data)
        while position < end and self._state != CLOSED:
            if self._inflated_bytes > MAX_INFLATED_BATCH_BYTES:
                self.wants_pause = True
                self._held = data[position:]
                return
            read = self._read_payload if self._missing else self._read_frame
            following = read(data, position)
            if following < 0:
                self._held = data[position:]
                return
            position = following

    def _read_frame(self, data: bytes, start: int) -> int:
        head = self._head
        position = head.read(data, start)
        if position < 0:
            return -1
        if head.opcode >= CLOSE:
            return self._read_control(data, position)
        if self._state == OPEN:
            self._check_data_head()
            if head.is_final and head.opcode != CONTINUATION and head.length <= len(data) - position:
                stop = position + head.length
                self._take_message(octets.unmask(data, position, stop, head.key))
                return stop
            if self._assembly is None:
                self._assembly = Assembly(head.opcode == TEXT, head.is_compressed)
        self._missing = head.length
        return self._read_payload(data, position)

    def _read_control(self, data: bytes, start: int) -> int:
        head = self._head
        stop = start + head.length
        if stop > len(data):
            return -1
        payload = octets.unmask(data, start, stop, head.key)
        if head.opcode == PING:
            self._send_frame(FINAL | PONG, payload)
        elif head.opcode == CLOSE:
            self._answer_close(payload)
        return stop

    def _check_data_head(self) -> None:
        head = self._head
        assembly = self._assembly
        if (head.opcode == CONTINUATION) != (assembly is not None):
            raise RemoteProtocolError(
                "a message begins inside another" if assembly else "a continuation of no message",
                codes.PROTOCOL_ERROR,
            )
        if head.length > self._max_frame_bytes:
            raise RemoteProtocolError(f"a frame is longer than {self._max_frame_bytes} bytes", codes.TOO_BIG)
        size = head.length
        if assembly is not None:
            size = assembly.size if assembly.is_compressed else assembly.size + size
        elif head.is_compressed:
            size = 0
        if size > self._max_message_bytes:
            reason = f"a message is longer than {self._max_message_bytes} bytes"
            raise RemoteProtocolError(reason, codes.TOO_BIG)

    def _take_message(self, payload: bytes) -> None:
        head = self._head
        if head.is_compressed:
            payload = self._inflate(payload, 0, True)
        if head.opcode == TEXT:
            self._events.append(TextMessage(decode_text(payload)))
        else:
            self._events.append(BytesMessage(payload))

    def _read_payload(self, data: bytes, start: int) -> int:
        stop = min(len(data), start + self._missing)
        self._missing -= stop - start
        if self._assembly is not None:
            self._take_piece(self._assembly, octets.unmask(data, start, stop, self._head.key))
            self._head.turn_key(stop - start)
        return stop

    def _take_piece(self, assembly: Assembly, piece: bytes) -> None:
        is_last = self._head.is_final and not self._missing
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
        self._inflated_bytes += len(inflated)
        return inflated

    def _answer_close(self, payload: bytes) -> None:
        code, reason = codes.parse_close(payload)
        if self._state == OPEN:
            self._send_frame(FINAL | CLOSE, payload[:2])
        self._end(THEY_CLOSE, Closed(code, reason), CLOSE_TRANSPORT)

    def _fail(self, reason: str, code: int) -> None:
        if self._state == OPEN:
            self._send_frame(FINAL | CLOSE, codes.build_close(code, reason))
        self._end(IT_FAILS, Closed(codes.NO_CLOSE_FRAME, reason), LINGER)

    def _end(self, cause: int, closed: Closed, close_wanted: int) -> None:
        self._move(cause)
        self._events.append(closed)
        self.close_wanted = close_wanted
        self.wants_pause = False
        self.next_deadline = None
        self._held = b""
        self._assembly = self._inflater = self._deflater = None

    def _send_message(self, opcode: int, payload: bytes) -> None:
        first = FINAL | opcode
        if self._agreement is not None and len(payload) >= self._min_deflate_bytes:
            if self._deflater is None:
                self._deflater = Deflater(self._agreement)
            payload = self._deflater.deflate(payload)
            first |= COMPRESSED
        self._send_frame(first, payload)

    def _send_frame(self, first: int, payload: bytes) -> None:
        head = build_head(first, len(payload))
        if len(payload) < SEPARATE_PAYLOAD_BYTES:
            self._output.append(head + payload)
        else:
            self._output.append(head)
            self._output.append(payload)

    def _deadline_after(self, now: float) -> float | None:
        if self._state == CLOSED:
            return None
        seconds = self._limits.ping_seconds if self._state == OPEN else self._limits.close_seconds
        return None if seconds is None else now + seconds

    def _act_on_silence(self, now: float) -> None:
        limits = self._limits
        if self._state == CLOSING:
            reason = f"no close frame came within {limits.close_seconds:g} s"
            self._end(IT_FAILS, Closed(codes.NO_CLOSE_FRAME, reason), CLOSE_TRANSPORT)
        elif self._pong_awaited:
            self._fail(f"no pong came within {limits.pong_seconds:g} s", codes.INTERNAL_ERROR)
        else:
            self._ping(now)

    def _ping(self, now: float) -> None:
        self._pings_sent += 1
        self._send_frame(FINAL | PING, b"%d" % self._pings_sent)
        self._pong_awaited = self._limits.pong_seconds is not None
        seconds = self._limits.pong_seconds if self._pong_awaited else self._limits.ping_seconds
        self.next_deadline = None if seconds is None else now + seconds
