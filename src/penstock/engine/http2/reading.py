"""Frames, out of data that is cut anywhere (RFC 9113 sections 3.4 and 4).

A frame inside one piece of data is handed out as positions in it, without a copy. One whose end has not come
is collected by itself, so that every octet is copied once at most, however it trickles in. Its length is
judged when its head is here: nothing of a frame that is too long is kept.
"""

from penstock.engine import octets
from penstock.engine.http2 import codes
from penstock.engine.http2.faults import ConnectionBroken

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"

_HEAD_BYTES = 9
_PRIORITY_BYTES = 5
_STREAM_ID = 0x7FFFFFFF  # the highest bit is reserved


class FrameReader:
    """After `read` gave True the payload is `data[start:end]`; `preface_left` counts what is missing."""

    __slots__ = (
        "_held",
        "_input",
        "_position",
        "data",
        "end",
        "flags",
        "kind",
        "preface_left",
        "start",
        "stream_id",
    )

    def __init__(self) -> None:
        self.preface_left = len(PREFACE)
        self.data = b""
        self.start = self.end = 0
        self.kind = self.flags = self.stream_id = 0
        self._input = b""
        self._position = 0
        self._held: bytearray | None = None

    def feed(self, data: bytes) -> None:
        if self._position < len(self._input):
            data = self._input[self._position :] + data
        self._input = data
        self._position = 0

    def holds_some(self) -> bool:
        """Whether a frame, or the preface, has begun whose end has not come."""
        return self._held is not None or 0 < self.preface_left < len(PREFACE)

    def holds_control(self) -> bool:
        """The same for a frame that is not DATA, as far as its type is known."""
        held = self._held
        return held is not None and (len(held) < _HEAD_BYTES or held[3] != codes.DATA)

    def stop(self) -> None:
        """Forget what is here."""
        self._forget_input()
        self._held = None

    def read(self) -> bool:
        """Whether a whole frame is here. ConnectionBroken for a wrong preface or a frame that is too long."""
        if self.preface_left > 0:
            self._read_preface()
        if self._held is not None:
            return self._read_on(self._held)
        start = self._position
        left = len(self._input) - start
        if left >= _HEAD_BYTES:
            size = _payload_size(self._input, start)
            if left >= _HEAD_BYTES + size:
                self._position = start + _HEAD_BYTES + size
                self._take(self._input, start, self._position)
                return True
        self._keep(left)
        return False

    # What handlers of frames ask of the present one.

    def need_stream(self) -> None:
        if self.stream_id == 0:
            raise ConnectionBroken(
                f"a frame of a stream (type {self.kind}) without one", codes.PROTOCOL_ERROR
            )

    def need_size(self, name: str, size: int) -> None:
        if self.end - self.start != size:
            raise ConnectionBroken(f"{name} is not of {size} bytes (section 6)", codes.FRAME_SIZE_ERROR)

    def unpad(self) -> None:
        """Let the payload be what is no padding (sections 6.1 and 6.2)."""
        if self.flags & codes.PADDED:
            if self.start == self.end:
                raise ConnectionBroken("a padded frame without a pad length", codes.FRAME_SIZE_ERROR)
            size = self.data[self.start]
            self.start += 1
            if size > self.end - self.start:
                raise ConnectionBroken("more padding than frame (section 6.1)", codes.PROTOCOL_ERROR)
            self.end -= size

    def skip_priority(self) -> None:
        """Nothing is made of it; but a stream that depends on itself was always an error."""
        if self.end - self.start < _PRIORITY_BYTES:
            raise ConnectionBroken("HEADERS end inside their priority", codes.FRAME_SIZE_ERROR)
        depends_on = octets.integer(self.data, self.start, self.start + 4) & _STREAM_ID
        self.start += _PRIORITY_BYTES
        if depends_on == self.stream_id:
            raise ConnectionBroken(
                f"stream {depends_on} depends on itself (RFC 7540 section 5.3.1)", codes.PROTOCOL_ERROR
            )

    # Below.

    def _keep(self, left: int) -> None:
        if left > 0 and self.preface_left == 0:
            self._held = bytearray(self._input[self._position :])
        self._forget_input()

    def _forget_input(self) -> None:
        """An idle connection does not hold on to what it has read."""
        self.data = self._input = b""
        self._position = 0

    def _read_preface(self) -> None:
        at = len(PREFACE) - self.preface_left
        came = self._input[self._position : self._position + self.preface_left]
        if came != PREFACE[at : at + len(came)]:
            raise ConnectionBroken(
                "what came is not the connection preface of HTTP/2 (RFC 9113 section 3.4)",
                codes.PROTOCOL_ERROR,
            )
        self._position += len(came)
        self.preface_left -= len(came)

    def _read_on(self, held: bytearray) -> bool:
        if not self._fill(held, _HEAD_BYTES):
            return False
        whole = _HEAD_BYTES + _payload_size(bytes(held[:_HEAD_BYTES]), 0)
        if not self._fill(held, whole):
            return False
        self._held = None
        self._take(bytes(held), 0, whole)
        return True

    def _fill(self, held: bytearray, size: int) -> bool:
        """Let `held` have `size` octets; False when there are not so many."""
        missing = size - len(held)
        if missing > 0:
            held += self._input[self._position : self._position + missing]
            self._position = min(len(self._input), self._position + missing)
        if len(held) >= size:
            return True
        self._forget_input()
        return False

    def _take(self, data: bytes, start: int, end: int) -> None:
        self.data = data
        self.kind = data[start + 3]
        self.flags = data[start + 4]
        self.stream_id = octets.integer(data, start + 5, start + 9) & _STREAM_ID
        self.start = start + _HEAD_BYTES
        self.end = end


def _payload_size(data: bytes, start: int) -> int:
    size = octets.integer(data, start, start + 3)
    if size > codes.FRAME_BYTES:
        raise ConnectionBroken(
            f"a frame of {size} bytes, where {codes.FRAME_BYTES} are allowed (RFC 9113 section 4.2)",
            codes.FRAME_SIZE_ERROR,
        )
    return size
