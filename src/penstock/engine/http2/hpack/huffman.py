"""The Huffman code of string literals (RFC 7541 section 5.2 and appendix B).

The code is canonical: shorter codes come before longer ones, and of equally long ones the smaller symbol has
the smaller code. So the lengths below say all of it, and both directions are built from them at import.
Decoding is a machine that takes four bits at a time. Its 256 states are the inner nodes of the code's tree;
no code is shorter than five bits, so that a step completes one symbol at most.
"""

from penstock.engine.http2.hpack.errors import HpackError

_EOS = 256

# How many bits the code of each octet has, and last that of EOS.
_BITS = (
    *(13, 23, 28, 28, 28, 28, 28, 28, 28, 24, 30, 28, 28, 30, 28, 28),
    *(28, 28, 28, 28, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 28),
    *(6, 10, 10, 12, 13, 6, 8, 11, 10, 10, 8, 11, 8, 6, 6, 6),
    *(5, 5, 5, 6, 6, 6, 6, 6, 6, 6, 7, 8, 15, 6, 12, 10),
    *(13, 6, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7),
    *(7, 7, 7, 7, 7, 7, 7, 7, 8, 7, 8, 13, 19, 13, 14, 6),
    *(15, 5, 6, 5, 6, 5, 6, 6, 6, 5, 7, 7, 6, 6, 6, 5),
    *(6, 7, 6, 5, 5, 6, 7, 7, 7, 7, 7, 15, 11, 14, 13, 28),
    *(20, 22, 20, 20, 22, 22, 22, 23, 22, 23, 23, 23, 23, 23, 24, 23),
    *(24, 24, 22, 23, 24, 23, 23, 23, 23, 21, 22, 23, 22, 23, 23, 24),
    *(22, 21, 20, 22, 22, 23, 23, 21, 23, 22, 22, 24, 21, 22, 23, 23),
    *(21, 21, 22, 21, 23, 22, 23, 23, 20, 22, 22, 22, 23, 22, 22, 23),
    *(26, 26, 20, 19, 22, 23, 22, 25, 26, 26, 26, 27, 27, 26, 24, 25),
    *(19, 21, 26, 27, 27, 26, 27, 24, 21, 21, 26, 26, 28, 27, 27, 27),
    *(20, 24, 20, 21, 22, 21, 21, 23, 22, 22, 25, 25, 24, 24, 26, 23),
    *(26, 27, 26, 26, 27, 27, 27, 27, 27, 28, 27, 27, 27, 27, 27, 26),
    30,
)

# What a step does besides moving on.
_NOTHING = 0
_SYMBOL = 1
_REFUSED = 2


def _build_codes() -> list[int]:
    codes = [0] * len(_BITS)
    code = 0
    length = 0
    for bits, symbol in sorted(zip(_BITS, range(len(_BITS)), strict=True)):
        code <<= bits - length
        length = bits
        codes[symbol] = code
        code += 1
    return codes


def _build_tree() -> list[list[int]]:
    """Each inner node's two branches: the number of a node, or ~symbol at a leaf.

    EOS, all ones, goes in first: its nodes are 0 to 29 in the order of their depth, and a string may end in 0
    to 7, for its padding is at most seven bits and these are ones (section 5.2).
    """
    tree = [[0, 0]]
    for symbol in (_EOS, *range(_EOS)):
        node = 0
        for shift in range(_BITS[symbol] - 1, 0, -1):
            bit = _CODES[symbol] >> shift & 1
            if tree[node][bit] == 0:
                tree[node][bit] = len(tree)
                tree.append([0, 0])
            node = tree[node][bit]
        tree[node][_CODES[symbol] & 1] = ~symbol
    return tree


def _walk(tree: list[list[int]], node: int, four_bits: int) -> tuple[int, int, int]:
    """Where a step leads, what it does, and the symbol that it completes. A completed EOS is refused."""
    does, symbol = _NOTHING, 0
    for shift in (3, 2, 1, 0):
        node = tree[node][four_bits >> shift & 1]
        if node == ~_EOS:
            return 0, _REFUSED, 0
        if node < 0:
            does, symbol, node = _SYMBOL, ~node, 0
    return node, does, symbol


def _build_steps() -> list[tuple[int, int, int]]:
    tree = _build_tree()
    return [_walk(tree, node, four_bits) for node in range(len(tree)) for four_bits in range(16)]


_CODES = _build_codes()
_BITS_OF = bytes(_BITS)
_STEPS = _build_steps()
_NEXT = bytes([step[0] for step in _STEPS])
_DOES = bytes([step[1] for step in _STEPS])
_SYMBOLS = bytes([step[2] for step in _STEPS])
_LAST_END = 7  # the last of the nodes in which a string may end


def decode(data: bytes, start: int, end: int) -> bytes:
    """The string in these octets. HpackError when EOS is in it, or the padding is not the beginning of EOS or
    longer than seven bits.
    """
    decoded = bytearray()
    node = 0
    while start < end:
        octet = data[start]
        step = node << 4 | octet >> 4
        if _DOES[step]:
            _complete(decoded, step)
        step = _NEXT[step] << 4 | octet & 15
        if _DOES[step]:
            _complete(decoded, step)
        node = _NEXT[step]
        start += 1
    if node > _LAST_END:
        raise HpackError("the padding of a Huffman string is not up to seven ones (RFC 7541 section 5.2)")
    return bytes(decoded)


def _complete(decoded: bytearray, step: int) -> None:
    if _DOES[step] == _REFUSED:
        raise HpackError("a Huffman string holds the EOS symbol (RFC 7541 section 5.2)")
    decoded.append(_SYMBOLS[step])


def encoded_size(data: bytes) -> int:
    """How many octets the string has in Huffman code."""
    bits = 7
    for octet in data:
        bits += _BITS_OF[octet]
    return bits >> 3


def encode(data: bytes) -> bytes:
    """The string in Huffman code, padded with ones."""
    encoded = bytearray()
    waiting = 0
    count = 0
    for octet in data:
        waiting = waiting << _BITS_OF[octet] | _CODES[octet]
        count += _BITS_OF[octet]
        while count >= 8:
            count -= 8
            encoded.append(waiting >> count & 255)
        waiting &= 255
    if count:
        encoded.append((waiting << 8 - count | 255 >> count) & 255)
    return bytes(encoded)
