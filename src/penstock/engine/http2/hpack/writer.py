"""The primitives of a field block as they are written: integers and strings (RFC 7541 section 5)."""

from penstock.engine import octets
from penstock.engine.http2.hpack import huffman

_OCTETS = [bytes((octet,)) for octet in range(256)]


def build_integer(first: int, mask: int, number: int) -> bytes:
    """A number, not negative, that begins in the bits `mask` of an octet whose other bits are `first`."""
    if number < mask:
        return _OCTETS[first | number]
    number -= mask
    if number < 0x80:
        return octets.prefixed(b"", (first | mask) << 8 | number, 2)
    return _build_long(first | mask, number)


def _build_long(first: int, number: int) -> bytes:
    built = bytearray((first,))
    while number >= 0x80:
        built.append(number & 0x7F | 0x80)
        number >>= 7
    built.append(number)
    return bytes(built)


def append_string(pieces: list[bytes], data: bytes) -> None:
    """Adds a string in Huffman code where that makes it shorter, else as it is."""
    size = huffman.encoded_size(data)
    if size < len(data):
        pieces.append(build_integer(0x80, 0x7F, size))
        pieces.append(huffman.encode(data))
    else:
        pieces.append(build_integer(0, 0x7F, len(data)))
        pieces.append(data)
