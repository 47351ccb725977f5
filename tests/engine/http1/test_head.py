"""What a request's head is read as (RFC 9112 sections 2 to 5)."""

import pytest
from tests.engine.http1.wire import (
    GET,
    assert_refused,
    connection,
    every_way,
    hear,
    open_response,
    output,
    request,
)


@every_way
def test_a_request_is_told_as_its_head_and_its_end(way: str) -> None:
    heard = hear(b"GET /a/b?c=d&e HTTP/1.1\r\nHost: example.com:8080\r\nAccept: */*\r\n\r\n", way)

    assert heard.names == ["RequestHead", "RequestEnd"]
    head = heard.head
    assert (head.method, head.raw_path, head.path, head.query_string) == ("GET", b"/a/b", "/a/b", b"c=d&e")
    assert head.http_version == "1.1"
    assert head.fields == [(b"host", b"example.com:8080"), (b"accept", b"*/*")]
    assert (head.upgrade, head.body_follows, head.wants_trailers) == (b"", False, False)
    assert heard.end.trailers == []


@every_way
def test_field_names_are_lower_case_and_order_and_duplicates_stay_asgi_037_038_039_040(way: str) -> None:
    heard = hear(request(b"COOKIE: a", b"x-B: 1", b"Cookie: b"), way)

    assert heard.head.fields == [
        (b"host", b"example.com"),
        (b"cookie", b"a"),
        (b"x-b", b"1"),
        (b"cookie", b"b"),
    ]


@every_way
def test_white_space_around_a_value_is_not_part_of_it(way: str) -> None:
    """RFC 9112 section 5: OWS. Inside of it tabs, quotes and octets above ASCII stay as they are."""
    heard = hear(request(b"A:b", b"C: \t d \t ", b"E:", b"F:  ", b'G: "a\tb" \xff'), way)

    assert heard.head.fields[1:] == [
        (b"a", b"b"),
        (b"c", b"d"),
        (b"e", b""),
        (b"f", b""),
        (b"g", b'"a\tb" \xff'),
    ]


@every_way
def test_one_empty_line_before_a_request_is_skipped(way: str) -> None:
    """RFC 9112 section 2.2: old clients send one behind the body of a POST."""
    assert hear(b"\r\n" + GET, way).names == ["RequestHead", "RequestEnd"]


@pytest.mark.parametrize(
    "method", ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "QUERY", "M-SEARCH", "X"]
)
def test_any_method_but_connect_reaches_the_application(method: str) -> None:
    assert hear(request(method=method.encode())).head.method == method


def test_a_method_in_lower_case_is_told_in_upper_case_asgi_031() -> None:
    assert hear(request(method=b"get")).head.method == "GET"


def test_a_method_of_32_octets_is_read() -> None:
    assert hear(request(method=b"A" * 32)).head.method == "A" * 32


@every_way
def test_http_1_0_needs_no_host(way: str) -> None:
    heard = hear(b"GET / HTTP/1.0\r\n\r\n", way)

    assert heard.names == ["RequestHead", "RequestEnd"]
    assert heard.head.http_version == "1.0"
    assert heard.head.fields == []


@every_way
def test_connect_with_a_host_and_a_port_is_not_implemented(way: str) -> None:
    """RFC 9110 section 9.3.6: a server may choose to make no tunnels."""
    assert_refused(hear(request(method=b"CONNECT", target=b"example.com:443"), way), 501)


@pytest.mark.parametrize(
    "target", [b"/", b"example.com", b"example.com:", b":443", b"a@b:443", b"*", b"a:99999"]
)
def test_connect_to_anything_else_is_malformed(target: bytes) -> None:
    assert_refused(hear(request(method=b"CONNECT", target=target)), 400)


def test_upgrade_is_told_when_connection_names_it() -> None:
    """RFC 9110 section 7.8."""
    heard = hear(request(b"Connection: keep-alive, Upgrade", b"Upgrade: WebSocket"))

    assert heard.head.upgrade == b"websocket"


@pytest.mark.parametrize(
    "data",
    [
        request(b"Upgrade: websocket"),
        request(b"Upgrade: websocket", b"Connection: keep-alive"),
        request(b"Connection: upgrade"),
        b"GET / HTTP/1.0\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n",
    ],
)
def test_upgrade_is_not_told_otherwise(data: bytes) -> None:
    assert hear(data).head.upgrade == b""


@pytest.mark.parametrize("line", [b"TE: trailers", b"te: gzip;q=0.5, Trailers", b"TE: ,trailers,"])
def test_a_client_that_can_read_trailers_is_known_asgi_081(line: bytes) -> None:
    """RFC 9110 section 10.1.4."""
    assert hear(request(line)).head.wants_trailers


@pytest.mark.parametrize(
    "line", [b"TE: gzip", b"TE: trailersx", b"TE: trailers;q=1", b"TE:", b"Trailer: trailers"]
)
def test_a_client_that_cannot_read_trailers_is_known(line: bytes) -> None:
    assert not hear(request(line)).head.wants_trailers


def test_te_lines_are_read_as_one_list() -> None:
    assert hear(request(b"TE: gzip", b"TE: trailers")).head.wants_trailers


def test_http_1_0_has_no_trailers() -> None:
    assert not hear(b"GET / HTTP/1.0\r\nTE: trailers\r\n\r\n").head.wants_trailers


def test_an_expectation_in_http_1_0_is_ignored() -> None:
    """RFC 9110 section 10.1.1."""
    heard = hear(b"POST / HTTP/1.0\r\nExpect: 200-maybe\r\nContent-Length: 1\r\n\r\na")

    assert heard.names == ["RequestHead", "BodyPart", "RequestEnd"]


@every_way
@pytest.mark.parametrize("size", [0, 1])
def test_a_target_may_be_as_long_as_its_limit_and_no_longer(size: int, way: str) -> None:
    data = request(target=b"/" + b"a" * (49 + size))

    heard = hear(data, way, connection(max_target_bytes=50))

    if size == 0:
        assert heard.names == ["RequestHead", "RequestEnd"]
    else:
        assert_refused(heard, 414)


@every_way
def test_a_request_line_without_an_end_is_too_long(way: str) -> None:
    assert_refused(hear(b"GET /" + b"a" * 9000, way), 414)


@every_way
@pytest.mark.parametrize("size", [0, 1])
def test_a_head_may_be_as_long_as_its_limit_and_no_longer(size: int, way: str) -> None:
    data = request(b"X-A: " + b"a" * 100)

    heard = hear(data, way, connection(max_head_bytes=len(data) - size))

    if size == 0:
        assert heard.names == ["RequestHead", "RequestEnd"]
    else:
        assert_refused(heard, 431)


@every_way
def test_a_field_without_an_end_is_too_long(way: str) -> None:
    heard = hear(GET[:-2] + b"X-A: " + b"a" * 1000, way, connection(max_head_bytes=500))

    assert_refused(heard, 431)


def test_a_head_that_never_ends_is_held_up_to_its_limit_only() -> None:
    """Twenty megabytes of one field: no more than the limit is kept, whatever the size of the pieces."""
    hearer = connection()
    hearer.receive_data(GET[:-2] + b"X-A: ")
    given = 0
    while not (events := hearer.events()):
        hearer.receive_data(b"a" * 4096)
        given += 4096

    assert type(events[0]).__name__ == "PeerFault"
    assert given <= 65536 + 4096


@every_way
@pytest.mark.parametrize("count", [100, 101])
def test_a_head_may_have_as_many_fields_as_its_limit_and_no_more(count: int, way: str) -> None:
    heard = hear(request(*(b"X-%d: a" % n for n in range(count - 1))), way)

    if count == 100:
        assert len(heard.head.fields) == 100
    else:
        assert_refused(heard, 431)


def test_a_fault_in_the_head_of_a_head_request_is_answered_without_a_body() -> None:
    """RFC 9110 section 9.3.2: what follows the head of its response would be read as the next response."""
    heard = hear(request(b"X-A : b", method=b"HEAD"))

    assert output(heard.connection).endswith(b"\r\n\r\n")


def test_the_answer_to_a_bad_head_says_what_was_wrong() -> None:
    heard = hear(b"GET / HTTP/1.1\r\n\r\n")

    assert heard.fault.reason == "the request has no Host field"
    assert output(heard.connection).endswith(b"\r\n\r\nthe request has no Host field\n")


def test_nothing_is_told_of_a_head_before_its_end() -> None:
    half = open_response(GET[:-1])

    assert half.events() == []
    half.receive_data(GET[-1:])
    assert len(half.events()) == 2
