"""Frame heads (RFC 6455 section 5.2): two bytes, the length in its one shortest form, and the client's mask
key.

Everything that makes a head illegal by itself is refused here, before a byte of the payload is looked at.
What depends on the frames before it (continuations, limits) is the connection's business.
"""

from penstock.base.errors import RemoteProtocolError
from penstock.engine import octets
from penstock.engine.websocket.codes import PROTOCOL_ERROR

CONTINUATION = 0x0
TEXT = 0x1
BINARY = 0x2
CLOSE = 0x8
PING = 0x9
PONG = 0xA

FINAL = 0x80
COMPRESSED = 0x40  # RSV1, as RFC 7692 section 6 uses it

MAX_CONTROL_BYTES = 125
SEPARATE_PAYLOAD_BYTES = 16384  # from here on a copy behind the head costs more than a second piece


class FrameHead:
    """The head that was read last. One object serves a connection for its whole life.

    `key` is the mask for the next byte of the payload, its four bytes as one number with the highest first.
    """

    __slots__ = (
        "_may_be_compressed",
        "is_compressed",
        "is_continuation",
        "is_control",
        "is_final",
        "is_text",
        "key",
        "length",
        "opcode",
    )

    def __init__(self, may_be_compressed: bool) -> None:
        self._may_be_compressed = may_be_compressed
        self.opcode = CONTINUATION
        self.is_continuation = self.is_control = self.is_text = False
        self.is_final = self.is_compressed = False
        self.length = 0
        self.key = 0

    def read(self, data: bytes, start: int) -> int:
        """The position behind the head that begins at `start`, or -1 while part of it is missing."""
        available = len(data) - start
        if available < 2:
            return -1
        self._read_first(data[start])
        length = data[start + 1] - 0x80  # the mask bit
        if length < 0:
            raise RemoteProtocolError("a frame of the client is not masked", PROTOCOL_ERROR)
        if self.is_control and (length > MAX_CONTROL_BYTES or not self.is_final):
            raise RemoteProtocolError("a control frame is fragmented or too long", PROTOCOL_ERROR)
        size = 2 if length < 126 else 4 if length == 126 else 10
        if available < size + 4:
            return -1
        position = start + size
        if size > 2:
            length = _read_length(data, start + 2, position)
        self.length = length
        self.key = octets.integer(data, position, position + 4)
        return position + 4

    def turn_key(self, count: int) -> None:
        """Brings the mask to where the payload goes on after `count` bytes of it."""
        twice = self.key
        twice = twice << 32 | twice
        self.key = twice >> (32 - 8 * (count & 3)) & 0xFFFFFFFF

    def _read_first(self, first: int) -> None:
        if first & 0x30:
            raise RemoteProtocolError("a reserved bit is set", PROTOCOL_ERROR)
        opcode = first & 0x0F
        if opcode & 0x07 > 2:
            raise RemoteProtocolError(f"the opcode {opcode} is reserved", PROTOCOL_ERROR)
        self.opcode = opcode
        self.is_continuation = opcode == 0
        self.is_text = opcode == 1
        self.is_control = opcode >= 8
        self.is_final = first >= 0x80
        self.is_compressed = first & 0x40 != 0
        if self.is_compressed and (self.is_control or self.is_continuation or not self._may_be_compressed):
            raise RemoteProtocolError("RSV1 is set where no compressed message begins", PROTOCOL_ERROR)


def _read_length(data: bytes, start: int, end: int) -> int:
    is_long = end - start == 8
    if is_long and data[start] >= 0x80:
        raise RemoteProtocolError("the highest bit of a frame's length is set", PROTOCOL_ERROR)
    length = octets.integer(data, start, end)
    if length < (65536 if is_long else 126):
        raise RemoteProtocolError("a frame's length is not in its shortest form", PROTOCOL_ERROR)
    return length


def append_frame(pieces: list[bytes], first: int, payload: bytes) -> None:
    """Adds a frame of ours, never masked, to what is to be written. `first` is FINAL, COMPRESSED and the
    opcode together."""
    length = len(payload)
    if length < 126:
        pieces.append(octets.prefixed(payload, first << 8 | length, 2))
    elif length < 65536:
        _append_long(pieces, octets.prefixed(b"", first << 24 | 126 << 16 | length, 4), payload)
    else:
        _append_long(pieces, octets.prefixed(length.to_bytes(8, "big"), first << 8 | 127, 2), payload)


def _append_long(pieces: list[bytes], head: bytes, payload: bytes) -> None:
    if len(payload) < SEPARATE_PAYLOAD_BYTES:
        pieces.append(head + payload)
    else:
        pieces.append(head)
        pieces.append(payload)
