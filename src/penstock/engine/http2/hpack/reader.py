"""The primitives of a field block as they are read: integers and strings (RFC 7541 section 5).

A block is whole when it is read, so whatever reaches over its end is an error and nothing is waited for.
"""

from penstock.engine import octets
from penstock.engine.http2.hpack import huffman
from penstock.engine.http2.hpack.errors import HpackError

# An integer goes on for so many octets at most: 28 bits, beyond any table or block that is allowed here, and
# within a C integer on every machine. Section 5.1 asks for such a limit.
MAX_MORE_OCTETS = 4


class BlockReader:
    """Reads `block` from `at` to `end`. One object serves a decoder for its whole life."""

    __slots__ = ("at", "block", "end")

    def __init__(self) -> None:
        self.begin(b"")

    def begin(self, block: bytes) -> None:
        self.block = block
        self.at = 0
        self.end = len(block)

    def read_integer(self, mask: int) -> int:
        """The integer that begins in the bits `mask` of the present octet, of which there has to be one."""
        number = self.block[self.at] & mask
        self.at += 1
        return number if number < mask else number + self._read_more()

    def read_string(self) -> bytes:
        if self.at == self.end:
            raise _cut_short()
        is_huffman = self.block[self.at] >= 0x80
        size = self.read_integer(0x7F)
        start = self.at
        if size > self.end - start:
            raise _cut_short()
        self.at = start + size
        if is_huffman:
            return huffman.decode(self.block, start, self.at)
        return octets.cut(self.block, start, self.at)

    def _read_more(self) -> int:
        """What the octets behind a full prefix add, the lowest seven bits first."""
        number = 0
        for place in range(MAX_MORE_OCTETS):
            if self.at == self.end:
                raise _cut_short()
            octet = self.block[self.at]
            self.at += 1
            number |= (octet & 0x7F) << 7 * place
            if octet < 0x80:
                return number
        raise HpackError(f"an integer goes on for more than {MAX_MORE_OCTETS} octets (RFC 7541 section 5.1)")


def _cut_short() -> HpackError:
    return HpackError("a field block ends inside a field (RFC 7541 section 5)")
