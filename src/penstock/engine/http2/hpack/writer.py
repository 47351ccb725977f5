"""The primitives of a field block as they are written: integers and strings (RFC 7541 section 5)."""

from penstock.engine.http2.hpack import huffman


def append_integer(out: bytearray, first: int, mask: int, number: int) -> None:
    """Adds a number, not negative, that begins in the bits `mask` of an octet whose other bits are `first`.
    """
    if number < mask:
        out.append(first | number)
        return
    out.append(first | mask)
    number -= mask
    while number >= 0x80:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)


def append_string(out: bytearray, data: bytes) -> None:
    """Adds a string in Huffman code where that makes it shorter, else as it is."""
    size = huffman.encoded_size(data)
    if size < len(data):
        append_integer(out, 0x80, 0x7F, size)
        huffman.append_encoded(out, data)
    else:
        append_integer(out, 0, 0x7F, len(data))
        out += data
