"""Memory stays bounded: 100 MiB towards a client that never reads, and towards an application that never
receives.

The server's resident memory is read after it was warmed up by the same transfers, and may grow by less than
8 MiB.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.end_to_end.conftest import ASYNCIO, MIB, Start, tls_door_of
from tests.end_to_end.doors import Door
from tests.support.certificates import Certificates
from tests.support.raw_client import RawClient, request
from tests.support.raw_websocket import BINARY, RawWebSocket, build_frame

ALL_BYTES = 100 * MIB
MOST_GROWTH_BYTES = 8 * MIB


@pytest.fixture(scope="module", params=["plain", "tls", "asyncio", "asyncio_tls"])
def door(
    request: pytest.FixtureRequest, start: Start, tls_options: Sequence[str], certificates: Certificates
) -> Iterator[Door]:
    """A server of its own for each, so that what other tests took is not there to be reused."""
    loop = ASYNCIO if "asyncio" in request.param else ()
    if request.param.endswith("tls"):
        with start(*loop, *tls_options) as server:
            yield tls_door_of(server, certificates)
    else:
        with start(*loop) as server:
            yield Door(server, server.url)


def resident_bytes(process: int) -> int:
    status = Path(f"/proc/{process}/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("VmRSS:"))
    return int(line.split()[1]) * 1024


@contextmanager
def bounded_growth(door: Door) -> Iterator[None]:
    before = resident_bytes(door.server.process.pid)
    yield
    assert resident_bytes(door.server.process.pid) - before < MOST_GROWTH_BYTES


def send_while_taken(client: RawClient, piece: bytes) -> int:
    """Sends the piece over and over, ALL_BYTES at most, until none is taken for a second; how much was
    taken.
    """
    taken = 0
    client.socket.settimeout(1)
    try:
        while taken < ALL_BYTES:
            client.send(piece)
            taken += len(piece)
    except TimeoutError:
        pass
    return taken


def test_a_client_that_never_reads_its_response(door: Door):
    with door.raw() as client:
        client.send(request("GET", "/endless/32-warm"))
        assert len(client.read_response().body) == 32 * MIB
    with bounded_growth(door), door.raw(receive_buffer=4096) as client:
        client.send(request("GET", "/endless/100-response"))
        door.server.wait_line(r"response waits after \d+ bytes")
        assert "response took everything" not in door.server.output


def test_an_application_that_never_receives_its_body(door: Door):
    with door.raw() as client:
        client.send(request("POST", "/digest", body=bytes(32 * MIB)))
        assert client.read_response("POST").status == 200
    with bounded_growth(door), door.raw() as client:
        client.send(request("POST", "/deaf/body", [("content-length", str(ALL_BYTES))]))
        door.server.wait_line("deaf body")
        assert send_while_taken(client, bytes(65536)) < ALL_BYTES // 2


def test_a_client_that_never_reads_its_messages(door: Door):
    with door.raw() as client:
        websocket = RawWebSocket(client)
        websocket.handshake("/endless/32-warm")
        assert sum(len(websocket.read_frame().payload) for _ in range(512)) == 32 * MIB
    with bounded_growth(door), door.raw(receive_buffer=4096) as client:
        RawWebSocket(client).handshake("/endless/100-messages")
        door.server.wait_line(r"messages waits after \d+ bytes")
        assert "messages took everything" not in door.server.output


def test_an_application_that_never_receives_its_messages(door: Door):
    frame = build_frame(BINARY, bytes(65536))
    with door.raw() as client:
        websocket = RawWebSocket(client)
        websocket.handshake("/echo/warm")
        for _ in range(512):
            client.send(frame)
            assert len(websocket.read_frame().payload) == 65536
    with bounded_growth(door), door.raw() as client:
        RawWebSocket(client).handshake("/deaf/messages")
        assert send_while_taken(client, frame) < ALL_BYTES // 2


def test_a_client_that_sends_requests_and_reads_no_answers(door: Door):
    with bounded_growth(door), door.raw(receive_buffer=4096) as client:
        assert send_while_taken(client, request("GET", "/number/1") * 1000) < ALL_BYTES // 2


def test_a_client_that_sends_pings_and_reads_no_pongs(door: Door):
    pings = build_frame(0x9, bytes(125)) * 500
    with bounded_growth(door), door.raw(receive_buffer=4096) as client:
        RawWebSocket(client).handshake("/echo/pings")
        assert send_while_taken(client, pings) < ALL_BYTES // 2


def test_small_messages_that_nobody_receives_are_bounded_too(door: Door):
    frames = build_frame(BINARY, b"") * 10000
    with bounded_growth(door), door.raw() as client:
        RawWebSocket(client).handshake("/deaf/small")
        assert send_while_taken(client, frames) < ALL_BYTES // 2
