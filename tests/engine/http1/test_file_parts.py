"""Parts of a body that the caller writes itself, with sendfile (asgi_076, asgi_078)."""

import pytest
from tests.engine.http1.wire import GET, answers, only_answer, open_response, output, request

from penstock.base.errors import LocalProtocolError
from penstock.engine.closing import CLOSE

HEAD = request(method=b"HEAD")
OLD = b"GET / HTTP/1.0\r\n\r\n"


def test_a_file_of_a_known_length_is_written_behind_the_head() -> None:
    sender = open_response()
    sender.send_response(200, [(b"content-length", b"5")], False)
    assert sender.begin_file_part(5)
    before = output(sender)
    sender.end_file_part(True)

    assert before == b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n"
    assert sender.data_to_send() == []
    assert sender.response_complete
    assert sender.body_bytes_sent == 5


def test_a_file_of_an_unknown_length_is_one_chunk() -> None:
    sender = open_response()
    sender.send_response(200, [], False)
    assert sender.begin_file_part(5)
    sent = output(sender) + b"hello"
    sender.end_file_part(False)
    sender.send_data(b"!", False)
    assert sender.begin_file_part(2)
    sent += output(sender) + b"ab"
    sender.end_file_part(True)
    sent += output(sender)

    (answer,) = answers(sent, closed=False)
    assert answer.body == b"hello!ab"
    assert sender.body_bytes_sent == 8


def test_a_file_ends_with_the_connection_in_http_1_0() -> None:
    sender = open_response(OLD)
    sender.send_response(200, [], False)
    assert sender.begin_file_part(5)
    sent = output(sender)
    sender.end_file_part(True)

    assert sent == b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n"
    assert sender.data_to_send() == []
    assert sender.close_wanted == CLOSE


def test_an_empty_file_does_not_end_a_chunked_response() -> None:
    sender = open_response()
    sender.send_response(200, [], False)
    assert not sender.begin_file_part(0)
    sender.end_file_part(False)
    sender.send_data(b"a", True)

    assert only_answer(sender).body == b"a"


@pytest.mark.parametrize(("data", "status"), [(HEAD, 200), (GET, 304), (GET, 204)])
def test_a_file_is_not_written_where_the_response_has_no_body(data: bytes, status: int) -> None:
    sender = open_response(data)
    sender.send_response(status, [(b"content-length", b"5")], False)

    assert not sender.begin_file_part(5)
    sender.end_file_part(True)

    assert output(sender).endswith(b"\r\n\r\n")
    assert sender.response_complete
    assert sender.body_bytes_sent == 0


def test_a_file_longer_than_the_promise_is_refused_before_anything_is_written() -> None:
    sender = open_response()
    sender.send_response(200, [(b"content-length", b"5")], False)

    with pytest.raises(LocalProtocolError):
        sender.begin_file_part(6)
    with pytest.raises(LocalProtocolError):
        sender.begin_file_part(-1)

    assert not sender.response_started


def test_a_file_shorter_than_the_promise_cannot_end_the_response() -> None:
    sender = open_response()
    sender.send_response(200, [(b"content-length", b"5")], False)
    sender.begin_file_part(4)

    with pytest.raises(LocalProtocolError):
        sender.end_file_part(True)

    assert not sender.response_complete
    sender.send_data(b"o", True)
    assert sender.response_complete
