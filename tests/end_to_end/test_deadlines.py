"""Clients that do not get on: each deadline, set to half a second, cuts them off, however they drip their
bytes.

Where bytes are paced, the pacing waits for the server's answer between them (`drip`); nothing sleeps.
"""

import select
import time
from collections.abc import Iterable, Iterator, Sequence

import pytest
from tests.end_to_end.conftest import Start, tls_door_of
from tests.end_to_end.doors import Door
from tests.support.certificates import Certificates
from tests.support.raw_client import RawClient, connect, request
from tests.support.raw_websocket import CLOSE, TEXT, RawWebSocket
from tests.support.server import RunningServer

DEADLINES = (
    "head-seconds",
    "keep-alive-seconds",
    "body-grace-seconds",
    "write-stall-seconds",
    "tls-handshake-seconds",
    "websocket-handshake-seconds",
    "close-seconds",
)
OPTIONS = [word for name in DEADLINES for word in (f"--{name}", "0.5")]
LONGEST_SECONDS = 5


@pytest.fixture(scope="module")
def server(start: Start) -> Iterator[RunningServer]:
    rate = ("--min-body-bytes-per-second", "1000")
    with start(*OPTIONS, *rate) as server:
        yield server


@pytest.fixture(scope="module")
def quick_tls_door(start: Start, tls_options: Sequence[str], certificates: Certificates) -> Iterator[Door]:
    with start(*OPTIONS, *tls_options) as server:
        yield tls_door_of(server, certificates)


@pytest.fixture
def client(server: RunningServer) -> Iterator[RawClient]:
    with connect(server.url) as client:
        yield client


def drip(client: RawClient, pieces: Iterable[bytes]) -> None:
    """Sends a piece each twentieth of a second until the server says something or closes; at most
    LONGEST_SECONDS.
    """
    begun = time.monotonic()
    for piece in pieces:
        assert time.monotonic() - begun < LONGEST_SECONDS, "the server let it go on"
        if select.select([client.socket], [], [], 0.05)[0]:
            return
        client.send(piece)


def endless(piece: bytes) -> Iterator[bytes]:
    while True:
        yield piece


def test_a_head_that_comes_a_byte_at_a_time_is_cut_off(client: RawClient):
    client.send(b"GET / HTTP/1.1\r\nhost: localhost\r\nx: ")
    drip(client, endless(b"a"))
    assert client.read_response().status == 408
    assert client.read_to_end() == b""


def test_a_head_in_many_lines_is_cut_off(client: RawClient):
    client.send(b"GET / HTTP/1.1\r\nhost: localhost\r\n")
    drip(client, (b"x-%d: 1\r\n" % number for number in range(1000)))
    assert client.read_response().status == 408
    assert client.read_to_end() == b""


def test_empty_lines_before_a_request_do_not_hold_the_connection(client: RawClient):
    drip(client, endless(b"\r\n"))
    client.read_to_end()


def test_a_connection_that_never_says_anything_is_closed(client: RawClient):
    client.socket.settimeout(LONGEST_SECONDS)
    client.read_to_end()


def test_an_idle_kept_connection_is_closed_without_a_word(client: RawClient):
    client.send(request("GET", "/"))
    assert client.read_response().body == b"hello"
    client.socket.settimeout(LONGEST_SECONDS)
    assert client.read_to_end() == b""


def test_the_head_of_a_second_request_has_its_deadline_too(client: RawClient):
    client.send(request("GET", "/"))
    client.read_response()
    client.send(b"GET / HTTP/1.1\r\nx: ")
    drip(client, endless(b"a"))
    assert client.read_response().status == 408


@pytest.mark.parametrize("framing", [("content-length", "100000"), ("transfer-encoding", "chunked")])
def test_a_body_that_is_too_slow_is_cut_off(
    client: RawClient, server: RunningServer, framing: tuple[str, str]
):
    name = framing[0]
    client.send(request("POST", f"/upload/slow-{name}", [framing]))
    drip(client, endless(b"a" if name == "content-length" else b"1\r\na\r\n"))
    assert client.read_response("POST").status == 408
    assert client.read_to_end() == b""
    server.wait_line(f"upload slow-{name} was cut")


def test_a_body_that_stops_is_cut_off(client: RawClient, server: RunningServer):
    client.send(request("POST", "/upload/stalled", [("content-length", "10")]) + b"hello")
    client.socket.settimeout(LONGEST_SECONDS)
    assert client.read_response("POST").status == 408
    server.wait_line("upload stalled was cut")


def test_a_body_that_waits_for_the_application_is_not_slow(client: RawClient, server: RunningServer):
    client.send(request("POST", "/deaf/patient", [("content-length", str(64 * 1024 * 1024))]))
    server.wait_line("deaf patient")
    client.socket.settimeout(1.5)  # three times the deadline
    with pytest.raises(TimeoutError):
        while True:
            client.socket.sendall(bytes(65536))
    assert not select.select([client.socket], [], [], 0)[0]


def test_an_application_may_take_its_time(client: RawClient, server: RunningServer):
    client.send(request("GET", "/hold/slow-application"))
    server.wait_line("holding slow-application")
    assert not select.select([client.socket], [], [], 1.5)[0]
    with connect(server.url) as other:
        other.send(request("GET", "/release/slow-application"))
        other.read_response()
    assert client.read_response().body == b"held slow-application"


def test_a_client_that_takes_nothing_is_given_up(server: RunningServer):
    with connect(server.url, receive_buffer=4096) as client:
        client.send(request("GET", "/endless/100-stalled"))
        server.wait_line("stalled raised ClientDisconnected", seconds=LONGEST_SECONDS)


def test_a_tls_handshake_that_does_not_begin_is_cut_off(quick_tls_door: Door):
    with connect(quick_tls_door.url) as client:
        client.socket.settimeout(LONGEST_SECONDS)
        assert client.read_to_end() == b""


def test_a_tls_handshake_that_drips_is_cut_off(quick_tls_door: Door):
    with connect(quick_tls_door.url) as client:
        drip(client, (bytes([byte]) for byte in b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(500)))
        client.read_to_end()


def test_a_websocket_that_the_application_does_not_answer_is_a_503(client: RawClient, server: RunningServer):
    websocket = RawWebSocket(client)
    websocket.send_handshake("/silent/websocket")
    server.wait_line("silent websocket")
    response = client.read_response()
    assert (response.status, len(response.values(b"retry-after"))) == (503, 1)


def test_a_websocket_whose_close_is_not_answered_is_closed(client: RawClient):
    websocket = RawWebSocket(client)
    websocket.handshake("/close/4000")
    assert websocket.read_close().close_code == 4000
    client.socket.settimeout(LONGEST_SECONDS)
    assert client.read_to_end() == b""


def test_a_websocket_that_is_idle_lives_on(client: RawClient):
    websocket = RawWebSocket(client)
    websocket.handshake("/echo/idle")
    assert not select.select([client.socket], [], [], 1.5)[0]
    websocket.send_frame(TEXT, b"alive")
    assert websocket.read_frame().payload == b"alive"


def test_a_websocket_that_does_not_answer_pings_is_closed(start: Start):
    options = ("--ping-seconds", "0.3", "--pong-seconds", "0.3")
    with start(*options) as server:
        with connect(server.url) as client:
            websocket = RawWebSocket(client)
            websocket.handshake("/echo/mute")
            client.socket.settimeout(LONGEST_SECONDS)
            frame = websocket.read_close()
            assert frame.opcode == CLOSE
        server.wait_line("websocket mute closed with 1006")
