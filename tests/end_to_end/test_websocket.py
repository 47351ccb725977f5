"""WebSocket through every door, with the websockets library as the client, and raw frames where it would
not err.
"""

import base64
import os

import pytest
from tests.end_to_end.doors import Door
from tests.support.raw_client import request
from tests.support.raw_websocket import (
    BINARY,
    CLOSE,
    CONTINUATION,
    PING,
    TEXT,
    RawWebSocket,
    build_frame,
)
from websockets.exceptions import ConnectionClosed, ConnectionClosedError, InvalidStatus

MIB = 1024 * 1024
MESSAGES = ["", b"", "é", b"\xff", "x" * 125, b"y" * 126, "z" * 65535, b"a" * 65536, os.urandom(MIB)]


@pytest.mark.parametrize("compression", ["deflate", None])
def test_messages_of_all_sizes_come_back(door: Door, compression: str | None):
    with door.websocket("/echo/sizes", compression=compression, max_size=None) as websocket:
        for message in MESSAGES:
            websocket.send(message)
            assert websocket.recv(timeout=10) == message


def test_deflate_is_agreed_on_and_shrinks_what_is_sent(tcp_door: Door):
    with tcp_door.raw() as client:
        websocket = RawWebSocket(client)
        offer = ("sec-websocket-extensions", "permessage-deflate; client_max_window_bits")
        response = websocket.handshake("/echo/deflate", [offer])
        assert response.values(b"sec-websocket-extensions")[0].startswith(b"permessage-deflate")
        websocket.send_frame(TEXT, b"a" * 10000)
        frame = websocket.read_frame()
    assert frame.compressed
    assert len(frame.payload) < 1000


def test_a_compression_bomb_closes_with_1009(tcp_door: Door):
    with (
        tcp_door.websocket("/echo/bomb", compression="deflate", max_size=None) as websocket,
        pytest.raises(ConnectionClosedError) as closed,
    ):
        websocket.send(bytes(64 * MIB))
        websocket.recv(timeout=10)
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 1009


def test_many_messages_keep_their_order(door: Door):
    with door.websocket("/echo/order") as websocket:
        for number in range(1000):
            websocket.send(str(number))
        assert [websocket.recv(timeout=10) for _ in range(1000)] == [str(number) for number in range(1000)]


def test_a_message_in_fragments_comes_back_whole(door: Door):
    with door.websocket("/echo/fragments") as websocket:
        websocket.send(iter(["a" * 1000, "é", "", "b" * 1000]))
        assert websocket.recv(timeout=10) == "a" * 1000 + "é" + "b" * 1000


def test_a_ping_is_answered(door: Door):
    with door.websocket("/echo/ping") as websocket:
        assert websocket.ping(b"payload").wait(timeout=10)


def test_frames_behind_the_handshake_in_one_write_are_read(door: Door):
    with door.raw() as client:
        websocket = RawWebSocket(client)
        websocket.send_handshake("/echo/early")
        websocket.send_frame(TEXT, b"early")
        websocket.read_handshake()
        assert websocket.read_frame().payload == b"early"


def test_a_kept_connection_can_become_a_websocket(door: Door):
    with door.raw() as client:
        client.send(request("GET", "/"))
        assert client.read_response().body == b"hello"
        websocket = RawWebSocket(client)
        websocket.handshake("/echo/kept")
        websocket.send_frame(TEXT, b"kept")
        assert websocket.read_frame().payload == b"kept"


@pytest.mark.parametrize("code", [1000, 1001, 3000, 4999])
def test_the_application_closes_with_its_code(door: Door, code: int):
    with door.websocket(f"/close/{code}") as websocket, pytest.raises(ConnectionClosed) as closed:
        websocket.recv(timeout=10)
    assert closed.value.rcvd is not None
    assert (closed.value.rcvd.code, closed.value.rcvd.reason) == (code, "as asked for")


def test_an_application_that_fails_closes_with_1011(door: Door):
    with door.websocket("/fail/websocket") as websocket, pytest.raises(ConnectionClosedError) as closed:
        websocket.recv(timeout=10)
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 1011


def test_the_code_of_the_client_reaches_the_application(tcp_door: Door):
    with tcp_door.websocket("/echo/leaver") as websocket:
        websocket.close(4003, "enough")
    tcp_door.server.wait_line("websocket leaver closed with 4003 enough")


FAULTS = {
    "a frame without mask": (b"\x81\x01a", 1002),
    "a reserved bit": (b"\xc1\x81\0\0\0\0a", 1002),
    "an unknown opcode": (build_frame(0x3, b"a"), 1002),
    "a ping in fragments": (build_frame(PING, b"a", final=False), 1002),
    "a ping of 126 bytes": (b"\x89\xfe\x00\x7e" + bytes(130), 1002),
    "a continuation of nothing": (build_frame(CONTINUATION, b"a"), 1002),
    "a text inside a message": (build_frame(BINARY, b"a", final=False) + build_frame(TEXT, b"b"), 1002),
    "a close with one byte": (build_frame(CLOSE, b"\x03"), 1002),
    "a close code for nobody": (build_frame(CLOSE, b"\x03\xed"), 1002),
    "a close reason that is no UTF-8": (build_frame(CLOSE, b"\x03\xe8\xff"), 1007),
    "text that is no UTF-8": (build_frame(TEXT, b"\xff"), 1007),
    "half a character": (build_frame(TEXT, "é".encode()[:1]), 1007),
    "a length with its first bit": (b"\x82\xff" + b"\xff" * 8 + b"mask", 1002),
    "a frame beyond all limits": (b"\x82\xff\x00\x00\x10" + bytes(5) + b"mask", 1009),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_of_the_client_closes_with_its_code(door: Door, fault: str):
    sent, code = FAULTS[fault]
    with door.raw() as client:
        websocket = RawWebSocket(client)
        websocket.handshake("/echo/fault")
        client.send(sent)
        assert websocket.read_frame().close_code == code
        assert client.read_to_end() == b""


KEY = base64.b64encode(bytes(16)).decode()
OPENING = {
    "upgrade": "websocket",
    "connection": "Upgrade",
    "sec-websocket-version": "13",
    "sec-websocket-key": KEY,
}


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"sec-websocket-version": "8"}, 426),
        ({"sec-websocket-version": None}, 426),
        ({"sec-websocket-key": None}, 400),
        ({"sec-websocket-key": "short"}, 400),
        ({"sec-websocket-key": "=" * 24}, 400),
    ],
)
def test_a_bad_handshake_is_refused(tcp_door: Door, changes: dict[str, str | None], status: int):
    fields = [(name, value) for name, value in (OPENING | changes).items() if value is not None]
    with tcp_door.raw() as client:
        client.send(request("GET", "/echo/bad", fields))
        response = client.read_response()
    assert response.status == status
    assert response.values(b"sec-websocket-version") == ([b"13"] if status == 426 else [])


def test_a_handshake_that_the_application_refuses_is_a_403(door: Door):
    with pytest.raises(InvalidStatus) as refused, door.websocket("/refuse"):
        pass
    assert refused.value.response.status_code == 403
