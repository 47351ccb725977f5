"""The octet functions as plain Python; `tests/twins` compares the modules that use them with their compiled
twins.
"""

import pytest

from penstock.engine import octets

EVERY = bytes(range(256))
TOKEN = set(b"!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")


def test_a_byte_is_found_between_the_positions_only() -> None:
    assert octets.find_byte(b"abcabc", ord("b"), 2, 6) == 4
    assert octets.find_byte(b"abcabc", ord("b"), 2, 4) == -1
    assert octets.find_byte(b"", ord("b"), 0, 0) == -1


@pytest.mark.parametrize("octet", range(256))
def test_control_characters_are_found_and_the_tab_is_none(octet: int) -> None:
    is_control = (octet < 32 and octet != 9) or octet == 127
    assert octets.find_control(b"ab" + bytes([octet]), 0, 3) == (2 if is_control else -1)
    assert octets.find_control(b"\0b" + bytes([octet]) + b"\0", 1, 2) == -1


@pytest.mark.parametrize("octet", range(256))
def test_token_characters_are_those_of_the_rfc(octet: int) -> None:
    """RFC 9110 section 5.6.2."""
    data = b"a" + bytes([octet]) + b"\0"
    assert octets.token_end(data, 0, 3) == (2 if octet in TOKEN else 1)
    assert octets.is_token(data, 0, 2) is (octet in TOKEN)


@pytest.mark.parametrize("octet", range(256))
def test_a_field_name_of_http2_is_a_token_without_upper_case(octet: int) -> None:
    """RFC 9113 section 8.2.1."""
    allowed = octet in TOKEN and not bytes([octet]).isupper()
    assert octets.is_lower_token(b"A" + bytes([octet]) + b"b", 1, 3) is allowed
    assert not octets.is_lower_token(b"a", 1, 1)


@pytest.mark.parametrize("octet", range(256))
def test_a_target_is_printable_ascii_without_a_fragment(octet: int) -> None:
    allowed = 32 < octet < 127 and octet != ord("#")
    assert octets.target_end(b"/" + bytes([octet]) + b" ", 0, 3) == (2 if allowed else 1)


def test_a_token_is_not_empty() -> None:
    assert not octets.is_token(b"a", 1, 1)


def test_only_ascii_letters_become_lower_case() -> None:
    assert octets.lower(EVERY, 0, 256) == EVERY.replace(
        b"ABCDEFGHIJKLMNOPQRSTUVWXYZ", b"abcdefghijklmnopqrstuvwxyz"
    )
    assert octets.lower(b"ABC", 1, 2) == b"b"


def test_octets_are_compared_and_cut_out() -> None:
    assert octets.is_same(b"abcd", 1, 3, b"bc")
    assert not octets.is_same(b"abcd", 1, 3, b"b")
    assert octets.cut(b"abcd", 1, 3) == b"bc"


def test_lines_and_numbers_are_built() -> None:
    assert octets.field_line(b"X-A", b"B") == b"x-a: B\r\n"
    assert octets.join([b"a", b"", b"bc"]) == b"abc"
    assert (octets.decimal(0), octets.decimal(1234567890123)) == (b"0", b"1234567890123")
    assert (octets.hexadecimal(0), octets.hexadecimal(0xABCDEF)) == (b"0", b"abcdef")


def test_a_frame_is_nine_octets_and_its_payload() -> None:
    """RFC 9113 section 4.1."""
    assert octets.frame(0, 1, 0x7FFFFFFF, b"xabcx", 1, 4) == b"\0\0\3\0\1\x7f\xff\xff\xffabc"
    assert octets.frame(9, 4, 1, bytes(0x010203), 0, 0x010203)[:9] == b"\1\2\3\x09\4\0\0\0\1"


@pytest.mark.parametrize("size", [0, 1, 3, 4, 5, 7, 8, 9, 16, 1000])
def test_unmasking_twice_is_nothing(size: int) -> None:
    """RFC 6455 section 5.3."""
    data = (EVERY * 4)[:size]
    masked = octets.unmask(b"xx" + data, 2, size + 2, 0x018000FF)

    assert masked == bytes(octet ^ b"\x01\x80\x00\xff"[at % 4] for at, octet in enumerate(data))
    assert octets.unmask(masked, 0, size, 0x018000FF) == data


def test_octets_are_compared_from_two_positions() -> None:
    assert octets.is_repeated(b"xabcx", 1, b"zzabc", 2, 3)
    assert not octets.is_repeated(b"xabcx", 1, b"zzabd", 2, 3)


@pytest.mark.parametrize(
    ("digits", "number"),
    [
        (b"0", 0),
        (b"007", 7),
        (b"9" * 18, 10**18 - 1),
        (b"9" * 19, -1),
        (b"", -1),
        (b"-1", -1),
        (b"1_0", -1),
        (b" 1", -1),
    ],
)
def test_a_number_is_decimal_digits_and_nothing_else(digits: bytes, number: int) -> None:
    assert octets.number(digits) == number


@pytest.mark.parametrize("size", [0, 1, 7, 8, 9, 1023, 1024, 1025, 3000])
def test_ascii_is_unmasked_to_text(size: int) -> None:
    text = "".join(chr(32 + at % 95) for at in range(size))
    masked = octets.unmask(b"xx" + text.encode(), 2, size + 2, 0x018000FF)
    assert octets.unmask_ascii(b"x" + masked, 1, size + 1, 0x018000FF) == text


@pytest.mark.parametrize("place", [0, 7, 8, 1024, 2999])
def test_one_octet_above_ascii_is_no_ascii_wherever_it_stands(place: int) -> None:
    data = bytearray(b"a" * 3000)
    data[place] = 0x80
    masked = octets.unmask(bytes(data), 0, 3000, 7)
    assert octets.unmask_ascii(masked, 0, 3000, 7) is None
