"""Compressing and inflating messages (RFC 7692 section 7.2).

A message is a raw deflate stream that was flushed to a byte boundary, without the four bytes that every such
flush ends with. The window reaches back over earlier messages unless "no context takeover" was agreed. zlib's
objects are made when the first message needs them, and without context takeover they are dropped after each:
an idle connection holds none.
"""

import zlib

from penstock.base.errors import RemoteProtocolError
from penstock.engine.websocket.agreement import SMALLEST_ZLIB_WINDOW_BITS, Agreement
from penstock.engine.websocket.codes import BAD_PAYLOAD, TOO_BIG

FLUSH_TAIL = b"\x00\x00\xff\xff"

# A message may hold blocks that end the deflate stream (section 7.2.3.4). Each makes us start zlib anew,
# which is dear.
MAX_FINAL_BLOCKS = 64


class Inflater:
    __slots__ = ("_agreement", "_decompressor", "_final_blocks", "_is_inside")

    def __init__(self, agreement: Agreement) -> None:
        self._agreement = agreement
        self._decompressor: zlib._Decompress | None = None
        self._is_inside = False  # the present message has begun a block and not ended its stream
        self._final_blocks = 0

    def inflate(self, piece: bytes, room: int, is_last: bool) -> bytes:
        """The next piece of a message. `RemoteProtocolError` with 1009 when it inflates to more than `room`
        bytes, of which no more than one is taken; with 1007 when it is no deflate stream."""
        try:
            inflated = self._inflate(piece, room + 1) if piece else b""
            if len(inflated) > room:
                raise RemoteProtocolError("a message inflates to more bytes than are allowed", TOO_BIG)
            if is_last:
                self._end_message()
        except zlib.error:
            raise _not_deflate() from None
        return inflated

    def _inflate(self, piece: bytes, most: int) -> bytes:
        decompressor = self._decompressor or self._begin()
        inflated = decompressor.decompress(piece, most)
        while decompressor.eof:
            self._decompressor = None
            piece = decompressor.unused_data
            if not piece or len(inflated) == most:
                break
            decompressor = self._begin_again()
            inflated += decompressor.decompress(piece, most - len(inflated))
        self._is_inside = not decompressor.eof
        return inflated

    def _begin(self) -> "zlib._Decompress":
        bits = max(self._agreement.client_window_bits, SMALLEST_ZLIB_WINDOW_BITS)
        self._decompressor = zlib.decompressobj(-bits)
        return self._decompressor

    def _begin_again(self) -> "zlib._Decompress":
        """After a final block. The window begins empty, as it does for every peer that ends its stream with
        zlib."""
        self._final_blocks += 1
        if self._final_blocks > MAX_FINAL_BLOCKS:
            raise RemoteProtocolError("a compressed message ends its deflate stream too often", BAD_PAYLOAD)
        return self._begin()

    def _end_message(self) -> None:
        """The four bytes end the last block and hold nothing: what they would still bring out was cut short.
        A message of no bytes at all is what zlib's users send for an empty one, and has no block to end."""
        if self._is_inside and (self._inflate(FLUSH_TAIL, 1) or not self._is_inside):
            raise _not_deflate()
        self._is_inside = False
        self._final_blocks = 0
        if self._agreement.client_no_context_takeover:
            self._decompressor = None


def _not_deflate() -> RemoteProtocolError:
    return RemoteProtocolError("a compressed message is not a whole deflate stream", BAD_PAYLOAD)


class Deflater:
    __slots__ = ("_agreement", "_compressor")

    def __init__(self, agreement: Agreement) -> None:
        self._agreement = agreement
        self._compressor: zlib._Compress | None = None

    def deflate(self, payload: bytes) -> bytes:
        """One whole message; `payload` is not empty (zlib flushes nothing where nothing was added)."""
        compressor = self._compressor or self._begin()
        compressed = compressor.compress(payload) + compressor.flush(zlib.Z_SYNC_FLUSH)
        if self._agreement.server_no_context_takeover:
            self._compressor = None
        return compressed[: -len(FLUSH_TAIL)]

    def _begin(self) -> "zlib._Compress":
        agreement = self._agreement
        bits = agreement.server_window_bits
        # With run lengths only, no distance is longer than one byte: good for any window, also for one of 8
        # bits.
        strategy = zlib.Z_RLE if bits < SMALLEST_ZLIB_WINDOW_BITS else zlib.Z_DEFAULT_STRATEGY
        self._compressor = zlib.compressobj(
            zlib.Z_DEFAULT_COMPRESSION,
            zlib.DEFLATED,
            -max(bits, SMALLEST_ZLIB_WINDOW_BITS),
            agreement.memory_level,
            strategy,
        )
        return self._compressor
