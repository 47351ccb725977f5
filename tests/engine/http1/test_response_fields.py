"""The fields of a response: what is checked, what is dropped, what the server adds."""

import pytest
from tests.engine.http1.wire import GET, Answer, defaults, only_answer, open_response, output

from penstock.base.errors import LocalProtocolError
from penstock.base.limits import Limits
from penstock.engine.closing import CLOSE, KEEP_OPEN
from penstock.engine.defaults import ResponseDefaults
from penstock.engine.http1.connection import Http1Connection

DATE = b"Thu, 01 Jan 2026 00:00:00 GMT"


def answer(fields: object, shared: ResponseDefaults | None = None) -> Answer:
    sender = Http1Connection(Limits(), shared or defaults())
    sender.receive_data(GET)
    sender.events()
    sender.send_response(200, fields, False)  # type: ignore[arg-type]
    sender.send_data(b"", True)
    return only_answer(sender)


@pytest.mark.parametrize(
    "field",
    [
        (b"a", b"b\r\nc: d"),
        (b"a", b"b\nc: d"),
        (b"a", b"b\rc: d"),
        (b"a", b"b\0"),
        (b"a", b"\x7f"),
        (b"a\r\nb", b"c"),
        (b"a: b\r\nc", b"d"),
        (b"a\0", b"b"),
        (b"a b", b"c"),
        (b"a:", b"b"),
        (b" a", b"b"),
        (b"", b"b"),
        ("é".encode(), b"b"),
        (b":status", b"200"),
    ],
)
def test_an_injected_field_is_refused_and_a_500_can_be_sent_asgi_060(field: tuple[bytes, bytes]) -> None:
    """RFC 9110 section 5.5; pseudo fields of HTTP/2 among them (asgi_059)."""
    sender = open_response()

    with pytest.raises(LocalProtocolError):
        sender.send_response(200, [field], False)

    assert sender.data_to_send() == []
    sender.send_refusal(500, "the application failed", [])
    assert only_answer(sender).status == 500


@pytest.mark.parametrize(
    "fields",
    [
        *([("a", b"b")], [(b"a", "b")], [(b"a", 5)], [(b"a", None)], [(bytearray(b"a"), b"b")]),
        *([(b"a",)], [(b"a", b"b", b"c")], [b"ab"], ["ab"], [5], 5, None, [None]),
    ],
)
def test_fields_of_another_shape_are_refused_asgi_012(fields: object) -> None:
    sender = open_response()

    with pytest.raises(LocalProtocolError):
        sender.send_response(200, fields, False)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "fields", [[[b"a", b"b"]], ((b"a", b"b"),), iter([(b"a", b"b")]), {b"a": b"b"}.items()]
)
def test_fields_are_any_iterable_of_pairs(fields: object) -> None:
    assert answer(fields).fields == [(b"a", b"b"), (b"content-length", b"0")]


def test_names_are_sent_in_lower_case_and_order_and_duplicates_stay_asgi_038_039() -> None:
    given = [(b"Set-Cookie", b"a"), (b"X-B", b"\xff \t c"), (b"set-cookie", b"b")]

    assert answer(given).fields[:3] == [(b"set-cookie", b"a"), (b"x-b", b"\xff \t c"), (b"set-cookie", b"b")]


@pytest.mark.parametrize(
    "name", [b"Transfer-Encoding", b"keep-alive", b"Upgrade", b"Proxy-Connection", b"connection"]
)
def test_fields_of_the_connection_are_not_the_applications_asgi_062(name: bytes) -> None:
    sender = open_response()
    sender.send_response(200, [(name, b"chunked")], False)
    sender.send_data(b"a", True)

    assert output(sender) == b"HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\na"
    assert sender.close_wanted == KEEP_OPEN


@pytest.mark.parametrize("value", [b"close", b"Close", b"keep-alive, close"])
def test_an_application_can_close_the_connection(value: bytes) -> None:
    sender = open_response()
    sender.send_response(200, [(b"Connection", value)], False)
    sender.send_data(b"a", True)

    assert only_answer(sender).values(b"connection") == [b"close"]
    assert sender.close_wanted == CLOSE


def test_every_response_has_the_default_fields() -> None:
    shared = defaults(b"penstock", ((b"X-Frame-Options", b"DENY"),), date_wanted=True)
    assert answer([], shared).values(b"date") == []

    shared.set_date(DATE)

    fields = answer([], shared).fields
    assert fields == [
        (b"content-length", b"0"),
        (b"date", DATE),
        (b"server", b"penstock"),
        (b"x-frame-options", b"DENY"),
    ]


def test_the_date_is_what_was_set_last() -> None:
    shared = defaults(date_wanted=True)
    shared.set_date(b"yesterday")
    shared.set_date(DATE)

    assert answer([], shared).values(b"date") == [DATE]


def test_no_date_is_sent_that_is_not_wanted() -> None:
    shared = defaults(b"penstock")
    shared.set_date(DATE)

    assert answer([], shared).values(b"date") == []


@pytest.mark.parametrize("name", [b"date", b"server", b"x-frame-options", b"X-Frame-Options", b"a" * 70])
def test_a_field_of_the_application_replaces_the_default_of_its_name(name: bytes) -> None:
    shared = defaults(b"penstock", ((b"x-frame-options", b"DENY"), (b"a" * 70, b"b")), date_wanted=True)
    shared.set_date(DATE)

    read = answer([(name, b"mine"), (b"b" * 70, b"c")], shared)

    assert read.values(name.lower()) == [b"mine"]
    assert len(read.fields) == 6


def test_a_refusal_has_the_default_fields_and_can_replace_them() -> None:
    shared = defaults(b"penstock", ((b"x-a", b"b"),))
    sender = Http1Connection(Limits(), shared)
    sender.send_refusal(503, "the server is busy; try again", [(b"Retry-After", b"1"), (b"server", b"other")])

    read = only_answer(sender)

    assert read.status == 503
    assert read.body == b"the server is busy; try again\n"
    assert read.values(b"retry-after") == [b"1"]
    assert read.values(b"server") == [b"other"]
    assert read.values(b"content-type") == [b"text/plain; charset=utf-8"]


@pytest.mark.parametrize(
    ("server", "fields"),
    [
        (b"a\r\nb: c", ()),
        (b"", ((b"a b", b"c"),)),
        (b"", ((b"a", b"\n"),)),
        (b"", ((b"Content-Length", b"5"),)),
        (b"", ((b"connection", b"close"),)),
        (b"", ((b"transfer-encoding", b"chunked"),)),
    ],
)
def test_a_default_field_that_cannot_be_sent_is_refused(
    server: bytes, fields: tuple[tuple[bytes, bytes], ...]
) -> None:
    with pytest.raises(LocalProtocolError):
        defaults(server, fields)


def test_a_date_with_a_control_character_is_refused() -> None:
    with pytest.raises(LocalProtocolError):
        defaults(date_wanted=True).set_date(b"a\r\nb: c")


@pytest.mark.parametrize(("status", "names_a_protocol"), [(426, True), (200, False)])
def test_only_a_426_names_the_protocol_to_upgrade_to(status: int, names_a_protocol: bool) -> None:
    """RFC 9110 sections 7.8 and 15.5.22."""
    sender = open_response()
    sender.send_response(status, [(b"Upgrade", b"websocket")], False)
    sender.send_data(b"", True)
    sent = output(sender)
    assert (b"upgrade: websocket\r\n" in sent) is names_a_protocol
    assert (b"connection: upgrade\r\n" in sent) is names_a_protocol
