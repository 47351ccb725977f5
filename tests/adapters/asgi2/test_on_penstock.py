"""ASGI 2 on Penstock: classes as they were written for it, and what the adapters make of either version."""

from collections.abc import Iterator

import httpx
import pytest
from tests.support.server import RunningServer, running_server
from websockets.sync.client import connect


@pytest.fixture(scope="module", params=["Double", "adapted", "there_and_back"])
def server(request: pytest.FixtureRequest) -> Iterator[RunningServer]:
    with running_server(f"tests.adapters.asgi2.app:{request.param}") as server:
        yield server


def test_http_is_answered(server: RunningServer):
    answer = httpx.post(f"{server.url}/a", content=b"body", trust_env=False)
    assert answer.content == b"/a body"


def test_a_websocket_echoes(server: RunningServer):
    with connect(server.url.replace("http", "ws", 1), proxy=None) as websocket:
        websocket.send("text")
        assert websocket.recv(timeout=10) == "text"
