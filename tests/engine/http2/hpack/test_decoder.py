"""What a decoder refuses, what it counts, and how its table moves."""

import tracemalloc

import pytest
from tests.engine.http2.hpack.blocks import (
    MUCH,
    decode,
    indexed,
    integer,
    kept,
    resized,
    string,
    table_after,
    unkept,
)

from penstock.engine.http2.hpack.decoder import HpackDecoder
from penstock.engine.http2.hpack.errors import FieldListTooLong, HpackError

GET = (b":method", b"GET")
A, B = (b"a", b"1"), (b"b", b"2")


def refused(block: bytes, decoder: HpackDecoder | None = None) -> str:
    """Why a decoder does not take the block."""
    with pytest.raises(HpackError) as raised:
        decode(decoder or HpackDecoder(), block)
    return str(raised.value)


def test_an_empty_block_has_no_fields() -> None:
    assert decode(HpackDecoder(), b"") == []


def test_the_index_zero_is_refused() -> None:
    """RFC 7541 section 6.1."""
    assert "index 0" in refused(b"\x80")


@pytest.mark.parametrize(("first", "mask"), [(0x80, 0x7F), (0x40, 0x3F), (0x00, 0x0F), (0x10, 0x0F)])
def test_an_index_beyond_both_tables_is_refused_in_every_representation(first: int, mask: int) -> None:
    """Section 2.3.3."""
    beyond = integer(first, mask, 63) + string(b"v")
    assert "index 63, where 62 is the last" in refused(kept(*A) + beyond)


def test_the_last_index_of_each_table_is_taken() -> None:
    assert decode(HpackDecoder(), indexed(61)) == [(b"www-authenticate", b"")]
    assert decode(HpackDecoder(), kept(*A) + kept(*B) + indexed(63)) == [A, B, A]


@pytest.mark.parametrize(
    "block", [b"\xff\x80\x80\x80\x80\x00", b"\x3f\xff\xff\xff\xff\x0f", b"\x7f" + b"\xff" * 99]
)
def test_an_integer_that_goes_on_too_long_is_refused(block: bytes) -> None:
    """Section 5.1: octet lengths have a limit, also where the value would be small."""
    assert "integer goes on" in refused(block)


def test_an_integer_may_have_needless_zeros() -> None:
    """Section 5.1 does not ask for the shortest form."""
    assert decode(HpackDecoder(), kept(*A) + b"\x0f\xaf\x80\x00" + string(b"2")) == [A, (b"a", b"2")]


FIRST = kept(b"name", b"value")
SECOND = b"\x7e\x86\xa8\xeb\x10\x64\x9c\xbf"  # the first one's name, and a Huffman string


@pytest.mark.parametrize("size", range(1, len(FIRST + SECOND)))
def test_a_block_that_ends_inside_a_field_is_refused(size: int) -> None:
    """Section 5: before and in lengths, names and values."""
    assert decode(HpackDecoder(), FIRST + SECOND) == [(b"name", b"value"), (b"name", b"no-cache")]
    if size != len(FIRST):
        assert "ends inside a field" in refused((FIRST + SECOND)[:size])


@pytest.mark.parametrize("block", [b"\xff", b"\xff\x80", b"\x3f\xff\xff", b"\x0f", b"\x7f", b"\x00\x7f"])
def test_a_block_that_ends_inside_an_integer_is_refused(block: bytes) -> None:
    """Section 5.1."""
    assert "ends inside a field" in refused(block)


def test_a_string_longer_than_the_block_is_refused_before_anything_is_kept_for_it() -> None:
    assert "ends inside a field" in refused(b"\x40\x7f\xff\xff\xff\x7f" + b"name")


def test_huffman_padding_of_ones_is_taken() -> None:
    """Section 5.2. A `0` is five zeros."""
    assert decode(HpackDecoder(), b"\x00\x01a\x81\x07") == [(b"a", b"0")]


@pytest.mark.parametrize("octet", [0x00, 0x03, 0x05, 0x06])
def test_huffman_padding_that_is_not_ones_is_refused(octet: int) -> None:
    """Section 5.2."""
    assert "padding" in refused(b"\x00\x01a\x81" + bytes([octet]))


@pytest.mark.parametrize("octets", [b"\x07\xff", b"\xff", b"\xff\xff\xff"])
def test_huffman_padding_of_eight_bits_and_more_is_refused(octets: bytes) -> None:
    """Section 5.2."""
    assert "padding" in refused(b"\x00\x01a" + bytes([0x80 | len(octets)]) + octets)


@pytest.mark.parametrize("octets", [b"\xff\xff\xff\xff", b"\x07\xff\xff\xff\xff\xff"])
def test_huffman_strings_with_eos_are_refused(octets: bytes) -> None:
    """Section 5.2."""
    assert "EOS" in refused(b"\x00\x01a" + bytes([0x80 | len(octets)]) + octets)


def test_a_size_update_behind_a_field_is_refused() -> None:
    """Section 4.2."""
    assert "behind a field" in refused(b"\x82" + resized(100))


def test_a_size_update_above_our_settings_is_refused() -> None:
    """Section 6.3."""
    assert decode(HpackDecoder(), resized(4096)) == []
    assert decode(HpackDecoder(65536), resized(65536)) == []
    assert "4097 bytes, of 4096" in refused(resized(4097))
    assert "65537 bytes, of 65536" in refused(resized(65537), HpackDecoder(65536))


def test_two_size_updates_are_taken_and_a_third_is_refused() -> None:
    """Section 4.2: the smallest size in between and the last one say all."""
    assert decode(HpackDecoder(), resized(0) + resized(4096) + b"\x82") == [GET]
    assert "more than two" in refused(resized(0) + resized(4096) + resized(0))


def test_a_size_update_evicts_what_no_longer_fits() -> None:
    """Section 4.3."""
    assert table_after([kept(*A) + kept(*B), resized(67)]) == [B]
    assert table_after([kept(*A) + kept(*B), resized(68)]) == [B, A]
    assert table_after([kept(*A) + kept(*B), resized(0) + resized(4096)]) == []


def test_a_table_of_larger_settings_grows_only_when_the_peer_says_so() -> None:
    """RFC 9113 section 6.5.2: it begins with 4096 octets whatever our settings are."""
    half = b"v" * 2100
    assert len(table_after([kept(b"a", half) + kept(b"b", half)])) == 1
    assert len(table_after([resized(65536), kept(b"a", half) + kept(b"b", half)])) == 2


def test_a_peer_may_use_4096_octets_until_it_acknowledged_smaller_settings() -> None:
    decoder = HpackDecoder(100)
    large = (b"a", b"v" * 3000)
    assert decode(decoder, kept(*large)) == [large]
    assert decode(decoder, indexed(62)) == [large]
    decoder.limit_table(100)
    assert decode(decoder, resized(100) + kept(*A)) == [A]
    assert decode(decoder, indexed(62)) == [A]


@pytest.mark.parametrize("block", [b"", b"\x82", resized(101)])
def test_a_peer_that_acknowledged_smaller_settings_has_to_shrink_its_table(block: bytes) -> None:
    """RFC 9113 section 4.3.1."""
    decoder = HpackDecoder()
    decoder.limit_table(100)
    assert "100" in refused(block, decoder)


def test_settings_that_are_not_below_the_table_ask_for_nothing() -> None:
    decoder = HpackDecoder()
    assert decode(decoder, resized(50)) == []
    decoder.limit_table(50)
    assert decode(decoder, b"\x82") == [GET]


def test_an_entry_larger_than_the_table_empties_it() -> None:
    """Section 4.4: that is no error, and the field is there."""
    large = (b"a", b"v" * 4064)
    decoder = HpackDecoder()
    assert decode(decoder, kept(*A) + kept(*large)) == [A, large]
    assert "index 62" in refused(indexed(62), decoder)


def test_a_name_may_come_from_the_entry_that_its_field_evicts() -> None:
    """Section 4.4."""
    name = b"n" * 20
    decoder = HpackDecoder()
    assert decode(decoder, resized(60) + kept(name, b"1") + b"\x7e" + string(b"22")) == [
        (name, b"1"),
        (name, b"22"),
    ]
    assert decode(decoder, indexed(62)) == [(name, b"22")]


def test_the_first_entry_is_the_first_to_go_after_any_number_of_others() -> None:
    decoder = HpackDecoder()
    for number in range(1000):
        name = b"%04d" % number
        assert decode(decoder, kept(name, b"")) == [(name, b"")]
        oldest = max(0, number - 4096 // 36 + 1)
        assert decode(decoder, indexed(62) + indexed(62 + number - oldest)) == [
            (name, b""),
            (b"%04d" % oldest, b""),
        ]


def test_a_list_may_be_as_large_as_the_limit() -> None:
    """RFC 9113 section 6.5.2: name, value and 32 for each field."""
    block = kept(*A) + unkept(*B)
    assert HpackDecoder().decode(block, 68, 2) == [A, B]
    with pytest.raises(FieldListTooLong, match="2 fields of 68 bytes"):
        HpackDecoder().decode(block, 67, 2)
    with pytest.raises(FieldListTooLong, match="more than 1, or"):
        HpackDecoder().decode(block, 68, 1)


def test_the_table_is_the_peers_after_a_list_that_was_too_long() -> None:
    """So the stream can be answered and the connection goes on (RFC 9113 section 10.5.1)."""
    decoder = HpackDecoder()
    with pytest.raises(FieldListTooLong):
        decoder.decode(kept(*A) * 3 + kept(*B), 34, 1)
    assert decode(decoder, indexed(62) + indexed(63)) == [B, A]


def test_a_fault_behind_the_limit_is_still_a_fault() -> None:
    with pytest.raises(HpackError):
        HpackDecoder().decode(kept(*A) + b"\x80", 1, 1)


def test_an_octet_for_a_large_field_costs_no_memory() -> None:
    """A block of references to one large entry, counted at its size and never copied."""
    decoder = HpackDecoder()
    decode(decoder, kept(b"a", b"v" * 4000))
    bomb = indexed(62) * 16384
    tracemalloc.start()
    try:
        with pytest.raises(FieldListTooLong):
            decoder.decode(bomb, 65536, 100)
        assert tracemalloc.get_traced_memory()[1] < 16384
    finally:
        tracemalloc.stop()
    assert decoder.decode(indexed(62) * 16, 65536, 100) == [(b"a", b"v" * 4000)] * 16


def test_who_refers_to_an_entry_gets_that_very_field() -> None:
    decoder = HpackDecoder()
    first, second = decoder.decode(kept(*A) + indexed(62), MUCH, MUCH)
    assert first is second
