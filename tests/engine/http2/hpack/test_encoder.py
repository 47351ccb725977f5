"""What an encoder sends as an index, what it keeps, and what it tells of its table."""

import pytest
from hpack import Decoder
from hpack.struct import NeverIndexedHeaderTuple
from tests.engine.http2.hpack.blocks import decode, indexed, resized, table_after, table_bytes

from penstock.engine.http2.hpack.decoder import HpackDecoder
from penstock.engine.http2.hpack.encoder import HpackEncoder

OK = (b":status", b"200")
TYPE = (b"content-type", b"text/plain")
DATE = (b"date", b"Mon, 21 Oct 2013 20:13:21 GMT")
LENGTH = (b"content-length", b"13")


def test_a_field_that_repeats_is_one_octet() -> None:
    encoder = HpackEncoder()
    encoder.encode([OK, TYPE, DATE])
    assert encoder.encode([OK, TYPE, DATE]) == indexed(8) + indexed(63) + indexed(62)


@pytest.mark.parametrize(
    "name", [b"set-cookie", b"cookie", b"authorization", b"proxy-authorization", b"authentication-info"]
)
def test_secrets_are_never_indexed_here_or_further_on(name: bytes) -> None:
    """RFC 7541 section 7.1.3."""
    encoder = HpackEncoder()
    blocks = [encoder.encode([(name, b"secret")]) for _ in range(2)]
    assert table_after(blocks) == []
    for block in blocks:
        (field,) = Decoder().decode(block, raw=True)
        assert isinstance(field, NeverIndexedHeaderTuple)
        assert field == (name, b"secret")


@pytest.mark.parametrize("name", [b"content-length", b"etag", b"location", b"last-modified", b"x-request-id"])
def test_what_changes_with_every_response_stays_out_of_the_table(name: bytes) -> None:
    encoder = HpackEncoder()
    block = encoder.encode([(name, b"17")])
    assert table_after([block]) == []
    (field,) = Decoder().decode(block, raw=True)
    assert not isinstance(field, NeverIndexedHeaderTuple)
    assert field == (name, b"17")


def test_a_field_larger_than_half_the_table_stays_out_of_it() -> None:
    encoder = HpackEncoder()
    fits, exceeds = (b"a", b"v" * (2048 - 33)), (b"b", b"v" * (2048 - 32))
    assert table_after([encoder.encode([TYPE, fits, exceeds])]) == [fits, TYPE]


def test_strings_are_sent_in_their_shorter_form() -> None:
    encoder = HpackEncoder()
    assert encoder.encode([(b"content-length", b"13")]) == b"\x0f\x0d\x0213"
    assert encoder.encode([(b"etag", b"\x01\x02\x03")]) == b"\x0f\x13\x03\x01\x02\x03"
    assert encoder.encode([(b"etag", b"aaaaaaaa")]) == b"\x0f\x13\x85" + bytes.fromhex("18c6318c63")


def test_a_name_that_is_in_the_table_is_an_index() -> None:
    encoder = HpackEncoder()
    encoder.encode([(b"x-name", b"\x01"), (b"x-other", b"\x01")])
    assert encoder.encode([(b"x-name", b"\x02")]) == b"\x7f\x00\x01\x02"
    assert encoder.encode([(b"x-name", b"\x03")]) == b"\x7e\x01\x03"


def test_a_name_whose_newest_entry_was_evicted_is_sent_again() -> None:
    encoder = HpackEncoder()
    encoder.encode([(b"x-name", b"1")])
    others = encoder.encode([(b"x-%d" % number, b"v" * 1000) for number in range(5)])
    assert len(others) > 3000
    again = encoder.encode([(b"x-name", b"1")])
    assert again[0] == 0x40
    assert decode(HpackDecoder(), again) == [(b"x-name", b"1")]


def test_what_was_evicted_is_kept_again_and_the_table_stays_within_its_size() -> None:
    encoder, blocks = HpackEncoder(), []
    for number in range(300):
        blocks.append(encoder.encode([OK, TYPE, (b"x", b"%030d" % number), DATE]))
    table = table_after(blocks)
    assert table_bytes(table) <= 4096
    decoder = HpackDecoder()
    for number, block in enumerate(blocks):
        assert decode(decoder, block) == [OK, TYPE, (b"x", b"%030d" % number), DATE]


def test_a_peer_that_allows_less_is_told_at_the_start_of_the_next_block() -> None:
    """Section 4.2, and RFC 9113 section 4.3.1."""
    encoder = HpackEncoder()
    encoder.encode([TYPE])
    encoder.limit_table(100)
    assert encoder.encode([TYPE]) == resized(100) + indexed(62)
    assert encoder.encode([TYPE]) == indexed(62)


def test_a_peer_that_allows_nothing_gets_literals_only() -> None:
    encoder = HpackEncoder()
    encoder.encode([TYPE])
    encoder.limit_table(0)
    block = encoder.encode([OK, TYPE])
    assert block.startswith(resized(0) + indexed(8) + b"\x0f\x10")
    assert encoder.encode([OK, TYPE]) == block.removeprefix(resized(0))


def test_a_limit_that_was_lowered_and_raised_is_told_in_both_sizes() -> None:
    """Section 4.2: what the lower one evicted is gone."""
    encoder = HpackEncoder()
    encoder.encode([TYPE])
    for size in (3000, 0, 500, 4096):
        encoder.limit_table(size)
    block = encoder.encode([TYPE])
    assert block.startswith(resized(0) + resized(4096) + b"\x5f")


def test_a_limit_that_comes_back_to_what_is_known_after_no_change_is_not_told() -> None:
    encoder = HpackEncoder()
    encoder.limit_table(4096)
    encoder.limit_table(2**32 - 1)
    assert encoder.encode([OK]) == indexed(8)


def test_a_peer_that_allows_more_is_told_only_when_more_is_wanted() -> None:
    encoder = HpackEncoder(16384)
    assert encoder.encode([OK]) == indexed(8)
    encoder.limit_table(65536)
    assert encoder.encode([OK]) == resized(16384) + indexed(8)
    encoder.limit_table(8192)
    encoder.limit_table(65536)
    assert encoder.encode([OK]) == resized(8192) + resized(16384) + indexed(8)


def test_an_encoder_that_wants_less_than_the_protocols_4096_says_so_first() -> None:
    """RFC 9113 section 6.5.2: the peer's table begins with 4096 octets."""
    encoder = HpackEncoder(64)
    assert encoder.encode([OK]) == resized(64) + indexed(8)


def test_the_order_of_fields_is_kept() -> None:
    fields = [(b"set-cookie", b"a"), (b"x", b"1"), (b"set-cookie", b"b"), (b"x", b"2"), (b"x", b"1")]
    assert decode(HpackDecoder(), HpackEncoder().encode(iter(fields))) == fields
