"""Frame heads (RFC 6455 section 5.2): two bytes, the length in its one shortest form, and the client's mask
key.

Everything that makes a head illegal by itself is refused here, before a byte of the payload is looked at.
What depends on the frames before it (continuations, limits) is the connection's business.
"""

from penstock.base.errors import RemoteProtocolError
from penstock.engine.websocket.codes import PROTOCOL_ERROR

CONTINUATION = 0x0
TEXT = 0x1
BINARY = 0x2
CLOSE = 0x8
PING = 0x9
PONG = 0xA

FINAL = 0x80
COMPRESSED = 0x40  # RSV1, as RFC 7692 section 6 uses it
MASKED = 0x80

MAX_CONTROL_BYTES = 125
SEPARATE_PAYLOAD_BYTES = 16384  # from here on a copy behind the head costs more than a second piece


class FrameHead:
    """The head that was read last. One object serves a connection for its whole life."""

    __slots__ = ("_may_be_compressed", "is_compressed", "is_final", "key", "length", "opcode")

    def __init__(self, may_be_compressed: bool) -> None:
        self._may_be_compressed = may_be_compressed
        self.opcode = CONTINUATION
        self.is_final = False
        self.is_compressed = False
        self.length = 0
        self.key = b""

    def read(self, data: bytes, start: int) -> int:
        """The position behind the head that begins at `start`, or -1 while part of it is missing."""
        end = len(data)
        if end - start < 2:
            return -1
        self._read_first(data[start])
        length = data[start + 1]
        if length < MASKED:
            raise RemoteProtocolError("a frame of the client is not masked", PROTOCOL_ERROR)
        length -= MASKED
        if self.opcode >= CLOSE and (length > MAX_CONTROL_BYTES or not self.is_final):
            raise RemoteProtocolError("a control frame is fragmented or too long", PROTOCOL_ERROR)
        position = start + 2
        if length > 125:
            size = 2 if length == 126 else 8
            if end - position < size:
                return -1
            length = _read_length(data, position, size)
            position += size
        if end - position < 4:
            return -1
        self.length = length
        self.key = data[position : position + 4]
        return position + 4

    def turn_key(self, count: int) -> None:
        """Brings the mask to where the payload goes on after `count` bytes of it."""
        turn = count & 3
        self.key = self.key[turn:] + self.key[:turn]

    def _read_first(self, first: int) -> None:
        opcode = first & 0x0F
        if first & 0x30:
            raise RemoteProtocolError("a reserved bit is set", PROTOCOL_ERROR)
        if opcode > PONG or BINARY < opcode < CLOSE:
            raise RemoteProtocolError(f"the opcode {opcode} is reserved", PROTOCOL_ERROR)
        self.opcode = opcode
        self.is_final = first >= FINAL
        self.is_compressed = first & COMPRESSED != 0
        if self.is_compressed and not (self._may_be_compressed and TEXT <= opcode <= BINARY):
            raise RemoteProtocolError("RSV1 is set where no compressed message begins", PROTOCOL_ERROR)


def _read_length(data: bytes, position: int, size: int) -> int:
    if data[position] >= 0x80 and size == 8:
        raise RemoteProtocolError("the highest bit of a frame's length is set", PROTOCOL_ERROR)
    length = 0
    for index in range(position, position + size):
        length = length << 8 | data[index]
    if length < (126 if size == 2 else 65536):
        raise RemoteProtocolError("a frame's length is not in its shortest form", PROTOCOL_ERROR)
    return length


def build_head(first: int, length: int) -> bytes:
    """The head of one of our frames, never masked; `first` is FINAL, COMPRESSED and the opcode together."""
    if length < 126:
        return bytes((first, length))
    if length < 65536:
        return bytes((first, 126, length >> 8, length & 0xFF))
    return bytes((first, 127)) + length.to_bytes(8, "big")
