"""Bodies by length and in chunks, and their limits (RFC 9112 sections 6 and 7)."""

import pytest
from tests.engine.http1.wire import (
    assert_refused,
    chunked,
    connection,
    every_way,
    hear,
    open_response,
    request,
)

from penstock.engine.closing import KEEP_OPEN
from penstock.engine.fields import FORBIDDEN_IN_TRAILERS

POST = request(b"Content-Length: 5", method=b"POST", body=b"hello")


@every_way
def test_a_body_of_a_known_length_ends_with_it(way: str) -> None:
    heard = hear(POST, way)

    assert heard.names[0] == "RequestHead"
    assert heard.names[-1] == "RequestEnd"
    assert heard.head.body_follows
    assert heard.body == b"hello"


@pytest.mark.parametrize("line", [b"Content-Length: 0", b"Content-Length: 000"])
def test_a_length_of_nothing_is_no_body(line: bytes) -> None:
    heard = hear(request(line, method=b"POST"))

    assert heard.names == ["RequestHead", "RequestEnd"]
    assert not heard.head.body_follows


def test_a_length_may_have_zeros_before_it() -> None:
    assert hear(request(b"Content-Length: 0005", body=b"hello")).body == b"hello"


def test_a_get_may_have_a_body() -> None:
    """RFC 9110 section 9.3.1: no meaning, but the same framing."""
    assert hear(request(b"Content-Length: 5", body=b"hello")).body == b"hello"


def test_a_part_that_is_wholly_body_is_handed_over_without_a_copy() -> None:
    waiting = open_response(request(b"Content-Length: 10", method=b"POST"))
    data = b"0123456789"

    waiting.receive_data(data)

    (part, _) = waiting.events()
    assert part.data is data


def test_parts_are_told_as_they_come() -> None:
    waiting = open_response(request(b"Content-Length: 1000000", method=b"POST"))

    for _ in range(10):
        waiting.receive_data(b"a" * 100)
        assert [len(part.data) for part in waiting.events()] == [100]


@every_way
def test_a_chunked_body_is_told_without_its_framing_asgi_049(way: str) -> None:
    heard = hear(chunked(b"hello, ", b"w", b"orld" * 100), way)

    assert heard.head.body_follows
    assert heard.body == b"hello, w" + b"orld" * 100
    assert heard.names[-1] == "RequestEnd"
    assert heard.end.trailers == []


@every_way
@pytest.mark.parametrize("coding", [b"chunked", b"Chunked", b"CHUNKED"])
def test_the_name_of_the_coding_is_not_case_sensitive(coding: bytes, way: str) -> None:
    data = request(b"Transfer-Encoding: " + coding, method=b"POST", body=b"1\r\na\r\n0\r\n\r\n")

    assert hear(data, way).body == b"a"


@every_way
def test_chunk_sizes_are_hexadecimal_of_up_to_16_digits(way: str) -> None:
    body = b"0000000000000005\r\nhello\r\n1A\r\n" + b"a" * 26 + b"\r\nf\r\n" + b"b" * 15 + b"\r\n00\r\n\r\n"

    heard = hear(request(b"Transfer-Encoding: chunked", method=b"POST", body=body), way)

    assert heard.body == b"hello" + b"a" * 26 + b"b" * 15
    assert heard.names[-1] == "RequestEnd"


@every_way
@pytest.mark.parametrize(
    "extension", [b";a", b";a=b", b';a="b; c\\" \xff\t"', b";a=b;c;d=e", b';a=""', b";" + b"a" * 254]
)
def test_chunk_extensions_are_read_over(extension: bytes, way: str) -> None:
    """RFC 9112 section 7.1.1."""
    body = b"1" + extension + b"\r\na\r\n0" + extension + b"\r\n\r\n"

    assert hear(request(b"Transfer-Encoding: chunked", method=b"POST", body=body), way).body == b"a"


@every_way
def test_a_chunk_line_longer_than_its_limit_is_refused(way: str) -> None:
    body = b"1;" + b"a" * 255 + b"\r\na\r\n0\r\n\r\n"

    assert_refused(hear(request(b"Transfer-Encoding: chunked", method=b"POST", body=body), way), 400)


@every_way
@pytest.mark.parametrize("size", [b"4000000000000000", b"ffffffffffffffff", b"8000000000000000"])
def test_a_chunk_size_that_no_counter_holds_is_refused(size: bytes, way: str) -> None:
    data = request(b"Transfer-Encoding: chunked", method=b"POST", body=size + b"\r\na")

    assert_refused(hear(data, way), 413)


def test_chunk_sizes_cannot_add_up_to_more_than_a_counter_holds() -> None:
    body = b"3\r\nabc\r\n3fffffffffffffff\r\n"

    assert_refused(hear(request(b"Transfer-Encoding: chunked", method=b"POST", body=body)), 413)


@every_way
def test_trailers_are_told_at_the_end(way: str) -> None:
    """RFC 9112 section 7.1.2."""
    heard = hear(chunked(b"a", trailers=b"X-Sum: 1\r\nContent-Digest:  b \r\n"), way)

    assert heard.body == b"a"
    assert heard.end.trailers == [(b"x-sum", b"1"), (b"content-digest", b"b")]
    assert heard.head.fields == [(b"host", b"example.com"), (b"transfer-encoding", b"chunked")]


@pytest.mark.parametrize("name", sorted(FORBIDDEN_IN_TRAILERS))
def test_a_trailer_that_would_come_too_late_is_refused(name: bytes) -> None:
    """RFC 9110 section 6.5.1."""
    assert_refused(hear(chunked(b"a", trailers=name.title() + b": 1\r\n")), 400)


@pytest.mark.parametrize(
    "name",
    [
        b"content-length",
        b"transfer-encoding",
        b"host",
        b"authorization",
        b"content-type",
        b"content-encoding",
    ],
)
def test_framing_routing_and_authentication_are_forbidden_in_trailers(name: bytes) -> None:
    assert name in FORBIDDEN_IN_TRAILERS


@every_way
@pytest.mark.parametrize("size", [0, 1])
def test_a_trailer_section_may_be_as_long_as_its_limit_and_no_longer(size: int, way: str) -> None:
    trailers = b"X-A: " + b"a" * 93 + b"\r\n"

    heard = hear(chunked(b"a", trailers=trailers), way, connection(max_trailer_bytes=102 - size))

    if size == 0:
        assert heard.names[-1] == "RequestEnd"
    else:
        assert_refused(heard, 431)


@every_way
def test_a_trailer_section_may_not_have_more_fields_than_a_head(way: str) -> None:
    heard = hear(chunked(b"a", trailers=b"X: a\r\n" * 4), way, connection(max_fields=3))

    assert_refused(heard, 431)


@every_way
@pytest.mark.parametrize("size", [5, 4])
def test_a_length_above_the_limit_is_refused_at_once(size: int, way: str) -> None:
    heard = hear(POST, way, connection(max_body_bytes=size))

    if size == 5:
        assert heard.body == b"hello"
    else:
        assert heard.names == ["PeerFault"]
        assert_refused(heard, 413)


@every_way
@pytest.mark.parametrize("size", [5, 4])
def test_a_chunked_body_is_refused_where_it_passes_the_limit(size: int, way: str) -> None:
    heard = hear(chunked(b"abc", b"de"), way, connection(max_body_bytes=size))

    if size == 5:
        assert heard.body == b"abcde"
    else:
        assert heard.body == b"abc"
        assert_refused(heard, 413)


def test_a_fault_behind_the_head_of_our_response_cuts_it() -> None:
    """Nothing else tells the client that the response is not what it looks like."""
    waiting = open_response(request(b"Transfer-Encoding: chunked", method=b"POST"))
    waiting.send_response(200, [], False)
    waiting.send_data(b"a", False)
    waiting.data_to_send()

    heard = hear(b"zz\r\n", hearer=waiting)

    assert heard.names == ["PeerFault"]
    assert waiting.close_wanted > KEEP_OPEN
    assert waiting.data_to_send() == []
    assert waiting.response_started
    assert not waiting.response_complete


def test_a_fault_before_the_held_head_has_left_is_answered_instead_of_it() -> None:
    waiting = open_response(request(b"Transfer-Encoding: chunked", method=b"POST"))
    waiting.send_response(200, [], False)

    assert_refused(hear(b"zz\r\n", hearer=waiting), 400)
