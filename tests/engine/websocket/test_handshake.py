"""The opening handshake: RFC 6455 sections 4.2, 9.1 and 11.3."""

from typing import Any

import pytest

from penstock.base.errors import LocalProtocolError, RemoteProtocolError
from penstock.base.limits import Limits
from penstock.engine.websocket.handshake import VERSION_OFFERED, Offer, accept, read_offer

KEY = b"dGhlIHNhbXBsZSBub25jZQ=="  # the key of RFC 6455 section 1.3, and below what it is answered
ANSWER = b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo="

HANDSHAKE = {
    b"host": b"example.com",
    b"upgrade": b"websocket",
    b"connection": b"Upgrade",
    b"sec-websocket-key": KEY,
    b"sec-websocket-version": b"13",
}


def handshake(**changes: Any) -> list[tuple[bytes, bytes]]:
    """The fields of a good handshake with some of them changed; None leaves one out, a list repeats it."""
    fields = dict(HANDSHAKE)
    fields.update({name.replace("_", "-").encode(): value for name, value in changes.items()})
    found = []
    for name, value in fields.items():
        values = value if isinstance(value, list) else [value]
        found += [(name, one) for one in values if one is not None]
    return found


def offer(**changes: Any) -> Offer:
    return read_offer("GET", "1.1", handshake(**changes))


def refusal(method: str = "GET", version: str = "1.1", **changes: Any) -> int:
    with pytest.raises(RemoteProtocolError) as caught:
        read_offer(method, version, handshake(**changes))
    assert len(caught.value.reason) < 100
    return caught.value.status


def test_the_handshake_of_the_rfc_is_answered_as_the_rfc_does() -> None:
    """RFC 6455 section 1.3."""
    acceptance = accept(offer(), None, Limits())
    assert acceptance.fields == [
        (b"upgrade", b"websocket"),
        (b"connection", b"upgrade"),
        (b"sec-websocket-accept", ANSWER),
    ]
    assert acceptance.deflate is None


def test_upgrade_and_connection_may_be_lists_in_any_case() -> None:
    """RFC 6455 section 4.2.1 (3, 4): ASCII case-insensitive elements."""
    assert offer(upgrade=b"h2c, WebSocket", connection=[b"keep-alive", b"close ,\tUPGRADE"]).key == KEY


@pytest.mark.parametrize("method", ["POST", "HEAD", "CONNECT", "get"])
def test_another_method_than_get_is_refused(method: str) -> None:
    """RFC 6455 section 4.2.1 (1)."""
    assert refusal(method=method) == 400


@pytest.mark.parametrize("version", ["1.0", "0.9", ""])
def test_an_older_http_is_refused(version: str) -> None:
    """RFC 6455 section 4.2.1 (1)."""
    assert refusal(version=version) == 400


@pytest.mark.parametrize("value", [None, b"", b"h2c", b"websocket/13", b"web socket"])
def test_an_upgrade_to_something_else_is_refused(value: Any) -> None:
    """RFC 6455 section 4.2.1 (3)."""
    assert refusal(upgrade=value) == 400


@pytest.mark.parametrize("value", [None, b"", b"keep-alive", b"upgraded"])
def test_a_connection_field_without_upgrade_is_refused(value: Any) -> None:
    """RFC 6455 section 4.2.1 (4)."""
    assert refusal(connection=value) == 400


@pytest.mark.parametrize("value", [None, b"", b"8", b"12", b"14", b"013", b"13 ", b"13.0", b"13, 8"])
def test_another_version_is_told_which_one_is_spoken(value: Any) -> None:
    """RFC 6455 sections 4.2.2 (4) and 4.4."""
    assert refusal(sec_websocket_version=value) == 426
    assert (b"sec-websocket-version", b"13") in VERSION_OFFERED


def test_two_versions_are_refused() -> None:
    """RFC 6455 section 11.3.5."""
    assert refusal(sec_websocket_version=[b"13", b"13"]) == 400


@pytest.mark.parametrize(
    "value",
    [
        None,
        b"",
        b"dGhlIHNhbXBsZSBub25jZQ",  # no padding
        b"dGhlIHNhbXBsZSBub25j",  # 15 bytes
        b"dGhlIHNhbXBsZSBub25jZWE=",  # 17 bytes
        b"dGhlIHNhbXBsZSBub25jZQ== ",
        b"dGhlIHNhbXBsZSBub25jZ===",
        b"dGhlIHNhbXBsZSBub25j*Q==",
        b"dGhlIHNhbXBsZSBub25j_Q==",
        b"dGhlIHNhbXBsZSBub25jZQ==, dGhlIHNhbXBsZSBub25jZQ==",
        b"\xff" * 24,
        [KEY, KEY],
    ],
)
def test_a_key_that_is_not_one_nonce_of_sixteen_bytes_is_refused(value: Any) -> None:
    """RFC 6455 sections 4.2.1 (5) and 11.3.1."""
    assert refusal(sec_websocket_key=value) == 400


def test_asgi_090_subprotocols_come_in_the_order_of_the_client() -> None:
    """RFC 6455 section 4.2.1 (8); several fields are one list (section 11.3.4)."""
    assert offer().subprotocols == []
    assert offer(sec_websocket_protocol=[b"chat, superchat", b",v1.x "]).subprotocols == [
        "chat",
        "superchat",
        "v1.x",
    ]


@pytest.mark.parametrize(
    "value", [b"", b",", b"a b", b'"a"', b"a;b", b"a, a", b"\xe9", [b"a", b"a"], b"a@b", b"a\x00"]
)
def test_malformed_empty_or_repeated_subprotocols_are_refused(value: Any) -> None:
    """RFC 6455 section 4.1 (10): unique tokens, at least one."""
    assert refusal(sec_websocket_protocol=value) == 400


def test_more_subprotocols_than_anybody_needs_are_refused() -> None:
    names = [b"p%d" % number for number in range(101)]
    assert len(offer(sec_websocket_protocol=b",".join(names[:100])).subprotocols) == 100
    assert refusal(sec_websocket_protocol=b",".join(names)) == 400


def test_asgi_094_the_chosen_subprotocol_is_answered_and_none_is_not() -> None:
    """RFC 6455 section 4.2.2 (5)."""
    offered = offer(sec_websocket_protocol=b"a, b")
    assert (b"sec-websocket-protocol", b"b") in accept(offered, "b", Limits()).fields
    assert all(name != b"sec-websocket-protocol" for name, _ in accept(offered, None, Limits()).fields)


@pytest.mark.parametrize("chosen", ["c", "A", "", "a, b"])
def test_asgi_096_a_subprotocol_that_was_not_offered_is_our_own_fault(chosen: str) -> None:
    with pytest.raises(LocalProtocolError):
        accept(offer(sec_websocket_protocol=b"a, b"), chosen, Limits())


def extensions(value: Any) -> list[tuple[str, list[tuple[str, str | None]]]]:
    return [(one.name, list(one.parameters)) for one in offer(sec_websocket_extensions=value).extensions]


def test_extensions_are_read_with_their_parameters_in_order() -> None:
    """RFC 6455 section 9.1."""
    assert offer().extensions == []
    assert extensions(b"foo") == [("foo", [])]
    assert extensions(b'foo; a; b=1 ;c = "x", bar;d') == [
        ("foo", [("a", None), ("b", "1"), ("c", "x")]),
        ("bar", [("d", None)]),
    ]
    assert extensions([b"foo", b"bar;a=1", b"foo"]) == [("foo", []), ("bar", [("a", "1")]), ("foo", [])]
    assert extensions(b" ,\t, foo ,, ") == [("foo", [])]


def test_a_quoted_value_is_what_its_quotes_hold() -> None:
    """RFC 6455 section 9.1: the value behind the quotes and backslashes is a token."""
    assert extensions(rb'foo; a="b\c"; d="\e\f"') == [("foo", [("a", "bc"), ("d", "ef")])]


@pytest.mark.parametrize(
    "value",
    [
        b"",
        b" ",
        b",,",
        b";",
        b"foo;",
        b"foo;;a",
        b"foo; a=",
        b"foo; =b",
        b"foo; a=b=c",
        b"foo bar",
        b"foo; a b",
        b"foo; a=b c",
        b'"foo"',
        b'foo; "a"',
        b'foo; a="',
        b'foo; a="b',
        b'foo; a="b"c',
        b'foo; a=b"c"',
        b'foo; a=""',
        b'foo; a="b c"',
        b'foo; a="b,c"',
        rb'foo; a="b\"',
        rb'foo; a="\""',
        b"foo/1",
        b"f\xf8o",
        b"foo; a=\xff",
        b"foo\x00",
        [b"foo", b"bar;"],
    ],
)
def test_malformed_extensions_fail_the_handshake(value: Any) -> None:
    """RFC 6455 section 9.1: a value that does not match the grammar fails the WebSocket connection."""
    assert refusal(sec_websocket_extensions=value) == 400


def test_more_extensions_or_parameters_than_anybody_needs_are_refused() -> None:
    assert len(extensions(b",".join([b"x"] * 64))) == 64
    assert refusal(sec_websocket_extensions=b",".join([b"x"] * 5000)) == 400
    assert refusal(sec_websocket_extensions=b"x" + b";a" * 5000) == 400


def test_unknown_extensions_are_ignored() -> None:
    """RFC 6455 section 9.1: the server takes what it wants of the list."""
    acceptance = accept(offer(sec_websocket_extensions=b"x-unknown; a=1, deflate-stream"), None, Limits())
    assert acceptance.deflate is None
    assert all(name != b"sec-websocket-extensions" for name, _ in acceptance.fields)
