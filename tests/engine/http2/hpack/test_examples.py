"""The examples of RFC 7541 appendix C, with the table after each block."""

import pytest
from tests.engine.http2.hpack.blocks import Field, decode, kept, resized, table_after, table_bytes, unkept

from penstock.engine.http2.hpack.decoder import HpackDecoder
from penstock.engine.http2.hpack.encoder import HpackEncoder
from penstock.engine.http2.hpack.writer import build_integer

Step = tuple[str, list[Field], list[Field], int]  # the block, its fields, the table after it, and its size

CUSTOM = (b"custom-key", b"custom-header")
LITERALS: dict[str, Step] = {
    "C.2.1": ("400a637573746f6d2d6b65790d637573746f6d2d686561646572", [CUSTOM], [CUSTOM], 55),
    "C.2.2": ("040c2f73616d706c652f70617468", [(b":path", b"/sample/path")], [], 0),
    "C.2.3": ("100870617373776f726406736563726574", [(b"password", b"secret")], [], 0),
    "C.2.4": ("82", [(b":method", b"GET")], [], 0),
}

AUTHORITY = (b":authority", b"www.example.com")
NO_CACHE = (b"cache-control", b"no-cache")
CUSTOM_VALUE = (b"custom-key", b"custom-value")
GET, HTTP, HTTPS = (b":method", b"GET"), (b":scheme", b"http"), (b":scheme", b"https")
ROOT, INDEX = (b":path", b"/"), (b":path", b"/index.html")
REQUESTS: list[tuple[list[Field], list[Field], int]] = [
    ([GET, HTTP, ROOT, AUTHORITY], [AUTHORITY], 57),
    ([GET, HTTP, ROOT, AUTHORITY, NO_CACHE], [NO_CACHE, AUTHORITY], 110),
    ([GET, HTTPS, INDEX, AUTHORITY, CUSTOM_VALUE], [CUSTOM_VALUE, NO_CACHE, AUTHORITY], 164),
]
PLAIN_REQUESTS = [
    "828684410f7777772e6578616d706c652e636f6d",
    "828684be58086e6f2d6361636865",
    "828785bf400a637573746f6d2d6b65790c637573746f6d2d76616c7565",
]
HUFFMAN_REQUESTS = [
    "828684418cf1e3c2e5f23a6ba0ab90f4ff",
    "828684be5886a8eb10649cbf",
    "828785bf408825a849e95ba97d7f8925a849e95bb8e8b4bf",
]

S200, S302, S307 = ((b":status", status) for status in (b"200", b"302", b"307"))
PRIVATE = (b"cache-control", b"private")
DATE21, DATE22 = ((b"date", b"Mon, 21 Oct 2013 20:13:%s GMT" % second) for second in (b"21", b"22"))
LOCATION = (b"location", b"https://www.example.com")
GZIP = (b"content-encoding", b"gzip")
COOKIE = (b"set-cookie", b"foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1")
RESPONSES: list[tuple[list[Field], list[Field], int]] = [
    ([S302, PRIVATE, DATE21, LOCATION], [LOCATION, DATE21, PRIVATE, S302], 222),
    ([S307, PRIVATE, DATE21, LOCATION], [S307, LOCATION, DATE21, PRIVATE], 222),
    ([S200, PRIVATE, DATE22, LOCATION, GZIP, COOKIE], [COOKIE, GZIP, DATE22], 215),
]
PLAIN_RESPONSES = [
    "4803333032580770726976617465611d4d6f6e2c203231204f637420323031332032303a31333a323120474d54"
    "6e1768747470733a2f2f7777772e6578616d706c652e636f6d",
    "4803333037c1c0bf",
    "88c1611d4d6f6e2c203231204f637420323031332032303a31333a323220474d54c05a04677a69707738666f6f3d"
    "4153444a4b48514b425a584f5157454f50495541585157454f49553b206d61782d6167653d333630303b20766572"
    "73696f6e3d31",
]
HUFFMAN_RESPONSES = [
    "488264025885aec3771a4b6196d07abe941054d444a8200595040b8166e082a62d1bff6e919d29ad171863c78f0b"
    "97c8e9ae82ae43d3",
    "4883640effc1c0bf",
    "88c16196d07abe941054d444a8200595040b8166e084a62d1bffc05a839bd9ab77ad94e7821dd7f2e6c7b335dfdf"
    "cd5b3960d5af27087f3672c1ab270fb5291f9587316065c003ed4ee5b1063d5007",
]


@pytest.mark.parametrize(
    ("mask", "number", "octets"), [(0x1F, 10, "0a"), (0x1F, 1337, "1f9a0a"), (0xFF, 42, "2a")]
)
def test_c_1_integers_are_written(mask: int, number: int, octets: str) -> None:
    assert build_integer(0, mask, number).hex() == octets


def test_c_1_integers_are_read() -> None:
    """As the size of a table, into which a field fits or not."""
    for block, most in ((b"\x2a", 10), (b"\x3f\x9a\x0a", 1337)):
        assert resized(most) == block
        for size in (most, most + 1):
            field = (b"", b"v" * (size - 32))
            fits = size == most and size >= 32
            assert table_after([block + kept(*field)] if size >= 32 else [block]) == ([field] if fits else [])


@pytest.mark.parametrize("section", LITERALS)
def test_c_2_literals_and_an_indexed_field_are_decoded(section: str) -> None:
    block, fields, table, size = LITERALS[section]
    assert decode(HpackDecoder(), bytes.fromhex(block)) == fields
    assert table_after([bytes.fromhex(block)]) == table
    assert table_bytes(table) == size


@pytest.mark.parametrize("blocks", [PLAIN_REQUESTS, HUFFMAN_REQUESTS], ids=["C.3", "C.4"])
def test_c_3_and_c_4_requests_are_decoded(blocks: list[str]) -> None:
    check([bytes.fromhex(block) for block in blocks], REQUESTS)


@pytest.mark.parametrize("blocks", [PLAIN_RESPONSES, HUFFMAN_RESPONSES], ids=["C.5", "C.6"])
def test_c_5_and_c_6_responses_are_decoded_with_evictions(blocks: list[str]) -> None:
    """With a table of 256 octets, which the first block asks for here."""
    first, *others = [bytes.fromhex(block) for block in blocks]
    check([resized(256) + first, *others], RESPONSES)


def check(blocks: list[bytes], wanted: list[tuple[list[Field], list[Field], int]]) -> None:
    decoder = HpackDecoder()
    for count, (fields, table, size) in enumerate(wanted, 1):
        assert decode(decoder, blocks[count - 1]) == fields
        assert table_after(blocks[:count]) == table
        assert table_bytes(table) == size


def test_c_4_requests_are_encoded_as_in_the_rfc() -> None:
    encoder = HpackEncoder()
    assert [encoder.encode(fields).hex() for fields, _, _ in REQUESTS] == HUFFMAN_REQUESTS


def test_a_literal_that_is_not_kept_leaves_the_table_as_it_was() -> None:
    assert table_after([kept(b"a", b"1"), unkept(b"b", b"2")]) == [(b"a", b"1")]
