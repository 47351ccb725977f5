"""Frames of ours, in the order in which they leave (RFC 9113 section 4).

Small pieces are joined, so that the answers of one turn are one write. Two things are counted for the others:
how much DATA may still leave before the caller takes what is here, and how many other octets had to be made
while the caller could not take any.
"""

from penstock.base.asgi import Fields
from penstock.base.limits import Limits
from penstock.engine import octets, parts
from penstock.engine.http2 import codes
from penstock.engine.http2.hpack.encoder import HpackEncoder


class FrameWriter:
    """`budget` is how many octets of DATA may leave before the next `take`; `paused` that none may, and
    `strain` how many octets of other frames were made meanwhile.
    """

    __slots__ = ("_batch", "_encoder", "_has_large", "_pieces", "budget", "paused", "strain")

    def __init__(self, limits: Limits) -> None:
        self.budget = self._batch = max(1, limits.write_buffer_bytes)
        self.paused = False
        self.strain = 0
        self._encoder = HpackEncoder()
        self._pieces: list[bytes] = []
        self._has_large = False

    def take(self) -> list[bytes]:
        """What is to be written, once."""
        self.budget = self._batch
        pieces = self._pieces
        if not pieces:
            return []
        self._pieces = []
        if self._has_large:
            self._has_large = False
            return parts.joined(pieces)
        return [octets.join(pieces)]

    def drop(self) -> None:
        """Write nothing of what is here."""
        self._pieces = []
        self._has_large = False

    def pause(self, paused: bool) -> None:
        self.paused = paused
        self.strain = 0

    def limit_table(self, max_bytes: int) -> None:
        """The peer's SETTINGS_HEADER_TABLE_SIZE."""
        self._encoder.limit_table(max_bytes)

    def put(self, kind: int, flags: int, stream_id: int, payload: bytes) -> None:
        """A whole frame that is not DATA."""
        self._pieces.append(octets.frame(kind, flags, stream_id, payload, 0, len(payload)))
        if self.paused:
            self.strain += len(payload) + 9

    def put_headers(self, stream_id: int, fields: Fields, flags: int) -> None:
        """HEADERS, and CONTINUATION where one frame does not hold them."""
        self._put_block(codes.HEADERS, flags, stream_id, b"", self._encoder.encode(fields))

    def put_promise(self, stream_id: int, promised_id: int, fields: Fields) -> None:
        """PUSH_PROMISE on the stream `stream_id` (section 6.6)."""
        block = self._encoder.encode(fields)
        promised = octets.prefixed(b"", promised_id, 4)
        self._put_block(codes.PUSH_PROMISE, codes.NO_FLAGS, stream_id, promised, block)

    def put_data(self, stream_id: int, data: bytes, start: int, end: int, flags: int) -> None:
        """DATA with the octets between the positions."""
        self._pieces.append(octets.frame(codes.DATA, flags, stream_id, data, start, end))
        self.budget -= end - start
        if end - start >= parts.JOINED_BYTES:
            self._has_large = True

    def put_reset(self, stream_id: int, code: int) -> None:
        self.put(codes.RST_STREAM, codes.NO_FLAGS, stream_id, octets.prefixed(b"", code, 4))

    def put_window_update(self, stream_id: int, increment: int) -> None:
        self.put(codes.WINDOW_UPDATE, codes.NO_FLAGS, stream_id, octets.prefixed(b"", increment, 4))

    def put_goaway(self, last_id: int, code: int, reason: bytes) -> None:
        payload = octets.prefixed(octets.prefixed(reason, code, 4), last_id, 4)
        self.put(codes.GOAWAY, codes.NO_FLAGS, 0, payload)

    def _put_block(self, kind: int, flags: int, stream_id: int, before: bytes, block: bytes) -> None:
        room = codes.FRAME_BYTES - len(before)
        if len(block) <= room:
            self.put(kind, flags | codes.END_HEADERS, stream_id, before + block if before else block)
            return
        self.put(kind, flags, stream_id, before + block[:room])
        at = room
        while len(block) - at > codes.FRAME_BYTES:
            self.put(codes.CONTINUATION, codes.NO_FLAGS, stream_id, block[at : at + codes.FRAME_BYTES])
            at += codes.FRAME_BYTES
        self.put(codes.CONTINUATION, codes.END_HEADERS, stream_id, block[at:])
