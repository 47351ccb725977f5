"""Field blocks octet by octet, and what a table holds as it shows through a decoder."""

from collections.abc import Iterable

from penstock.engine.http2.hpack.decoder import HpackDecoder
from penstock.engine.http2.hpack.errors import HpackError

Field = tuple[bytes, bytes]
MUCH = 1 << 20


def integer(first: int, mask: int, number: int) -> bytes:
    """RFC 7541 section 5.1."""
    if number < mask:
        return bytes([first | number])
    octets = [first | mask]
    number -= mask
    while number > 0x7F:
        octets.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*octets, number])


def string(data: bytes) -> bytes:
    """Without the Huffman code (section 5.2)."""
    return integer(0, 0x7F, len(data)) + data


def indexed(index: int) -> bytes:
    """Section 6.1."""
    return integer(0x80, 0x7F, index)


def kept(name: bytes, value: bytes) -> bytes:
    """A literal that goes into the table (section 6.2.1)."""
    return b"\x40" + string(name) + string(value)


def unkept(name: bytes, value: bytes) -> bytes:
    """A literal that does not (section 6.2.2)."""
    return b"\x00" + string(name) + string(value)


def resized(max_bytes: int) -> bytes:
    """Section 6.3."""
    return integer(0x20, 0x1F, max_bytes)


def decode(decoder: HpackDecoder, block: bytes) -> list[Field]:
    return decoder.decode(block, MUCH, MUCH)


def table_after(blocks: Iterable[bytes]) -> list[Field]:
    """The entries of a decoder's table, the newest first, when it has read the blocks."""
    decoder = HpackDecoder(MUCH)
    for block in blocks:
        decode(decoder, block)
    entries: list[Field] = []
    while True:
        try:
            entries += decode(decoder, indexed(62 + len(entries)))
        except HpackError:
            return entries


def table_bytes(entries: list[Field]) -> int:
    """Section 4.1."""
    return sum(len(name) + len(value) + 32 for name, value in entries)
