"""Responses: what may be sent when, and how it leaves (RFC 9113 section 8)."""

from collections.abc import Callable
from typing import Any

import pytest
from tests.support.http2_wire import GET, POST, Client, Frame, client, connection, frame, names, told

from penstock.base.errors import LocalProtocolError, RemoteProtocolError
from penstock.base.limits import Limits
from penstock.engine.closing import ABORT
from penstock.engine.defaults import ResponseDefaults
from penstock.engine.http2.connection import Http2Connection
from penstock.engine.request import RequestHead

HEAD = ((b":method", b"HEAD"), *GET[1:])
TE = (*GET, (b"te", b"trailers"))


def answered(
    status: int, fields: list[Any], *parts: bytes, request: Any = GET, trailers: Any = None
) -> list[Frame]:
    asked = client()
    asked.ask(request)
    asked.engine.send_response(1, status, fields, trailers is not None)
    for at, part in enumerate(parts):
        asked.engine.send_data(1, part, at == len(parts) - 1)
    if trailers is not None:
        asked.engine.send_trailers(1, trailers)
    return asked.read()


def test_a_head_is_held_for_the_first_part() -> None:
    asked = client()
    asked.ask()
    asked.engine.send_response(1, 200, [(b"X-A", b" b ")], False)
    assert asked.read() == []
    assert not asked.engine.response_started(1)

    asked.engine.send_data(1, b"hello", False)

    assert asked.engine.response_started(1)
    head, part = asked.read()
    assert head.fields == ((b":status", b"200"), (b"x-a", b"b"))
    assert (part.payload, part.ends) == (b"hello", False)
    assert asked.engine.body_bytes_sent(1) == 5


WHOLE: dict[str, tuple[list[Frame], tuple[tuple[bytes, bytes], ...], bytes]] = {
    "a body": (answered(200, [], b"hello"), ((b"content-length", b"5"),), b"hello"),
    "no body": (answered(200, [], b""), ((b"content-length", b"0"),), b""),
    "204": (answered(204, [], b""), (), b""),
    "204 with a body": (answered(204, [], b"a"), (), b""),
    "304 with a length": (answered(304, [(b"content-length", b"7")], b""), ((b"content-length", b"7"),), b""),
    "HEAD": (answered(200, [], b"hello", request=HEAD), ((b"content-length", b"5"),), b""),
    "HEAD in parts": (answered(200, [], b"he", b"llo", request=HEAD), (), b""),
    "HEAD of nothing": (answered(200, [], b"", request=HEAD), (), b""),
    "fields of HTTP/1.1": (
        answered(200, [(b"Connection", b"close"), (b"upgrade", b"x"), (b"keep-alive", b"1")], b""),
        ((b"content-length", b"0"),),
        b"",
    ),
}


@pytest.mark.parametrize("case", WHOLE)
def test_a_whole_response_ends_the_stream(case: str) -> None:
    frames, fields, body = WHOLE[case]
    assert frames[0].fields[1:] == fields
    assert b"".join(each.payload for each in frames[1:]) == body
    assert [each.ends for each in frames] == [False] * (len(frames) - 1) + [True]


def test_trailers_are_sent_to_who_asks_for_them() -> None:
    """Section 8.1; RFC 9110 section 6.5.1."""
    *_, last = answered(200, [], b"a", request=TE, trailers=[(b"X-Sum", b"1")])
    assert (last.name, last.fields, last.ends) == ("HEADERS", ((b"x-sum", b"1"),), True)
    assert names(answered(200, [], b"a", trailers=[(b"x-sum", b"1")])) == ["HEADERS", "DATA"]
    assert answered(200, [], b"a", request=TE, trailers=[])[-1].ends


def test_informational_responses_come_before() -> None:
    asked = client()
    asked.ask()
    asked.engine.send_informational(1, 103, [(b"link", b"</a>")])
    asked.engine.send_refusal(1, 503, "later", [(b"retry-after", b"1")])
    hint, head, text = asked.read()
    assert hint.fields == ((b":status", b"103"), (b"link", b"</a>"))
    assert (head.fields[0], text.payload) == ((b":status", b"503"), b"later\n")


def test_default_fields_are_added_unless_they_are_replaced() -> None:
    defaults = ResponseDefaults(b"penstock", ((b"x-frame", b"deny"),), True)
    defaults.set_date(b"today")
    asked = Client(Http2Connection(Limits(), defaults)).greet()
    asked.ask()
    asked.engine.send_response(1, 200, [(b"Server", b"other")], False)
    asked.engine.send_data(1, b"", True)
    assert asked.read()[-1].fields[1:] == (
        (b"server", b"other"),
        (b"content-length", b"0"),
        (b"date", b"today"),
        (b"x-frame", b"deny"),
    )


BAD: dict[str, Callable[[Any], object]] = {
    "a status below 200": lambda engine: engine.send_response(1, 199, [], False),
    "a status above 999": lambda engine: engine.send_response(1, 1000, [], False),
    "a status that is no number": lambda engine: engine.send_response(1, "200", [], False),
    "a name with a space": lambda engine: engine.send_response(1, 200, [(b"a b", b"")], False),
    "a pseudo field": lambda engine: engine.send_response(1, 200, [(b":status", b"200")], False),
    "a line feed in a value": lambda engine: engine.send_response(1, 200, [(b"a", b"b\nc")], False),
    "a text": lambda engine: engine.send_response(1, 200, [("a", b"")], False),
    "fields that are no pairs": lambda engine: engine.send_response(1, 200, [b"a"], False),
    "two lengths": lambda engine: engine.send_response(1, 200, [(b"content-length", b"1")] * 2, False),
    "a length that is none": lambda engine: engine.send_response(1, 200, [(b"content-length", b"-1")], False),
    "a 101": lambda engine: engine.send_informational(1, 101, []),
    "an informational 200": lambda engine: engine.send_informational(1, 200, []),
    "data before a response": lambda engine: engine.send_data(1, b"a", True),
    "trailers before a response": lambda engine: engine.send_trailers(1, []),
    "a tunnel that nobody asked for": lambda engine: engine.accept_tunnel(1, []),
    "a stream that is not open": lambda engine: engine.send_response(3, 200, [], False),
    "an urgency above 7": lambda engine: engine.set_priority(1, 8, False),
    "a promised POST": lambda engine: engine.push(1, "POST", b"/", []),
    "a promise without a path": lambda engine: engine.push(1, "GET", b"a", []),
    "a promise with a bad path": lambda engine: engine.push(1, "GET", b"/a b", []),
}


@pytest.mark.parametrize("case", BAD)
def test_what_may_not_be_sent_is_refused_without_a_trace(case: str) -> None:
    asked = client()
    asked.ask()

    with pytest.raises(LocalProtocolError):
        BAD[case](asked.engine)

    assert asked.read() == []
    asked.engine.send_refusal(1, 500, "the application failed")
    assert asked.read()[0].fields[0] == (b":status", b"500")


@pytest.mark.parametrize("parts", [(b"abcd",), (b"ab", b"cd"), (b"ab",)])
def test_a_promised_length_is_kept(parts: tuple[bytes, ...]) -> None:
    """Section 8.1.1 holds for our responses too."""
    asked = client()
    asked.ask()
    asked.engine.send_response(1, 200, [(b"content-length", b"3")], False)
    for part in parts[:-1]:
        asked.engine.send_data(1, part, False)
    asked.read()
    with pytest.raises(LocalProtocolError):
        asked.engine.send_data(1, parts[-1], True)
    assert asked.read() == []


def test_a_complete_response_takes_nothing_more() -> None:
    asked = client()
    asked.ask()
    asked.engine.send_response(1, 200, [], False)
    asked.engine.send_data(1, b"a", True)
    with pytest.raises(LocalProtocolError, match="complete"):
        asked.engine.send_data(1, b"b", True)


def test_abort_gives_everything_up() -> None:
    asked = client()
    asked.ask()
    asked.engine.send_response(1, 200, [], False)
    asked.engine.send_data(1, b"a", False)
    asked.engine.abort()
    assert asked.read() == []
    assert asked.engine.close_wanted == ABORT
    assert asked.tell(b"anything") == []


def test_a_promise_is_a_request_like_any_other() -> None:
    """Section 8.4."""
    asked = client()
    asked.ask()
    assert asked.engine.push(1, "GET", b"/style.css?a", [(b"Accept", b"text/css"), (b"host", b"other")]) == 2

    events = asked.tell(b"")
    assert told(events) == ["RequestReceived", "RequestEnded"]
    head = events[0].head
    assert (events[0].stream_id, head.raw_path, head.query_string) == (2, b"/style.css", b"a")
    assert head.fields == [(b"host", b"example.com"), (b"accept", b"text/css")]
    (promise,) = asked.read()
    assert (promise.name, promise.stream_id, promise.payload) == ("PUSH_PROMISE", 1, (2).to_bytes(4))
    assert promise.fields == (
        (b":method", b"GET"),
        (b":scheme", b"http"),
        (b":authority", b"example.com"),
        (b":path", b"/style.css?a"),
        (b"accept", b"text/css"),
    )
    asked.engine.send_response(2, 200, [], False)
    asked.engine.send_data(2, b"css", True)
    assert [(each.stream_id, each.ends) for each in asked.read()] == [(2, False), (2, True)]


@pytest.mark.parametrize("settings", [((2, 0),), ((3, 0),)])
def test_nothing_is_promised_to_who_does_not_want_it(settings: tuple[tuple[int, int], ...]) -> None:
    """Sections 6.5.2 and 8.4."""
    asked = client(*settings)
    asked.ask()
    assert asked.engine.push(1, "GET", b"/", []) is None
    assert asked.read() == []


def test_nothing_is_promised_on_a_promised_stream() -> None:
    """Section 6.6. An application that pushes with every answer would never end."""
    asked = client()
    asked.ask()
    assert asked.engine.push(1, "GET", b"/a", []) == 2
    asked.read()
    assert asked.engine.push(2, "GET", b"/a", []) is None
    assert asked.read() == []


def test_nothing_is_promised_behind_a_goaway() -> None:
    asked = client()
    asked.ask()
    asked.tell(frame("GOAWAY", 0, bytes(8)))
    assert asked.engine.push(1, "GET", b"/", []) is None


def test_a_promise_that_is_not_wanted_is_reset_by_the_peer() -> None:
    asked = client((3, 1))
    asked.ask(POST)
    assert asked.engine.push(1, "GET", b"/a", []) == 2
    assert asked.engine.push(1, "GET", b"/b", []) is None
    asked.tell(frame("RST_STREAM", 2, (8).to_bytes(4)))
    assert "StreamReset" in told(asked.events)
    assert asked.engine.push(1, "GET", b"/b", []) == 4


def upgradable(body_follows: bool = False) -> RequestHead:
    fields = [(b"host", b"a"), (b"upgrade", b"h2c"), (b"http2-settings", b"AAM"), (b"x-a", b"1")]
    return RequestHead("HEAD", b"/a", "/a", b"b", "1.1", fields, b"h2c", body_follows)


def test_a_request_over_http1_becomes_stream_1() -> None:
    """RFC 7540 section 3.2: its settings bind before the preface comes."""
    engine = connection()
    engine.upgrade_from_http1((4).to_bytes(2) + (3).to_bytes(4), upgradable())
    asked = Client(engine)

    events = engine.events()
    assert told(events) == ["RequestReceived", "RequestEnded"]
    assert (events[0].head.http_version, events[0].head.fields) == ("2", [(b"host", b"a"), (b"x-a", b"1")])
    engine.send_response(1, 200, [], False)
    engine.send_data(1, b"hello", True)
    assert names(asked.read()) == ["SETTINGS", "WINDOW_UPDATE", "HEADERS"]
    asked.greet()
    asked.tell(asked.headers(3))
    assert told(asked.events) == ["RequestReceived", "RequestEnded"]


def test_an_upgrade_with_bad_settings_or_a_body_is_refused() -> None:
    with pytest.raises(RemoteProtocolError) as caught:
        connection().upgrade_from_http1(b"12345", upgradable())
    assert caught.value.status == 400
    with pytest.raises(LocalProtocolError):
        connection().upgrade_from_http1(b"", upgradable(body_follows=True))
