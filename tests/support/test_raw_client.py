"""The raw clients, judged by what they make of bytes that a test writes into the other end of a pair."""

import socket
from collections.abc import Iterator

import h11
import pytest
from tests.support.raw_client import RawClient, chunked, request
from tests.support.raw_websocket import BINARY, CLOSE, PING, Frame, RawWebSocket, build_frame
from websockets.frames import Frame as JudgedFrame
from websockets.streams import StreamReader


@pytest.fixture
def ends() -> Iterator[tuple[RawClient, socket.socket]]:
    ours, theirs = socket.socketpair()
    with RawClient(ours) as client, theirs:
        yield client, theirs


def test_responses_that_come_in_one_write_are_read_one_by_one(ends):
    client, server = ends
    server.sendall(
        b"HTTP/1.1 103 Early Hints\r\nlink: a\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nab"
    )
    server.sendall(b"HTTP/1.1 404 None\r\ntransfer-encoding: chunked\r\n\r\n1\r\nc\r\n0\r\nx: y\r\n\r\n")
    first, second = client.read_response(), client.read_response()
    assert (first.status, first.body, first.informational) == (200, b"ab", [(103, [(b"link", b"a")])])
    assert (second.status, second.reason, second.body, second.trailers) == (
        404,
        b"None",
        b"c",
        [(b"x", b"y")],
    )


def test_a_response_to_head_has_no_body(ends):
    client, server = ends
    server.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nHTTP/1.1 204 Empty\r\n\r\n")
    assert client.read_response("HEAD").body == b""
    assert client.read_response().status == 204


def test_a_body_that_is_cut_fails(ends):
    client, server = ends
    server.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 20\r\n\r\nab")
    server.close()
    with pytest.raises(h11.RemoteProtocolError):
        client.read_response()


def test_what_is_read_beyond_a_mark_is_kept(ends):
    client, server = ends
    server.sendall(b"head\r\n\r\nbody")
    server.close()
    assert client.read_until(b"\r\n\r\n") == b"head\r\n\r\n"
    assert client.read_exactly(2) == b"bo"
    assert client.read_to_end() == b"dy"


def test_a_request_is_what_h11_reads():
    judge = h11.Connection(h11.SERVER)
    judge.receive_data(request("POST", "/a?b", [("te", "trailers"), ("transfer-encoding", "chunked")]))
    judge.receive_data(chunked(b"one", b"two", trailers=b"x: y\r\n"))
    head, first, second, end = [judge.next_event() for _ in range(4)]
    assert (head.method, head.target) == (b"POST", b"/a?b")
    assert (first.data + second.data, list(end.headers)) == (b"onetwo", [(b"x", b"y")])


@pytest.mark.parametrize("size", [0, 1, 125, 126, 65535, 65536])
def test_a_frame_is_what_websockets_reads(size: int):
    payload = bytes(number % 251 for number in range(size))
    reader = StreamReader()
    reader.feed_data(build_frame(BINARY, payload, final=False))
    parsing = JudgedFrame.parse(reader.read_exact, mask=True)
    with pytest.raises(StopIteration) as done:
        next(parsing)
    assert (done.value.value.opcode, done.value.value.data, done.value.value.fin) == (BINARY, payload, False)


@pytest.mark.parametrize("size", [0, 125, 126, 65536])
def test_frames_of_a_server_are_read(ends, size: int):
    client, server = ends
    sent = JudgedFrame(PING, bytes(size) if size < 126 else b"").serialize(mask=False)
    server.sendall(sent + JudgedFrame(BINARY, bytes(size)).serialize(mask=False))
    socket_of_client = RawWebSocket(client)
    assert socket_of_client.read_frame().opcode == PING
    assert socket_of_client.read_frame() == Frame(BINARY, bytes(size))


def test_a_close_frame_tells_code_and_reason(ends):
    client, server = ends
    server.sendall(JudgedFrame(BINARY, b"before").serialize(mask=False))
    server.sendall(JudgedFrame(CLOSE, b"\x03\xe8bye").serialize(mask=False))
    frame = RawWebSocket(client).read_close()
    assert (frame.close_code, frame.close_reason) == (1000, "bye")
