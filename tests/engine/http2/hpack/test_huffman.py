"""The Huffman code both ways, judged by the `hpack` library."""

import pytest
from hpack.huffman import HuffmanEncoder
from hpack.huffman_constants import REQUEST_CODES, REQUEST_CODES_LENGTH
from hypothesis import given
from hypothesis import strategies as st

from penstock.engine.http2.hpack import huffman
from penstock.engine.http2.hpack.errors import HpackError

JUDGE = HuffmanEncoder(REQUEST_CODES, REQUEST_CODES_LENGTH)


def decoded(data: bytes) -> bytes:
    return huffman.decode(b"x" + data + b"x", 1, len(data) + 1)


@pytest.mark.parametrize("octet", range(256))
def test_every_octet_has_the_code_of_the_rfc(octet: int) -> None:
    """RFC 7541 appendix B: alone, and behind others that shift it."""
    for before in range(8):
        data = b"0" * before + bytes([octet])
        assert huffman.encode(data) == JUDGE.encode(data)
        assert huffman.encoded_size(data) == len(huffman.encode(data))
        assert decoded(huffman.encode(data)) == data


@given(st.binary(max_size=300) | st.text(max_size=300).map(str.encode))
def test_what_is_encoded_is_decoded(data: bytes) -> None:
    encoded = huffman.encode(data)
    assert encoded == JUDGE.encode(data)
    assert len(encoded) == huffman.encoded_size(data)
    assert decoded(encoded) == data


@given(st.lists(st.sampled_from([b"\xff", b"\x00", b"\xfe", b"\x7f"]) | st.binary(max_size=3)).map(b"".join))
def test_what_is_taken_is_what_the_same_string_is_encoded_to(data: bytes) -> None:
    """So padding has one form, and no octets stand for nothing."""
    try:
        string = decoded(data)
    except HpackError:
        return
    assert huffman.encode(string) == data


def test_an_empty_string_has_no_octets() -> None:
    assert huffman.encode(b"") == decoded(b"") == b""
