"""The rules of field names and values (RFC 9110 section 5)."""

import pytest

from penstock.base.errors import LocalProtocolError
from penstock.engine.fields import has_member, list_members, our_name, our_value, read_length

TOKEN = b"!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"


@pytest.mark.parametrize("octet", range(256))
def test_a_name_is_made_of_token_characters(octet: int) -> None:
    """RFC 9110 section 5.6.2."""
    for name in (bytes([octet]), b"a" + bytes([octet]), b"abcdefgh" + bytes([octet]) + b"abcdefgh"):
        if octet in TOKEN:
            assert our_name(name) == name
        else:
            with pytest.raises(LocalProtocolError):
                our_name(name)


@pytest.mark.parametrize("octet", range(256))
@pytest.mark.parametrize("place", [0, 1, 7, 8, 15, 16, 23])
def test_a_value_holds_no_control_character_but_the_tab(octet: int, place: int) -> None:
    """RFC 9110 section 5.5. The place matters, because the compiled search takes eight octets at a time."""
    value = b"\xff" * place + bytes([octet]) + b"z" * (23 - place)

    if (octet >= 32 and octet != 127) or octet == 9:
        assert our_value(value) == value
    else:
        with pytest.raises(LocalProtocolError):
            our_value(value)


def test_a_name_is_not_empty_but_a_value_may_be() -> None:
    assert our_value(b"") == b""
    with pytest.raises(LocalProtocolError):
        our_name(b"")


@pytest.mark.parametrize("given", ["a", bytearray(b"a"), memoryview(b"a"), 5, None])
def test_names_and_values_are_bytes(given: object) -> None:
    for judge in (our_name, our_value):
        with pytest.raises(LocalProtocolError, match=type(given).__name__):
            judge(given)


@pytest.mark.parametrize(
    ("value", "members"),
    [
        (b"", []),
        (b"a", [b"a"]),
        (b"Keep-Alive", [b"keep-alive"]),
        (b"a,B", [b"a", b"b"]),
        (b" a \t, b ,", [b"a", b"b"]),
        (b",, ,\t,a", [b"a"]),
        (b"a b", [b"a b"]),
    ],
)
def test_a_list_has_members_between_commas(value: bytes, members: list[bytes]) -> None:
    """RFC 9110 section 5.6.1: empty members are read over."""
    assert list_members(value) == members
    for member in members:
        assert has_member(value.strip(b" \t"), member)
    assert not has_member(value, b"c")


@pytest.mark.parametrize(
    ("value", "length"),
    [
        *((b"0", 0), (b"5", 5), (b"005", 5), (b"9" * 18, 10**18 - 1)),
        *((b"", -1), (b"9" * 19, -1), (b"-1", -1), (b"+1", -1), (b" 1", -1), (b"1 ", -1), (b"1_0", -1)),
        *((b"0x1", -1), (b"1.0", -1), (b"1e3", -1), (b"5,5", -1), (b"5\n", -1), ("\u0665".encode(), -1)),
    ],
)
def test_a_length_is_digits_and_nothing_else(value: bytes, length: int) -> None:
    """RFC 9110 section 8.6."""
    assert read_length(value) == length
