"""What is too much is refused with the right status, and what is too much at one time waits or gets a 503."""

import select

import pytest
from tests.end_to_end.conftest import Start
from tests.support.raw_client import RawClient, chunked, connect, request
from tests.support.raw_websocket import BINARY, CONTINUATION, TEXT, RawWebSocket
from tests.support.server import RunningServer

ONE_AT_A_TIME = ("--max-concurrent-requests", "1", "--max-waiting-requests", "1")


def is_busy(client: RawClient) -> bool:
    """Whether the answer is that of a server that has no room, which closes the connection."""
    response = client.read_response()
    retry_after = [int(value) for value in response.values(b"retry-after")]
    return (response.status, len(retry_after), client.read_to_end()) == (503, 1, b"")


def test_connections_beyond_the_limit_are_refused_and_places_become_free(start: Start):
    options = ("--max-connections", "2")
    with start(*options) as server:
        first, second = connect(server.url), connect(server.url)
        with first, second:
            for client in (first, second):
                client.send(request("GET", "/"))
                assert client.read_response().status == 200
            with connect(server.url) as third:
                assert is_busy(third)
            first.send(request("GET", "/", [("connection", "close")]))
            first.read_response()
            assert first.read_to_end() == b""
            with connect(server.url) as fourth:
                fourth.send(request("GET", "/"))
                assert fourth.read_response().status == 200


def begin_upload(server: RunningServer, name: str) -> RawClient:
    """A request that runs until its last byte is sent, which is the caller's to send."""
    client = connect(server.url)
    client.send(request("POST", f"/upload/{name}", [("content-length", "2")]) + b"a")
    return client


def test_requests_beyond_the_limit_wait_and_beyond_the_waiting_room_are_refused(
    start: Start,
):
    with (
        start(*ONE_AT_A_TIME) as server,
        begin_upload(server, "first") as first,
        connect(server.url) as second,
        connect(server.url) as third,
    ):
        server.wait_line("upload first began")
        for client in (second, third):
            client.send(request("GET", "/number/2"))
        refused, _, _ = select.select([second.socket, third.socket], [], [], 10)
        assert len(refused) == 1
        waiting, turned_away = (third, second) if refused == [second.socket] else (second, third)
        assert is_busy(turned_away)
        first.send(b"b")
        assert first.read_response("POST").body == b"2"
        assert waiting.read_response().body == b"2"


def test_a_request_that_waited_too_long_is_refused(start: Start):
    options = (*ONE_AT_A_TIME, "--waiting-seconds", "0.3")
    with (
        start(*options) as server,
        begin_upload(server, "first"),
        connect(server.url) as second,
    ):
        server.wait_line("upload first began")
        second.send(request("GET", "/"))
        assert is_busy(second)


def test_a_client_that_leaves_the_waiting_room_frees_its_place(start: Start):
    with (
        start(*ONE_AT_A_TIME) as server,
        begin_upload(server, "first") as first,
        connect(server.url) as third,
    ):
        server.wait_line("upload first began")
        with connect(server.url) as second:
            second.send(request("GET", "/number/2"))
            second.abort()
        server.wait_line('"GET /number/2 HTTP/1.1" 499')
        third.send(request("GET", "/number/3"))
        first.send(b"b")
        assert first.read_response("POST").body == b"2"
        assert third.read_response().body == b"3"


SIZES = (
    "--max-target-bytes",
    "100",
    "--max-head-bytes",
    "1000",
    "--max-fields",
    "10",
    "--max-body-bytes",
    "1000",
)
TOO_MUCH = {
    "target": (request("GET", "/" + "a" * 200), 414),
    "head": (request("GET", "/", [("x", "a" * 2000)]), 431),
    "fields": (request("GET", "/", [("x", "a")] * 20), 431),
    "length": (request("POST", "/digest", [("content-length", "1001")]), 413),
    "chunked": (
        request("POST", "/digest", [("transfer-encoding", "chunked")]) + chunked(*[bytes(100)] * 11),
        413,
    ),
}


@pytest.mark.parametrize("kind", TOO_MUCH)
def test_too_much_is_refused_with_its_status_and_closes(start: Start, kind: str):
    sent, status = TOO_MUCH[kind]
    with start(*SIZES) as server:
        with connect(server.url) as client:
            client.send(sent)
            response = client.read_response("POST")
            assert (response.status, response.values(b"connection")) == (status, [b"close"])
            assert client.read_to_end() == b""
        with connect(server.url) as client:
            client.send(request("POST", "/digest", body=bytes(1000)))
            assert client.read_response("POST").status == 200


def test_too_large_messages_close_with_1009(start: Start):
    options = ("--max-message-bytes", "1000", "--max-frame-bytes", "600")
    with start(*options) as server:
        for frames in ([bytes(601)], [bytes(600), bytes(401)]):
            with connect(server.url) as client:
                websocket = RawWebSocket(client)
                websocket.handshake("/echo/size")
                for number, payload in enumerate(frames):
                    opcode = CONTINUATION if number else BINARY
                    websocket.send_frame(opcode, payload, final=number == len(frames) - 1)
                assert websocket.read_close().close_code == 1009
        with connect(server.url) as client:
            websocket = RawWebSocket(client)
            websocket.handshake("/echo/size")
            websocket.send_frame(TEXT, b"a" * 600, final=False)
            websocket.send_frame(CONTINUATION, b"a" * 400)
            assert websocket.read_frame().payload == b"a" * 1000
