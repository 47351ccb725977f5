"""Trailers behind a response (RFC 9112 section 7.1.2, asgi_080, asgi_081)."""

import pytest
from tests.engine.http1.wire import GET, answers, only_answer, open_response, output, request

from penstock.base.errors import LocalProtocolError
from penstock.engine.closing import KEEP_OPEN

TAKES_TRAILERS = request(b"TE: trailers")


def test_trailers_follow_a_chunked_body() -> None:
    sender = open_response(TAKES_TRAILERS)
    sender.send_response(200, [(b"trailer", b"x-sum")], True)
    sender.send_data(b"hello", True)
    assert not sender.response_complete
    sender.send_trailers([(b"X-Sum", b"1"), (b"x-b", b"c")])

    assert sender.response_complete
    assert sender.close_wanted == KEEP_OPEN
    answer = only_answer(sender)
    assert answer.body == b"hello"
    assert answer.trailers == [(b"x-sum", b"1"), (b"x-b", b"c")]
    assert answer.values(b"trailer") == [b"x-sum"]


def test_trailers_turn_a_length_into_chunks_and_the_promise_stays() -> None:
    sender = open_response(TAKES_TRAILERS)
    sender.send_response(200, [(b"content-length", b"5")], True)
    with pytest.raises(LocalProtocolError):
        sender.send_data(b"hell", True)
    sender.send_data(b"hello", True)
    sender.send_trailers([])

    assert output(sender) == b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"


@pytest.mark.parametrize(
    "data", [GET, b"GET / HTTP/1.0\r\nTE: trailers\r\n\r\n", request(b"TE: trailers", method=b"HEAD")]
)
def test_trailers_that_the_client_does_not_read_are_dropped(data: bytes) -> None:
    sender = open_response(data)
    sender.send_response(200, [], True)
    sender.send_data(b"hello", True)
    assert not sender.response_complete
    sender.send_trailers([(b"x-sum", b"1")])

    assert sender.response_complete
    assert b"content-length: 5\r\n" in (sent := output(sender))
    assert b"x-sum" not in sent


@pytest.mark.parametrize(
    "fields",
    [
        [(b"a", b"b\r\nc: d")],
        [(b"a b", b"c")],
        [("a", b"b")],
        [(b"content-length", b"1")],
        [(b"Host", b"a")],
        5,
    ],
)
@pytest.mark.parametrize("data", [GET, TAKES_TRAILERS])
def test_bad_trailers_are_refused(fields: object, data: bytes) -> None:
    sender = open_response(data)
    sender.send_response(200, [], True)
    sender.send_data(b"", True)
    sender.data_to_send()

    with pytest.raises(LocalProtocolError):
        sender.send_trailers(fields)  # type: ignore[arg-type]
    assert sender.data_to_send() == []
    assert not sender.response_complete


def test_trailers_that_were_not_announced_are_refused() -> None:
    sender = open_response(TAKES_TRAILERS)
    sender.send_response(200, [], False)
    sender.send_data(b"a", False)

    with pytest.raises(LocalProtocolError):
        sender.send_trailers([])


def test_trailers_follow_a_file() -> None:
    sender = open_response(TAKES_TRAILERS)
    sender.send_response(200, [], True)
    sender.begin_file_part(5)
    sent = output(sender) + b"hello"
    sender.end_file_part(True)
    sender.send_trailers([(b"x-sum", b"1")])

    (answer,) = answers(sent + output(sender), closed=False)
    assert (answer.body, answer.trailers) == (b"hello", [(b"x-sum", b"1")])
