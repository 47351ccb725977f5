"""HPACK compiled and uncompiled: the same blocks and fields have the same effects in both."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from tests.engine.http2.hpack.blocks import Field
from tests.engine.http2.hpack.drawn import FIELDS, PARTS, SIZES
from tests.support.twin import pure

from penstock.base.errors import PenstockError
from penstock.engine.http2.hpack import decoder, encoder, huffman, writer

DECODERS = (decoder, pure(decoder.__name__))
ENCODERS = (encoder, pure(encoder.__name__))
HUFFMAN = (huffman, pure(huffman.__name__))
WRITERS = (writer, pure(writer.__name__))


def outcome(call: Any, *arguments: Any) -> object:
    """What a call returns or raises, comparable between twins: each has error classes of its own."""
    try:
        return call(*arguments)
    except PenstockError as error:
        return type(error).__name__, str(error)


BLOCKS = st.lists(PARTS, max_size=8).map(b"".join)
LIMITS = st.sampled_from([0, 100, 300, 1 << 20])


@given(
    SIZES,
    st.lists(st.tuples(BLOCKS, LIMITS, st.sampled_from([0, 1, 3, 100])), max_size=4),
    st.lists(SIZES | st.none(), min_size=4, max_size=4),
)
def test_both_decode_the_same_blocks_alike(
    most: int, blocks: list[tuple[bytes, int, int]], settings: list[int | None]
) -> None:
    """Also behind an error, where a decoder is of no more use."""
    ours, twin = (module.HpackDecoder(most) for module in DECODERS)
    for block, size in zip(blocks, settings, strict=False):
        assert outcome(ours.decode, *block) == outcome(twin.decode, *block)
        if size is not None:
            ours.limit_table(size)
            twin.limit_table(size)


@given(SIZES, st.lists(st.tuples(st.lists(SIZES, max_size=3), FIELDS), max_size=8))
def test_both_encode_the_same_fields_alike(most: int, script: list[tuple[list[int], list[Field]]]) -> None:
    ours, twin = (module.HpackEncoder(most) for module in ENCODERS)
    for sizes, fields in script:
        for size in sizes:
            ours.limit_table(size)
            twin.limit_table(size)
        assert ours.encode(fields) == twin.encode(fields)


@given(st.binary(max_size=300))
def test_both_have_the_same_huffman_code(data: bytes) -> None:
    ours, twin = HUFFMAN
    assert ours.encode(data) == twin.encode(data)
    assert ours.encoded_size(data) == twin.encoded_size(data)
    for octets in (data, ours.encode(data)):
        assert outcome(ours.decode, octets, 0, len(octets)) == outcome(twin.decode, octets, 0, len(octets))


@given(st.integers(0, 255), st.sampled_from([0x0F, 0x1F, 0x3F, 0x7F, 0xFF]), st.integers(0, 1 << 30))
def test_both_write_integers_alike(first: int, mask: int, number: int) -> None:
    ours, twin = WRITERS
    assert ours.build_integer(first & ~mask, mask, number) == twin.build_integer(first & ~mask, mask, number)
