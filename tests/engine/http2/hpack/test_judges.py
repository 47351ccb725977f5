"""Whatever is sent in whatever order, the `hpack` library and ours understand each other."""

from hpack import Decoder, Encoder, HPACKError
from hypothesis import given
from hypothesis import strategies as st
from tests.engine.http2.hpack.blocks import MUCH, Field, decode
from tests.engine.http2.hpack.drawn import PARTS, SCRIPTS

from penstock.engine.http2.hpack.decoder import HpackDecoder
from penstock.engine.http2.hpack.encoder import HpackEncoder
from penstock.engine.http2.hpack.errors import FieldListTooLong, HpackError

# Where we are stricter, on purpose: RFC 7541 names no numbers for these.
STRICTER = ("goes on for more than", "more than two")


def judged(decoder: Decoder, block: bytes) -> list[Field]:
    return [(field[0], field[1]) for field in decoder.decode(block, raw=True)]


@given(SCRIPTS, st.sampled_from([0, 64, 4096, 65536]))
def test_the_judge_decodes_what_we_encode(script: list[tuple[list[int], list[Field]]], most: int) -> None:
    encoder, judge = HpackEncoder(most), Decoder(MUCH)
    for sizes, fields in script:
        for size in sizes:
            encoder.limit_table(size)
            judge.max_allowed_table_size = size
        assert judged(judge, encoder.encode(fields)) == fields


@given(SCRIPTS, st.booleans())
def test_we_decode_what_the_judge_encodes(script: list[tuple[list[int], list[Field]]], huffman: bool) -> None:
    """It tells every size since its last block, also one that is no change, and we take two of them."""
    judge, decoder = Encoder(), HpackDecoder(65536)
    for sizes, fields in script:
        for size in sizes[:2] if fields else []:
            if size != judge.header_table_size:
                judge.header_table_size = size
        assert decode(decoder, judge.encode(fields, huffman=huffman)) == fields


@given(st.lists(st.lists(PARTS, max_size=8).map(b"".join), max_size=4))
def test_noise_means_the_same_to_the_judge_and_to_us(blocks: list[bytes]) -> None:
    judge, decoder = Decoder(MUCH), HpackDecoder()
    for block in blocks:
        try:
            fields = decode(decoder, block)
        except HpackError as error:
            assert any(reason in str(error) for reason in STRICTER) or is_refused(judge, block)
            return
        assert judged(judge, block) == fields


def is_refused(judge: Decoder, block: bytes) -> bool:
    try:
        judge.decode(block, raw=True)
    except HPACKError:
        return True
    return False


@given(SCRIPTS)
def test_limits_leave_the_table_as_it_would_be_without_them(
    script: list[tuple[list[int], list[Field]]],
) -> None:
    encoder, free, bound = HpackEncoder(), HpackDecoder(), HpackDecoder()
    for _, fields in script:
        block = encoder.encode(fields)
        assert decode(free, block) == fields
        try:
            assert bound.decode(block, 300, 3) == fields
        except FieldListTooLong:
            assert len(fields) > 3 or sum(len(name) + len(value) + 32 for name, value in fields) > 300
    for _, fields in script:
        assert decode(bound, encoder.encode(fields)) == fields
