"""A connection remembers the octets of its last fields, and nobody may notice: each request is read as a
fresh connection reads it.
"""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.engine.http1.wire import Facts, connection, facts

from penstock.engine.http1.connection import Http1Connection
from penstock.engine.http1.events import PeerFault
from penstock.engine.request import RequestHead

HOST = b"Host: example.com\r\n"
PLAIN = b"GET / HTTP/1.1\r\n" + HOST + b"Accept: */*\r\n\r\n"
TARGETS = (b"/", b"/other?x=1", b"*")
VERSIONS = (b"1.0", b"1.1")
LINES = (b"Accept: */*", b"ACCEPT: */*", b"Connection: keep-alive", b"Upgrade: x", b"TE: trailers", b"Host:")


def answered(opened: Http1Connection, data: bytes) -> list[Facts]:
    """The events of a request, which is then answered."""
    opened.receive_data(data)
    events = opened.events()
    if any(isinstance(event, RequestHead) for event in events):
        opened.send_response(204, [], False)
        opened.send_data(b"", True)
    opened.data_to_send()
    return [facts(event) for event in events]


def heads(opened: Http1Connection) -> list[RequestHead]:
    return [event for event in opened.events() if isinstance(event, RequestHead)]


requests = st.builds(
    lambda target, version, lines: b"GET %b HTTP/%b\r\n" % (target, version)
    + HOST
    + b"".join(line + b"\r\n" for line in lines)
    + b"\r\n",
    st.sampled_from(TARGETS),
    st.sampled_from(VERSIONS),
    st.lists(st.sampled_from(LINES), max_size=2),
)


@given(st.lists(requests, min_size=2, max_size=6))
def test_each_request_is_read_as_by_a_fresh_connection(sent: list[bytes]) -> None:
    opened = connection()
    for data in sent:
        if opened.close_wanted:
            break
        assert answered(opened, data) == answered(connection(), data)


def test_what_an_application_does_to_its_fields_is_not_seen_by_the_next_request() -> None:
    opened = connection()
    for _ in range(3):
        opened.receive_data(PLAIN)
        (head,) = heads(opened)
        assert head.fields == [(b"host", b"example.com"), (b"accept", b"*/*")]
        head.fields.clear()
        opened.send_response(204, [], False)
        opened.send_data(b"", True)


def test_pipelined_requests_with_the_same_fields_are_told_apart() -> None:
    opened = connection()
    opened.receive_data(PLAIN + PLAIN.replace(b"GET /", b"PUT /two") + PLAIN.replace(b"GET /", b"GET /three"))
    seen = []
    for _ in range(3):
        (head,) = heads(opened)
        seen.append((head.method, head.raw_path, len(head.fields)))
        opened.send_response(204, [], False)
        opened.send_data(b"", True)
    assert seen == [("GET", b"/", 2), ("PUT", b"/two", 2), ("GET", b"/three", 2)]


@pytest.mark.parametrize("cut", range(1, len(PLAIN)))
def test_a_repeated_head_may_come_in_two_pieces(cut: int) -> None:
    opened = connection()
    whole = answered(opened, PLAIN)
    opened.receive_data(PLAIN[:cut])
    assert heads(opened) == []
    assert answered(opened, PLAIN[cut:]) == whole


def test_the_limit_of_a_head_counts_repeated_fields_as_well() -> None:
    """The same fields behind a longer target: what fitted once does not fit now."""
    opened = connection(max_head_bytes=len(PLAIN) + 2, max_target_bytes=1000)
    answered(opened, PLAIN)
    (fault,) = answered(opened, PLAIN.replace(b"GET /", b"GET /" + b"a" * 20))
    assert fault[0] == PeerFault.__name__
    assert 431 in fault


def test_the_close_of_an_earlier_request_is_not_remembered_without_its_field() -> None:
    opened = connection()
    answered(opened, PLAIN)
    answered(opened, PLAIN.replace(b"Accept: */*", b"Connection: close"))
    assert opened.close_wanted
