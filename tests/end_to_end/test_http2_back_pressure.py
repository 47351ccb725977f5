"""Memory stays bounded over HTTP/2, too: 100 MiB towards a client that never opens its window, on one stream
and on many, and towards an application that never receives.
"""

from collections.abc import Iterator, Sequence

import pytest
from tests.end_to_end.conftest import ASYNCIO, MIB, Start, tls_door_of
from tests.end_to_end.doors import SECONDS, Door
from tests.end_to_end.test_back_pressure import bounded_growth, send_while_taken
from tests.support.certificates import Certificates
from tests.support.http2_client import Http2Client
from tests.support.http2_wire import ERRORS, PREFACE, cut_frames, frame, settings
from tests.support.raw_client import RawClient, connect

from penstock.testing.wire import websocket_binary

MANY = 100


@pytest.fixture(scope="module", params=["plain", "tls", "asyncio"])
def door(
    request: pytest.FixtureRequest, start: Start, tls_options: Sequence[str], certificates: Certificates
) -> Iterator[Door]:
    """A server of its own for each, so that what other tests took is not there to be reused."""
    options = {"plain": (), "tls": tls_options, "asyncio": ASYNCIO}[request.param]
    with start(*options) as server:
        yield tls_door_of(server, certificates) if request.param == "tls" else Door(server, server.url)


@pytest.fixture
def raw(door: Door, certificates: Certificates) -> Iterator[RawClient]:
    tls = None if door.tls is None else certificates.context()
    if tls is not None:
        tls.set_alpn_protocols(["h2"])
    with connect(door.url, tls) as client:
        yield client


@pytest.fixture(autouse=True)
def warm(door: Door, certificates: Certificates) -> None:
    """The same transfers, taken, so that what they need once is there."""
    tls = None if door.tls is None else certificates.context()
    if tls is not None:
        tls.set_alpn_protocols(["h2"])
    with connect(door.url, tls) as raw:
        client = Http2Client(raw)
        for stream_id in [client.ask("GET", "/endless/1-warm") for _ in range(MANY // 2)]:
            assert len(client.answer(stream_id).body) == MIB
        assert client.answer(client.ask("POST", "/digest", body=bytes(4 * MIB))).status == 200


def test_a_client_that_never_opens_the_window_of_a_stream(door: Door, raw: RawClient):
    with bounded_growth(door):
        client = Http2Client(raw, takes=False)
        stream_id = client.ask("GET", "/endless/100-stream")
        while len(client.answers[stream_id].body) < 65535:
            client.receive()
        door.server.wait_line(r"stream waits after \d+ bytes")
        assert "stream took everything" not in door.server.output


def test_a_client_that_never_opens_the_windows_of_many_streams(door: Door, raw: RawClient):
    with bounded_growth(door):
        client = Http2Client(raw, takes=False)
        for number in range(MANY):
            client.ask("GET", f"/endless/100-many{number}x")
        for number in range(MANY):
            door.server.wait_line(rf"many{number}x waits after \d+ bytes")
        assert "took everything" not in door.server.output.replace("warm took everything", "")


def test_a_client_that_never_reads(door: Door, raw: RawClient):
    with bounded_growth(door):
        client = Http2Client(raw, takes=False)
        client.judge.increment_flow_control_window(1 << 30)
        client.judge.update_settings({4: (1 << 31) - 1})
        client.flush()
        client.ask("GET", "/endless/100-unread")
        door.server.wait_line(r"unread waits after \d+ bytes")


def test_an_application_that_never_receives_closes_the_window(door: Door, raw: RawClient):
    client = Http2Client(raw)
    client.get("/number/1")  # behind this the server's settings are known
    with bounded_growth(door):
        stream_id = client.ask("POST", "/deaf/http2", end=False)
        door.server.wait_line("deaf http2")
        sent = 0
        while (room := client.judge.local_flow_control_window(stream_id)) > 0:
            size = min(room, client.judge.max_outbound_frame_size)
            client.judge.send_data(stream_id, bytes(size))
            client.flush()
            sent += size
        assert sent < MIB
        assert client.get("/number/1").body == b"1"
        assert client.judge.local_flow_control_window(stream_id) == 0


def test_a_client_that_never_opens_the_window_of_a_websocket(door: Door, raw: RawClient):
    with bounded_growth(door):
        client = Http2Client(raw, takes=False)
        client.open_websocket("/endless/100-messages")
        door.server.wait_line(r"messages waits after \d+ bytes")
        assert "messages took everything" not in door.server.output


def test_an_application_that_never_receives_its_messages_closes_the_window(door: Door, raw: RawClient):
    message = websocket_binary(bytes(8192))
    client = Http2Client(raw)
    with bounded_growth(door):
        stream_id = client.open_websocket("/deaf/messages")
        sent = 0
        while client.judge.local_flow_control_window(stream_id) >= len(message):
            client.send(stream_id, message)
            sent += len(message)
            client.get("/number/1")  # what was given back is known behind this
        assert sent < MIB


def test_a_client_that_sends_pings_and_reads_no_answers_is_told_to_calm_down(door: Door, raw: RawClient):
    with bounded_growth(door):
        raw.send(PREFACE + settings())
        send_while_taken(raw, frame("PING", payload=bytes(8)) * 1000)
        raw.socket.settimeout(SECONDS)
        *_, last = cut_frames(raw.read_to_end())
        assert (last[0], ERRORS[int.from_bytes(last[3][4:8])]) == ("GOAWAY", "ENHANCE_YOUR_CALM")
