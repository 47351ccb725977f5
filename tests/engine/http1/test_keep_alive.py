"""When a connection is kept and when it ends: persistence, pipelining, drained bodies, half-closed peers (RFC
9112 section 9).
"""

import pytest
from tests.engine.http1.wire import (
    GET,
    answers,
    chunked,
    connection,
    cut,
    every_way,
    facts,
    hear,
    only_answer,
    open_response,
    output,
    request,
)

from penstock.engine.closing import ABORT, CLOSE, KEEP_OPEN, LINGER
from penstock.engine.http1.connection import Http1Connection


def answer(sender: Http1Connection, body: bytes = b"a") -> None:
    sender.send_response(200, [], False)
    sender.send_data(body, True)


@pytest.mark.parametrize(
    ("data", "kept", "said"),
    [
        (GET, True, []),
        (request(b"Connection: keep-alive"), True, []),
        (request(b"Connection: close"), False, [b"close"]),
        (request(b"Connection: Close"), False, [b"close"]),
        (request(b"Connection: keep-alive, close"), False, [b"close"]),
        (request(b"Connection: x", b"Connection: close"), False, [b"close"]),
        (request(b"Connection: closed"), True, []),
        (b"GET / HTTP/1.0\r\n\r\n", False, [b"close"]),
        (b"GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n", True, [b"keep-alive"]),
        (b"GET / HTTP/1.0\r\nConnection: x, keep-alive\r\n\r\n", True, [b"keep-alive"]),
        (b"GET / HTTP/1.0\r\nConnection: keep-alive, close\r\n\r\n", False, [b"close"]),
    ],
)
def test_the_client_says_whether_the_connection_is_kept(data: bytes, kept: bool, said: list[bytes]) -> None:
    """RFC 9112 section 9.3."""
    sender = open_response(data)
    answer(sender)

    assert (sender.close_wanted == KEEP_OPEN) is kept
    assert only_answer(sender).values(b"connection") == said


def test_a_kept_connection_takes_one_request_after_another() -> None:
    sender = connection()
    for _ in range(5):
        assert hear(GET, hearer=sender).names == ["RequestHead", "RequestEnd"]
        answer(sender)
        assert sender.response_complete
        assert sender.request_complete
        assert only_answer(sender).body == b"a"
        assert sender.events() == []
        assert not sender.response_complete
        assert not sender.request_complete
        assert not sender.response_started
        assert sender.body_bytes_sent == 0


@every_way
def test_a_pipelined_request_is_parsed_when_the_last_one_is_answered(way: str) -> None:
    sender = connection()
    told = []
    for piece in cut(request(target=b"/1") + chunked(b"two") + request(target=b"/3"), way):
        sender.receive_data(piece)
        told.extend(sender.events())
    assert [event[0] for event in map(facts, told)] == ["RequestHead", "RequestEnd"]

    answer(sender, b"1")
    told = [facts(event) for event in sender.events()]
    assert [event[0] for event in told] == ["RequestHead", "BodyPart", "RequestEnd"]

    answer(sender, b"2")
    (head, _) = sender.events()
    assert facts(head)[5] == "/3"
    answer(sender, b"3")

    assert [read.body for read in answers(output(sender), (b"GET",) * 3, closed=False)] == [b"1", b"2", b"3"]


def test_a_pipelined_fault_is_answered_in_its_turn() -> None:
    sender = open_response(GET + b"GET / HTTP/1.1\nHost: a\n\n")
    assert sender.events() == []
    answer(sender)
    assert sender.close_wanted == KEEP_OPEN

    assert [facts(event)[0] for event in sender.events()] == ["PeerFault"]

    assert [read.status for read in answers(output(sender), (b"GET",) * 2)] == [200, 400]
    assert sender.close_wanted == LINGER


def test_unread_bytes_above_the_buffer_want_a_pause() -> None:
    sender = open_response(GET, read_buffer_bytes=100)
    sender.receive_data(b"a" * 60)
    assert sender.events() == []
    assert not sender.wants_pause
    sender.receive_data(b"a" * 41)
    assert sender.events() == []

    assert sender.wants_pause


def test_a_body_that_is_handed_over_wants_no_pause() -> None:
    sender = open_response(request(b"Content-Length: 1000000", method=b"POST"), read_buffer_bytes=100)
    hear(b"a" * 10000, hearer=sender)

    assert not sender.wants_pause


def test_requests_behind_a_closing_response_are_never_read() -> None:
    """RFC 9112 section 9.6: what comes a moment longer must not reset the answer away."""
    sender = open_response(request(b"Connection: close") + GET)
    answer(sender)

    assert sender.close_wanted == LINGER
    assert sender.events() == []
    sender.receive_data(GET)
    assert sender.events() == []


@every_way
@pytest.mark.parametrize("framing", ["length", "chunks"])
def test_a_body_left_unread_is_dropped_before_the_next_request_asgi_073(framing: str, way: str) -> None:
    data = request(b"Content-Length: 10", method=b"POST", body=b"0123456789")
    if framing == "chunks":
        data = chunked(b"01234", b"56789", trailers=b"X-A: b\r\n")
    head_size = data.index(b"\r\n\r\n") + 4
    sender = open_response(data[:head_size])
    answer(sender)
    assert sender.close_wanted == KEEP_OPEN
    assert sender.response_complete

    assert hear(data[head_size:] + GET, "whole" if way == "with a tail" else way, sender).names == [
        "RequestHead",
        "RequestEnd",
    ]


@pytest.mark.parametrize(("size", "wanted"), [(100, KEEP_OPEN), (101, LINGER)])
def test_a_declared_body_above_the_limit_is_not_dropped_but_closed_over(size: int, wanted: int) -> None:
    sender = open_response(request(b"Content-Length: %d" % size, method=b"POST"), max_drain_bytes=100)
    answer(sender)

    assert sender.close_wanted == wanted
    assert only_answer(sender).values(b"connection") == ([b"close"] if wanted else [])


@every_way
def test_a_chunked_body_is_dropped_up_to_the_limit(way: str) -> None:
    sender = open_response(request(b"Transfer-Encoding: chunked", method=b"POST"), max_drain_bytes=100)
    answer(sender)
    assert sender.close_wanted == KEEP_OPEN

    heard = hear(b"40\r\n" + b"a" * 64 + b"\r\n40\r\n" + b"a" * 64 + b"\r\n0\r\n\r\n", way, sender)

    assert heard.events == []
    assert sender.close_wanted == LINGER


def test_a_file_before_the_end_of_the_request_says_nothing_of_a_close() -> None:
    sender = open_response(request(b"Content-Length: 5", method=b"POST"), max_drain_bytes=0)
    sender.send_response(200, [(b"content-length", b"1")], False)
    sender.begin_file_part(1)

    assert b"connection" not in output(sender)


def test_what_the_application_read_does_not_count_as_dropped() -> None:
    sender = open_response(request(b"Content-Length: 1000", method=b"POST"), max_drain_bytes=100)
    hear(b"a" * 900, hearer=sender)
    answer(sender)

    assert sender.close_wanted == KEEP_OPEN
    assert hear(b"a" * 100 + GET, hearer=sender).names == ["RequestHead", "RequestEnd"]


def test_a_fault_in_a_dropped_body_leaves_the_complete_answer_alone() -> None:
    sender = open_response(request(b"Transfer-Encoding: chunked", method=b"POST"))
    answer(sender)

    assert hear(b"zz\r\n", hearer=sender).names == ["PeerFault"]

    assert sender.close_wanted == LINGER
    assert only_answer(sender).status == 200


# The end of the peer's half.


def test_an_idle_peer_that_closes_is_closed() -> None:
    sender = connection()
    sender.receive_eof()

    assert [facts(event) for event in sender.events()] == [("PeerClosed", True)]
    assert sender.close_wanted == CLOSE
    assert sender.events() == []


def test_a_peer_that_closes_between_requests_is_closed() -> None:
    sender = open_response()
    answer(sender)
    sender.receive_eof()

    assert [facts(event) for event in sender.events()] == [("PeerClosed", True)]
    assert sender.close_wanted == CLOSE
    assert only_answer(sender).body == b"a"


@pytest.mark.parametrize("data", [b"G", b"GET / HTTP/1.1\r", GET[:-2], GET[:-1], b"\r"])
def test_a_peer_that_cuts_a_head_is_closed(data: bytes) -> None:
    sender = open_response(data)
    sender.receive_eof()

    assert [facts(event) for event in sender.events()] == [("PeerClosed", False)]
    assert sender.close_wanted == CLOSE
    assert sender.data_to_send() == []


@every_way
def test_an_empty_line_before_the_end_is_no_cut_head(way: str) -> None:
    sender = connection()
    for piece in cut(b"\r\n", "whole" if way == "with a tail" else way):
        sender.receive_data(piece)
        assert sender.events() == []
    sender.receive_eof()

    assert [facts(event) for event in sender.events()] == [("PeerClosed", True)]


@pytest.mark.parametrize("data", [request(b"Content-Length: 5", body=b"hell"), chunked(b"hello")[:-1]])
def test_a_peer_that_cuts_a_body_is_told_as_such_asgi_054(data: bytes) -> None:
    sender = open_response(data)
    sender.receive_eof()

    assert [facts(event) for event in sender.events()] == [("PeerClosed", False)]
    assert sender.close_wanted == CLOSE
    assert not sender.request_complete


def test_a_body_that_is_cut_cuts_a_response_that_has_begun() -> None:
    sender = open_response(request(b"Content-Length: 5", method=b"POST"))
    sender.send_response(200, [], False)
    sender.send_data(b"a", False)
    sender.receive_eof()

    assert [facts(event) for event in sender.events()] == [("PeerClosed", False)]
    assert sender.close_wanted == ABORT


def test_a_dropped_body_that_is_cut_leaves_the_complete_answer_alone() -> None:
    sender = open_response(request(b"Content-Length: 5", method=b"POST"))
    answer(sender)
    sender.receive_eof()

    assert [facts(event) for event in sender.events()] == [("PeerClosed", False)]
    assert sender.close_wanted == CLOSE
    assert only_answer(sender).status == 200


def test_a_half_closed_peer_still_gets_its_response() -> None:
    """RFC 9112 section 9.6."""
    sender = open_response()
    sender.receive_eof()
    assert [facts(event) for event in sender.events()] == [("PeerClosed", True)]
    assert sender.close_wanted == KEEP_OPEN
    assert sender.request_complete

    answer(sender)

    assert sender.close_wanted == CLOSE
    assert only_answer(sender).values(b"connection") == [b"close"]


def test_a_half_closed_peer_gets_the_responses_to_all_that_it_sent() -> None:
    sender = open_response(GET * 3)
    sender.receive_eof()
    told = []
    for _ in range(3):
        told += [facts(event)[0] for event in sender.events()]
        answer(sender)

    assert told == ["RequestHead", "RequestEnd", "RequestHead", "RequestEnd", "PeerClosed"]
    assert len(answers(output(sender), (b"GET",) * 3)) == 3
    assert sender.close_wanted == CLOSE


# Our side ends the connection.


def test_an_idle_connection_that_is_drained_closes() -> None:
    sender = connection()
    sender.announce_close()

    assert sender.close_wanted == CLOSE


def test_a_connection_between_requests_that_is_drained_closes() -> None:
    sender = open_response()
    answer(sender)
    sender.announce_close()

    assert sender.close_wanted == CLOSE
    assert only_answer(sender).status == 200


@pytest.mark.parametrize("before", [b"", b"GET /", GET])
def test_a_request_that_has_come_is_answered_while_draining(before: bytes) -> None:
    sender = connection()
    sender.receive_data(before or GET)
    if before:
        sender.events()
    sender.announce_close()
    assert sender.close_wanted == KEEP_OPEN
    if before == b"GET /":
        sender.receive_data(GET[5:])
    sender.events()

    answer(sender)

    assert only_answer(sender).values(b"connection") == [b"close"]
    assert sender.close_wanted == CLOSE


def test_a_response_whose_head_is_out_is_finished_while_draining() -> None:
    sender = open_response()
    sender.send_response(200, [], False)
    sender.send_data(b"a", False)
    sender.announce_close()
    sender.send_data(b"b", True)

    assert only_answer(sender).body == b"ab"
    assert sender.close_wanted == CLOSE


def test_a_body_that_is_dropped_is_given_up_while_draining() -> None:
    sender = open_response(request(b"Content-Length: 5", method=b"POST"))
    answer(sender)
    sender.announce_close()

    assert sender.close_wanted == LINGER


def test_a_response_that_is_given_up_is_cut() -> None:
    sender = open_response()
    sender.send_response(200, [], False)
    sender.send_data(b"a", False)
    sender.abort()

    assert sender.close_wanted == ABORT
    assert sender.data_to_send() == []
    assert sender.events() == []


@pytest.mark.parametrize("data", [GET, request(b"Content-Length: 5", method=b"POST", body=b"he")])
def test_a_refusal_is_a_complete_response_that_closes_asgi_069(data: bytes) -> None:
    sender = open_response(data)
    sender.send_response(200, [(b"content-length", b"100")], False)
    sender.send_refusal(500, "the application failed", [])

    assert sender.response_complete
    assert sender.close_wanted == LINGER
    answer_read = only_answer(sender)
    assert (answer_read.status, answer_read.body) == (500, b"the application failed\n")
    assert sender.body_bytes_sent == len(answer_read.body)


def test_the_refusal_of_a_head_request_has_no_body() -> None:
    sender = open_response(request(method=b"HEAD"))
    sender.send_refusal(500, "the application failed", [])

    assert only_answer(sender, b"HEAD").values(b"content-length") == [b"23"]


def test_a_refusal_can_speak_of_anything() -> None:
    sender = open_response()
    sender.send_refusal(500, "ü\udcff", [])

    assert only_answer(sender).body == "ü?\n".encode()
