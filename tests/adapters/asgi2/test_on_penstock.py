"""ASGI 2 on Penstock: classes as they were written for it, and what the adapters make of either version."""

from collections.abc import Iterator

import httpx
import pytest
from tests.support.http2_client import Http2Client
from tests.support.raw_client import connect as connect_socket
from tests.support.server import RunningServer, running_server
from websockets.sync.client import connect

TEXT_FRAME = b"\x81\x84\0\0\0\0text"  # masked with zeros
ECHOED_FRAME = b"\x81\x04text"


@pytest.fixture(scope="module", params=["Double", "adapted", "there_and_back"])
def server(request: pytest.FixtureRequest) -> Iterator[RunningServer]:
    with running_server(f"tests.adapters.asgi2.app:{request.param}") as server:
        yield server


def test_http_1_is_answered(server: RunningServer):
    answer = httpx.post(f"{server.url}/a", content=b"body", trust_env=False)
    assert (answer.http_version, answer.content) == ("HTTP/1.1", b"/a body")


def test_http_2_is_answered(server: RunningServer):
    with connect_socket(server.url) as connection:
        client = Http2Client(connection)
        streams = [client.ask("POST", f"/{number}", body=b"body") for number in range(10)]
        answers = [client.answer(stream).body for stream in streams]
    assert answers == [b"/%d body" % number for number in range(10)]


def test_a_websocket_echoes(server: RunningServer):
    with connect(server.url.replace("http", "ws", 1), proxy=None) as websocket:
        websocket.send("text")
        assert websocket.recv(timeout=10) == "text"


def test_a_websocket_over_http_2_echoes(server: RunningServer):
    with connect_socket(server.url) as connection:
        client = Http2Client(connection)
        stream = client.open_websocket("/")
        client.send(stream, TEXT_FRAME)
        while client.answers[stream].body != ECHOED_FRAME:
            client.receive()
        client.reset(stream)


def test_the_start_up_line_says_which_version_it_is(server: RunningServer, request: pytest.FixtureRequest):
    version = "2" if "Double" in request.node.name else "3"
    assert f"(ASGI {version})" in server.start_line
