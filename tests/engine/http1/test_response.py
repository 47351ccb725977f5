"""The responses that leave: framing, promises kept, trailers (RFC 9112 sections 6 and 7, RFC 9110 sections 6
and 8.6).
"""

import pytest
from tests.engine.http1.wire import GET, answers, only_answer, open_response, output, request

from penstock.base.errors import LocalProtocolError
from penstock.engine.closing import CLOSE, KEEP_OPEN
from penstock.engine.http1.connection import Http1Connection

HEAD = request(method=b"HEAD")
OLD = b"GET / HTTP/1.0\r\n\r\n"
OLD_KEPT = b"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"


def respond(
    data: bytes, *parts: bytes, status: int = 200, fields: tuple[tuple[bytes, bytes], ...] = ()
) -> Http1Connection:
    """The connection after a whole response in these parts."""
    sender = open_response(data)
    sender.send_response(status, fields, False)
    for part in parts[:-1]:
        sender.send_data(part, False)
    sender.send_data(parts[-1], True)
    return sender


def test_a_body_in_one_part_gets_its_length() -> None:
    sender = respond(GET, b"hello", fields=((b"Content-Type", b"text/plain"),))

    assert output(sender) == b"HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: 5\r\n\r\nhello"
    assert sender.response_complete
    assert sender.body_bytes_sent == 5


def test_an_empty_body_has_a_length_too() -> None:
    assert output(respond(GET, b"")) == b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"


def test_a_body_in_parts_is_chunked_asgi_063() -> None:
    sender = respond(GET, b"hello, ", b"w" * 16, b"")

    assert output(sender) == (
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"
        b"7\r\nhello, \r\n10\r\nwwwwwwwwwwwwwwww\r\n0\r\n\r\n"
    )
    assert sender.body_bytes_sent == 23


def test_a_body_in_parts_ends_with_the_connection_in_http_1_0() -> None:
    sender = respond(OLD_KEPT, b"a", b"b")

    assert output(sender) == b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\nab"
    assert sender.close_wanted == CLOSE


def test_a_length_that_the_application_gave_is_used_for_parts() -> None:
    sender = respond(GET, b"ab", b"", b"cde", fields=((b"Content-Length", b"5"),))

    assert output(sender) == b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nabcde"


def test_an_empty_part_does_not_end_a_chunked_response_asgi_066() -> None:
    sender = open_response()
    sender.send_response(200, [], False)
    assert sender.data_to_send() == []

    sender.send_data(b"", False)
    assert output(sender) == b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"
    assert sender.response_started
    sender.send_data(b"", False)
    assert sender.data_to_send() == []
    sender.send_data(b"a", True)
    assert output(sender) == b"1\r\na\r\n0\r\n\r\n"


def test_the_head_waits_for_the_first_part_and_leaves_with_it_in_one_piece_asgi_061() -> None:
    sender = open_response()
    sender.send_response(200, [], False)
    assert sender.data_to_send() == []
    assert not sender.response_started

    sender.send_data(b"a" * 1000, True)

    assert len(sender.data_to_send()) == 1


def test_a_large_part_is_not_copied() -> None:
    sender = open_response()
    sender.send_response(200, [], False)
    large = b"a" * 100_000
    sender.send_data(b"small", False)
    sender.send_data(large, False)
    sender.send_data(b"small", False)
    sender.send_data(b"end", True)

    pieces = sender.data_to_send()

    assert len(pieces) == 3
    assert pieces[1] is large
    assert answers(b"".join(pieces), closed=False)[0].body == b"small" + large + b"smallend"


@pytest.mark.parametrize("size", [3, 100_000])
def test_a_mutable_part_is_copied(size: int) -> None:
    sender = open_response()
    sender.send_response(200, [], False)
    array = bytearray(b"a" * size)
    sender.send_data(array, False)
    sender.send_data(memoryview(array), True)
    array[:] = b"b" * size

    assert only_answer(sender).body == b"a" * size * 2


def test_a_view_of_a_whole_bytes_object_is_not_copied() -> None:
    sender = open_response()
    sender.send_response(200, [], False)
    large = b"a" * 100_000
    sender.send_data(memoryview(large), True)

    assert sender.data_to_send()[1] is large


@pytest.mark.parametrize(
    "view",
    [
        memoryview(b"0123456789")[2:5],
        memoryview(b"0123456789")[::-1],
        memoryview(b"0123456789")[::2],
        memoryview(b"01234567").cast("I"),
        memoryview(b"012345678").cast("B", (3, 3)),
    ],
)
def test_a_view_is_sent_as_the_octets_that_it_shows(view: memoryview) -> None:
    sender = open_response()
    sender.send_response(200, [], False)
    sender.send_data(view, True)

    assert only_answer(sender).body == view.tobytes()


@pytest.mark.parametrize("data", ["text", None, 5, [b"a"]])
def test_a_body_of_another_type_is_refused_asgi_012(data: object) -> None:
    sender = open_response()
    sender.send_response(200, [], False)

    with pytest.raises(LocalProtocolError):
        sender.send_data(data, True)  # type: ignore[arg-type]
    assert not sender.response_started


@pytest.mark.parametrize("status", [200, 404, 500, 299, 999])
@pytest.mark.parametrize("data", [GET, OLD, OLD_KEPT])
def test_any_final_status_can_carry_a_body(data: bytes, status: int) -> None:
    answer = only_answer(respond(data, b"a", status=status))

    assert (answer.status, answer.body) == (status, b"a")


def test_a_status_has_its_reason_phrase_and_an_unknown_one_none() -> None:
    assert output(respond(GET, b"", status=404)).startswith(b"HTTP/1.1 404 Not Found\r\n")
    assert output(respond(GET, b"", status=299)).startswith(b"HTTP/1.1 299 \r\n")


@pytest.mark.parametrize("status", [0, 99, 100, 101, 199, 1000, -200, "200", None, 200.0])
def test_another_status_is_refused_asgi_058(status: object) -> None:
    sender = open_response()

    with pytest.raises(LocalProtocolError):
        sender.send_response(status, [], False)  # type: ignore[arg-type]


# HEAD, 204 and 304: asgi_067.


@pytest.mark.parametrize("parts", [(b"hello",), (b"hel", b"lo"), (b"",)])
def test_the_response_to_head_keeps_the_length_that_the_application_gave(parts: tuple[bytes, ...]) -> None:
    sender = respond(HEAD, *parts, fields=((b"content-length", b"5"),))

    assert output(sender) == b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n"
    assert sender.body_bytes_sent == 0
    assert sender.close_wanted == KEEP_OPEN


def test_the_response_to_head_has_the_length_of_a_body_in_one_part() -> None:
    assert output(respond(HEAD, b"hello")) == b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n"


def test_the_response_to_head_says_chunked_where_a_get_would() -> None:
    assert output(respond(HEAD, b"a", b"b")) == b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"


def test_the_response_to_head_without_a_body_claims_no_length() -> None:
    """RFC 9110 section 8.6: a length has to be what a GET would have got, and that is not known."""
    assert output(respond(HEAD, b"")) == b"HTTP/1.1 200 OK\r\n\r\n"


@pytest.mark.parametrize("parts", [(b"",), (b"hello",), (b"hel", b"lo"), (b"", b"")])
@pytest.mark.parametrize("method", [b"GET", b"HEAD"])
def test_a_204_has_neither_body_nor_length(parts: tuple[bytes, ...], method: bytes) -> None:
    """RFC 9110 section 8.6."""
    sender = respond(request(method=method), *parts, status=204, fields=((b"content-length", b"5"),))

    assert output(sender) == b"HTTP/1.1 204 No Content\r\n\r\n"
    assert sender.close_wanted == KEEP_OPEN


@pytest.mark.parametrize("parts", [(b"",), (b"hello",), (b"hel", b"lo"), (b"", b"")])
def test_a_304_has_no_body_and_only_the_length_that_the_application_gave(parts: tuple[bytes, ...]) -> None:
    assert output(respond(GET, *parts, status=304)) == b"HTTP/1.1 304 Not Modified\r\n\r\n"
    sender = respond(GET, *parts, status=304, fields=((b"content-length", b"5"),))
    assert output(sender) == b"HTTP/1.1 304 Not Modified\r\ncontent-length: 5\r\n\r\n"


def test_http_1_0_can_be_kept_behind_a_response_without_a_body() -> None:
    sender = respond(OLD_KEPT, b"", b"", status=304)

    assert output(sender) == b"HTTP/1.1 304 Not Modified\r\nconnection: keep-alive\r\n\r\n"
    assert sender.close_wanted == KEEP_OPEN
