"""Requests and their fields (RFC 9113 section 8, RFC 8441)."""

from typing import Any

import pytest
from tests.support.http2_wire import (
    END_HEADERS,
    END_STREAM,
    GET,
    POST,
    Client,
    client,
    data,
    frame,
    names,
    told,
)

METHOD, SCHEME, PATH, AUTHORITY = GET
WEBSOCKET = ((b":method", b"CONNECT"), (b":protocol", b"websocket"), SCHEME, PATH, AUTHORITY)


def ask(*fields: tuple[bytes, bytes], **limits: Any) -> Client:
    asked = client(**limits)
    asked.ask(fields)
    return asked


def with_fields(*fields: tuple[bytes, bytes]) -> tuple[tuple[bytes, bytes], ...]:
    return (*GET, *fields)


def test_a_request_is_told_as_in_every_version() -> None:
    """Sections 8.3.1 and 8.2.3; ASGI 43 and 41."""
    asked = client()
    path = (b":path", b"/caf%C3%A9?a=b&c")
    fields = (METHOD, path, SCHEME, AUTHORITY, (b"cookie", b"a=1"), (b"x-b", b"2"), (b"cookie", b"c=3"))
    asked.ask((*fields, (b"te", b"trailers")))

    head = asked.events[0].head
    assert (head.method, head.raw_path, head.path, head.query_string) == (
        "GET",
        b"/caf%C3%A9",
        "/café",
        b"a=b&c",
    )
    assert (head.http_version, head.upgrade, head.body_follows, head.wants_trailers) == (
        "2",
        b"",
        False,
        True,
    )
    assert head.fields == [
        (b"host", b"example.com"),
        (b"cookie", b"a=1; c=3"),
        (b"x-b", b"2"),
        (b"te", b"trailers"),
    ]


def test_a_request_without_authority_has_its_host() -> None:
    """Section 8.3.1: a request that came over HTTP/1.1 to an intermediary."""
    asked = ask(METHOD, SCHEME, PATH, (b"accept", b"*/*"), (b"host", b"a.example"))
    assert asked.events[0].head.fields == [(b"host", b"a.example"), (b"accept", b"*/*")]


def test_a_host_that_is_the_authority_is_told_once() -> None:
    asked = ask(*with_fields((b"host", b"EXAMPLE.com"), (b"accept", b"*/*")))
    assert asked.events[0].head.fields == [(b"host", b"example.com"), (b"accept", b"*/*")]


MALFORMED = {
    "8.2.1 an upper-case name": with_fields((b"X-A", b"1")),
    "8.2.1 a space in a name": with_fields((b"x a", b"1")),
    "8.2.1 an empty name": with_fields((b"", b"1")),
    "8.2.1 a colon in a name": with_fields((b"x:a", b"1")),
    "8.2.1 a name that is not ASCII": with_fields((b"x\xff", b"1")),
    "8.2.1 a NUL in a value": with_fields((b"x", b"a\0")),
    "8.2.1 a CR in a value": with_fields((b"x", b"a\rb")),
    "8.2.1 a LF in a value": with_fields((b"x", b"a\nb")),
    "8.2.1 white space before a value": with_fields((b"x", b" a")),
    "8.2.1 white space behind a value": with_fields((b"x", b"a\t")),
    "8.2.2 connection": with_fields((b"connection", b"close")),
    "8.2.2 keep-alive": with_fields((b"keep-alive", b"1")),
    "8.2.2 proxy-connection": with_fields((b"proxy-connection", b"close")),
    "8.2.2 transfer-encoding": with_fields((b"transfer-encoding", b"chunked")),
    "8.2.2 upgrade": with_fields((b"upgrade", b"h2c")),
    "8.2.2 te": with_fields((b"te", b"gzip")),
    "8.2.2 te of two": with_fields((b"te", b"trailers, gzip")),
    "8.3 an unknown pseudo field": with_fields((b":unknown", b"1")),
    "8.3 a pseudo field of responses": with_fields((b":status", b"200")),
    "8.3 a pseudo field behind a field": (METHOD, SCHEME, PATH, (b"x", b"1"), AUTHORITY),
    "8.3 a pseudo field behind a host": (METHOD, SCHEME, PATH, (b"host", b"a"), AUTHORITY),
    "8.3.1 no :method": (SCHEME, PATH, AUTHORITY),
    "8.3.1 no :scheme": (METHOD, PATH, AUTHORITY),
    "8.3.1 no :path": (METHOD, SCHEME, AUTHORITY),
    "8.3.1 an empty :path": (METHOD, SCHEME, (b":path", b""), AUTHORITY),
    "8.3.1 a :path without a slash": (METHOD, SCHEME, (b":path", b"a"), AUTHORITY),
    "8.3.1 * for another method than OPTIONS": (METHOD, SCHEME, (b":path", b"*"), AUTHORITY),
    "8.3.1 two :method": (METHOD, METHOD, SCHEME, PATH, AUTHORITY),
    "8.3.1 two :path": (METHOD, SCHEME, PATH, PATH, AUTHORITY),
    "8.3.1 two :scheme": (METHOD, SCHEME, SCHEME, PATH, AUTHORITY),
    "8.3.1 two :authority": (METHOD, SCHEME, PATH, AUTHORITY, AUTHORITY),
    "8.3.1 a host that differs": with_fields((b"host", b"other.example")),
    "8.3.1 two hosts": with_fields((b"host", b"example.com"), (b"host", b"example.com")),
    "8.3.1 a :method that is no token": ((b":method", b"G T"), SCHEME, PATH, AUTHORITY),
    "8.1.1 a content-length without a body": with_fields((b"content-length", b"5")),
    "8.1.1 a content-length that is no number": with_fields((b"content-length", b"+5")),
    "8.1.1 two content-lengths": with_fields((b"content-length", b"0"), (b"content-length", b"0")),
    "8.5 CONNECT with a :path": ((b":method", b"CONNECT"), PATH, AUTHORITY),
    "8.5 CONNECT with a :scheme": ((b":method", b"CONNECT"), SCHEME, AUTHORITY),
    "8.5 CONNECT without :authority": ((b":method", b"CONNECT"),),
    "RFC 8441 4 :protocol without CONNECT": (*GET, (b":protocol", b"websocket")),
    "RFC 8441 4 :protocol without a :path": (
        (b":method", b"CONNECT"),
        (b":protocol", b"websocket"),
        AUTHORITY,
    ),
}


@pytest.mark.parametrize("case", MALFORMED)
def test_a_malformed_request_is_a_stream_error(case: str) -> None:
    """Section 8.1.1: PROTOCOL_ERROR, and the connection goes on."""
    asked = ask(*MALFORMED[case])

    assert told(asked.events) == ["StreamReset"], case
    assert asked.events[0].reason.startswith("malformed")
    assert [(each.name, each.error) for each in asked.read()] == [("RST_STREAM", "PROTOCOL_ERROR")]
    asked.ask()
    assert told(asked.events) == ["RequestReceived", "RequestEnded"]


REFUSED = {
    "a path that is too long": ((METHOD, SCHEME, (b":path", b"/" + b"a" * 8192), AUTHORITY), 414),
    "a path with a space": ((METHOD, SCHEME, (b":path", b"/a b"), AUTHORITY), 400),
    "a path with a fragment": ((METHOD, SCHEME, (b":path", b"/a#b"), AUTHORITY), 400),
    "a broken escape": ((METHOD, SCHEME, (b":path", b"/%zz"), AUTHORITY), 400),
    "another scheme": ((METHOD, (b":scheme", b"ftp"), PATH, AUTHORITY), 400),
    "no host at all": ((METHOD, SCHEME, PATH), 400),
    "a host that is none": ((METHOD, SCHEME, PATH, (b":authority", b"user@a")), 400),
    "an empty host": ((METHOD, SCHEME, PATH, (b":authority", b"")), 400),
    "a method that is too long": (((b":method", b"A" * 33), SCHEME, PATH, AUTHORITY), 501),
    "a tunnel": (((b":method", b"CONNECT"), (b":authority", b"a.example:443")), 501),
    "a tunnel to nowhere": (((b":method", b"CONNECT"), (b":authority", b"a.example")), 400),
    "another protocol": (((b":method", b"CONNECT"), (b":protocol", b"x"), SCHEME, PATH, AUTHORITY), 501),
    "another expectation": (with_fields((b"expect", b"a miracle")), 417),
    "a field that is too large": (with_fields((b"x", b"a" * 65_536)), 431),
    "too many fields": (with_fields(*[(b"x", b"1")] * 100), 431),
    "a body that is announced too large": ((*POST, (b"content-length", b"1001")), 413),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_served_is_answered_with_a_status(case: str) -> None:
    fields, status = REFUSED[case]
    asked = client(max_body_bytes=1000)

    asked.tell(in_frames(asked.block(fields), end=status != 413))

    assert told(asked.events) == ["StreamRefused"]
    assert asked.events[0].status == status
    answer = asked.read()
    assert answer[0].fields[0] == (b":status", b"%d" % status)
    assert answer[1].payload == asked.events[0].reason.encode() + b"\n"
    assert names(answer[2:]) == (["RST_STREAM"] if status == 413 else [])


def in_frames(block: bytes, end: bool) -> bytes:
    """HEADERS and CONTINUATION of the largest size, on stream 1."""
    parts = [block[at : at + 16_384] for at in range(0, len(block), 16_384)]
    frames = [frame("HEADERS", 1, parts[0], (END_STREAM if end else 0) | (0 if parts[1:] else END_HEADERS))]
    frames += [frame("CONTINUATION", 1, part) for part in parts[1:-1]]
    return b"".join([*frames, *(frame("CONTINUATION", 1, part, END_HEADERS) for part in parts[1:][-1:])])


def test_a_block_that_is_too_large_leaves_the_tables_in_step() -> None:
    """Sections 4.3 and 10.5.1: the next request on the connection is read as if nothing had been."""
    asked = client(max_head_bytes=400)
    asked.tell(asked.headers(1, with_fields((b"x-large", b"a" * 500), (b"x-a", b"b"))))
    assert told(asked.events) == ["StreamRefused"]

    asked.tell(asked.headers(3, with_fields((b"x-a", b"b"))))

    assert asked.events[0].head.fields[1:] == [(b"x-a", b"b")]


LENGTHS = {
    "more than told": [data(1, b"123456")],
    "less than told": [data(1, b"1234", end=True)],
    "less than told, in frames": [data(1, b"12"), data(1, b"", end=True)],
    "more than told, at the end": [data(1, b"12345"), data(1, b"6", end=True)],
}


@pytest.mark.parametrize("case", LENGTHS)
def test_a_body_that_is_not_as_long_as_told_is_a_stream_error(case: str) -> None:
    """Section 8.1.1."""
    asked = client()
    asked.tell(asked.headers(1, (*POST, (b"content-length", b"5")), end=False))

    events = [event for octets in LENGTHS[case] for event in asked.tell(octets)]

    assert told(events)[-1] == "StreamReset"
    assert "RequestEnded" not in told(events)
    assert asked.read()[-1].error == "PROTOCOL_ERROR"


def test_a_body_as_long_as_told_is_complete() -> None:
    asked = client()
    asked.ask((*POST, (b"content-length", b"5")), b"hello")
    assert told(asked.events) == ["RequestReceived", "DataReceived", "RequestEnded"]


def test_a_body_above_the_limit_is_answered_with_413() -> None:
    asked = client(max_body_bytes=10)
    asked.tell(asked.headers(1, POST, end=False) + data(1, b"a" * 11))

    assert told(asked.events) == ["RequestReceived", "StreamRefused"]
    assert asked.events[1].status == 413


def test_a_body_above_the_limit_cuts_a_response_under_way() -> None:
    asked = client(max_body_bytes=10)
    asked.tell(asked.headers(1, POST, end=False))
    asked.engine.send_response(1, 200, [], False)
    asked.engine.send_data(1, b"a", False)

    asked.tell(data(1, b"a" * 11))

    assert told(asked.events) == ["StreamReset"]
    assert asked.read()[-1].name == "RST_STREAM"


def test_trailers_of_a_request_are_told() -> None:
    """Section 8.1."""
    asked = client()
    asked.tell(asked.headers(1, POST, end=False) + data(1, b"a") + asked.headers(1, [(b"x-sum", b"1")]))
    assert told(asked.events) == ["RequestReceived", "DataReceived", "RequestEnded"]
    assert asked.events[2].trailers == [(b"x-sum", b"1")]


@pytest.mark.parametrize(
    "field", [(b":path", b"/"), (b"X-Sum", b"1"), (b"content-length", b"1"), (b"x", b"\n")]
)
def test_malformed_trailers_are_a_stream_error(field: tuple[bytes, bytes]) -> None:
    """Sections 8.1 and 8.1.1; RFC 9110 section 6.5.1."""
    asked = client()
    asked.tell(asked.headers(1, POST, end=False) + asked.headers(1, [field]))
    assert told(asked.events) == ["RequestReceived", "StreamReset"]
    assert asked.read()[-1].error == "PROTOCOL_ERROR"


def test_an_expectation_is_met_once_and_when_it_is_asked_for() -> None:
    """RFC 9110 section 10.1.1."""
    asked = client()
    asked.tell(asked.headers(1, (*POST, (b"expect", b"100-continue")), end=False))
    assert asked.read() == []

    asked.engine.send_continue(1)
    asked.engine.send_continue(1)

    (answer,) = asked.read()
    assert answer.fields == ((b":status", b"100"),)
    assert not answer.ends


def test_a_websocket_is_an_extended_connect() -> None:
    """RFC 8441 section 5: DATA both ways on a stream that stays open."""
    asked = client()
    asked.tell(asked.headers(1, WEBSOCKET, end=False))
    head = asked.events[0].head
    assert (head.method, head.upgrade, head.path, head.body_follows) == ("CONNECT", b"websocket", "/", True)

    asked.engine.accept_tunnel(1, [(b"sec-websocket-protocol", b"chat")])
    (answer,) = asked.read()
    assert answer.fields == ((b":status", b"200"), (b"sec-websocket-protocol", b"chat"))
    asked.tell(data(1, b"ping"))
    asked.engine.send_data(1, b"pong", False)
    assert [each.payload for each in asked.read()] == [b"pong"]

    asked.engine.send_data(1, b"", True)
    asked.tell(data(1, b"last", end=True))
    assert names(asked.read()) == ["DATA"]
    assert told(asked.tell(asked.headers(3))) == ["RequestReceived", "RequestEnded"]
