"""Expect: 100-continue (RFC 9110 section 10.1.1) and informational responses (section 15.2)."""

import pytest
from tests.engine.http1.wire import GET, hear, only_answer, open_response, output, request

from penstock.base.errors import LocalProtocolError
from penstock.engine.closing import KEEP_OPEN, LINGER

ASKS = request(b"Expect: 100-continue", b"Content-Length: 5", method=b"POST")
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


def test_a_client_that_asks_is_told_to_continue_once_asgi_055() -> None:
    waiting = open_response(ASKS)
    assert waiting.data_to_send() == []

    waiting.send_continue()
    waiting.send_continue()

    assert output(waiting) == CONTINUE
    assert hear(b"hello", hearer=waiting).body == b"hello"


def test_the_expectation_is_not_case_sensitive() -> None:
    waiting = open_response(ASKS.replace(b"100-continue", b"100-Continue"))
    waiting.send_continue()

    assert output(waiting) == CONTINUE


@pytest.mark.parametrize(
    "data",
    [
        GET,
        request(b"Content-Length: 5", method=b"POST"),
        request(b"Expect: 100-continue"),
        b"POST / HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n",
        ASKS + b"h",
        ASKS + b"hello",
    ],
)
def test_a_client_that_does_not_wait_is_not_told_to_continue(data: bytes) -> None:
    waiting = open_response(data)
    waiting.send_continue()

    assert waiting.data_to_send() == []


def test_a_client_is_not_told_to_continue_behind_the_final_head() -> None:
    waiting = open_response(ASKS)
    waiting.send_response(200, [], False)
    waiting.send_data(b"a", False)
    waiting.data_to_send()

    waiting.send_continue()

    assert waiting.data_to_send() == []


def test_a_client_may_be_told_to_continue_while_the_head_is_held() -> None:
    waiting = open_response(ASKS)
    waiting.send_response(200, [], False)
    waiting.send_continue()

    assert output(waiting) == CONTINUE


def test_a_final_answer_without_a_100_closes_because_the_body_may_never_come() -> None:
    waiting = open_response(ASKS)
    waiting.send_response(403, [], False)
    waiting.send_data(b"no", True)

    answer = only_answer(waiting)
    assert answer.values(b"connection") == [b"close"]
    assert answer.body == b"no"
    assert waiting.close_wanted == LINGER


def test_an_answer_behind_a_100_keeps_the_connection() -> None:
    waiting = open_response(ASKS)
    waiting.send_continue()
    hear(b"hello", hearer=waiting)
    waiting.send_response(200, [], False)
    waiting.send_data(b"", True)

    assert waiting.close_wanted == KEEP_OPEN
    assert only_answer(waiting).values(b"connection") == []


def test_hints_leave_before_the_response_asgi_075() -> None:
    waiting = open_response()
    waiting.send_informational(103, [(b"Link", b"</a.css>; rel=preload")])
    assert output(waiting) == b"HTTP/1.1 103 Early Hints\r\nlink: </a.css>; rel=preload\r\n\r\n"

    waiting.send_response(200, [], False)
    waiting.send_informational(103, [(b"link", b"</b.css>; rel=preload")])
    waiting.send_data(b"a", True)

    assert output(waiting).startswith(
        b"HTTP/1.1 103 Early Hints\r\nlink: </b.css>; rel=preload\r\n\r\nHTTP/1.1 200"
    )


def test_an_informational_response_has_no_framing_and_no_default_fields() -> None:
    waiting = open_response()
    waiting.send_informational(102, [(b"content-length", b"5"), (b"Connection", b"close"), (b"x-a", b"b")])

    assert output(waiting) == b"HTTP/1.1 102 Processing\r\nx-a: b\r\n\r\n"


def test_http_1_0_is_sent_no_informational_response() -> None:
    waiting = open_response(b"GET / HTTP/1.0\r\n\r\n")
    waiting.send_informational(103, [])

    assert waiting.data_to_send() == []


@pytest.mark.parametrize("status", [99, 101, 200, "103", None, 103.0])
def test_only_an_informational_status_is_informational(status: object) -> None:
    waiting = open_response()

    with pytest.raises(LocalProtocolError):
        waiting.send_informational(status, [])  # type: ignore[arg-type]


@pytest.mark.parametrize("fields", [[(b"a", b"b\r\nc: d")], [(b"a b", b"c")], [("a", b"b")], [(b"a",)], None])
def test_an_informational_response_cannot_carry_an_injected_field(fields: object) -> None:
    waiting = open_response()

    with pytest.raises(LocalProtocolError):
        waiting.send_informational(103, fields)  # type: ignore[arg-type]
    assert waiting.data_to_send() == []
