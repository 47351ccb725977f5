"""Field blocks: the payloads of a HEADERS frame and of its CONTINUATION frames as one (RFC 9113 section 4.3).

Nothing else may come in between (section 6.10), and nothing can be decoded before the end. Octets and frames
are therefore counted, and a peer that goes on for ever is stopped.
"""

from penstock.base.limits import Limits
from penstock.engine.http2 import codes
from penstock.engine.http2.faults import ConnectionBroken


class FieldBlock:
    """The block that is under way: `stream_id` is that of its stream, 0 when there is none. `ends_stream`
    tells of the flag on its first frame.
    """

    __slots__ = ("_count", "_max_block_bytes", "_max_continuations", "_parts", "ends_stream", "stream_id")

    def __init__(self, limits: Limits) -> None:
        self.stream_id = 0
        self.ends_stream = False
        self._parts = bytearray()
        self._count = 0
        self._max_block_bytes = limits.max_block_bytes
        self._max_continuations = limits.max_continuations

    def begin(self, stream_id: int, ends_stream: bool, part: bytes) -> None:
        self.stream_id = stream_id
        self.ends_stream = ends_stream
        self._count = 0
        self._parts = bytearray(part)

    def go_on(self, stream_id: int, part: bytes) -> None:
        """A CONTINUATION came."""
        if stream_id != self.stream_id or stream_id == 0:
            raise ConnectionBroken(
                f"CONTINUATION on stream {stream_id} continues nothing (RFC 9113 section 6.10)",
                codes.PROTOCOL_ERROR,
            )
        self._count += 1
        if self._count > self._max_continuations:
            raise ConnectionBroken(
                f"more than {self._max_continuations} CONTINUATION frames for one field block",
                codes.ENHANCE_YOUR_CALM,
            )
        if len(self._parts) + len(part) > self._max_block_bytes:
            raise ConnectionBroken(
                f"a field block of more than {self._max_block_bytes} bytes", codes.ENHANCE_YOUR_CALM
            )
        self._parts += part

    def end(self) -> bytes:
        """The whole block; none is under way now."""
        block = bytes(self._parts)
        self._parts = bytearray()
        self.stream_id = 0
        return block
