"""Messages at the border: checked, measured and copied; and as bytes between processes."""

import math
from typing import Any

import msgpack
import pytest
from hypothesis import given
from hypothesis import strategies as st

from penstock.channels.codec import pack, unpack
from penstock.channels.errors import CorruptMessage, InvalidMessage, MessageTooLarge
from penstock.channels.messages import HEAD_BYTES, MAX_DEPTH, freeze
from penstock.testing.layers.messages import EVERYTHING, same

MAX_BYTES = 1 << 21
KEYS = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False)
    | KEYS
    | st.binary(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=20,
)
MESSAGES = st.dictionaries(KEYS, VALUES, max_size=5)


def nested(depth: int) -> dict[str, Any]:
    """A message of so many dicts in each other."""
    message: dict[str, Any] = {}
    for _ in range(depth - 1):
        message = {"in": message}
    return message


@given(MESSAGES)
def test_any_message_arrives_as_it_was_on_both_ways(message: dict[str, Any]) -> None:
    frozen = freeze(message, MAX_BYTES)
    assert same(frozen.thaw(), message)
    assert same(unpack(pack(frozen), MAX_BYTES).thaw(), message)


@given(MESSAGES)
def test_a_packed_message_is_no_larger_than_was_measured(message: dict[str, Any]) -> None:
    frozen = freeze(message, MAX_BYTES)
    assert len(pack(frozen)) <= frozen.size_bytes == unpack(pack(frozen), MAX_BYTES).size_bytes


@given(MESSAGES)
def test_a_message_measures_the_same_alone_and_in_another(message: dict[str, Any]) -> None:
    alone, inside = freeze(message, MAX_BYTES), freeze({"in": message}, MAX_BYTES)
    assert inside.size_bytes == alone.size_bytes + 2 * HEAD_BYTES + len("in")
    assert same(inside.thaw()["in"], alone.thaw())


@given(st.binary(max_size=200))
def test_foreign_bytes_are_a_message_or_a_corrupt_one(data: bytes) -> None:
    try:
        unpack(data, MAX_BYTES)
    except CorruptMessage as error:
        assert "expected a packed message" in str(error)


def test_every_type_survives_the_wire() -> None:
    assert same(unpack(pack(freeze(EVERYTHING, MAX_BYTES)), MAX_BYTES).thaw(), EVERYTHING)


def test_a_thawed_copy_is_apart_from_the_next() -> None:
    frozen = freeze({"list": [{"a": 1}]}, MAX_BYTES)
    frozen.thaw()["list"][0]["a"] = 2
    assert frozen.thaw() == {"list": [{"a": 1}]}


def test_the_path_to_what_is_wrong_is_told() -> None:
    with pytest.raises(InvalidMessage, match=r"message\['rows'\]\[1\]\['when'\] is .*object"):
        freeze({"rows": [{}, {"when": object()}]}, MAX_BYTES)


def test_nesting_has_an_end() -> None:
    assert freeze(nested(MAX_DEPTH), MAX_BYTES).thaw() == nested(MAX_DEPTH)
    with pytest.raises(InvalidMessage, match=f"more than {MAX_DEPTH} deep"):
        freeze(nested(MAX_DEPTH + 1), MAX_BYTES)


def test_a_message_is_measured_before_it_is_copied_to_its_end() -> None:
    with pytest.raises(MessageTooLarge):
        freeze({"rows": [b"x" * 1000] * 1_000_000}, 10_000)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xc1",
        b"\xdd\xff\xff\xff\xff",  # promises 4294967295 items
        b"\xdf\xff\xff\xff\xff",
        b"\xc6\xff\xff\xff\xff",
        b"\x91" * 100_000,  # lists in lists
        b"\x81\xa1a" * 100_000,
        msgpack.packb([1]),
        msgpack.packb({1: 2}),
        msgpack.packb({b"bytes": 2}),
        msgpack.packb({"a": 2**64 - 1}),
        msgpack.packb({"a": msgpack.ExtType(5, b"x")}),
        msgpack.packb({"a": msgpack.Timestamp(0)}),
        msgpack.packb({}) + b"behind",
        msgpack.packb({"__asgi_channel__": "x"}),
        b"\x81\xa1a\xa1\xff",  # no UTF-8
    ],
)
def test_what_is_no_packed_message_is_refused(data: bytes) -> None:
    with pytest.raises(CorruptMessage):
        unpack(data, MAX_BYTES)


def test_too_many_bytes_are_refused_before_they_are_looked_at() -> None:
    with pytest.raises(MessageTooLarge, match="max_message_bytes"):
        unpack(b"\xc1" * 11, 10)


def test_a_nan_and_a_negative_zero_survive() -> None:
    thawed = unpack(pack(freeze({"nan": math.nan, "zero": -0.0}, MAX_BYTES)), MAX_BYTES).thaw()
    assert math.isnan(thawed["nan"])
    assert math.copysign(1, thawed["zero"]) == -1
