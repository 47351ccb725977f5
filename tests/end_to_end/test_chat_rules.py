"""The chat example is strict: what a client may say, how much, and from which page."""

import json
import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import httpx
import pytest
from tests.support.server import RunningServer, running_server
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

JOIN = json.dumps({"join": "Ada"})


@pytest.fixture(scope="module")
def server(server_command: Sequence[str]) -> Iterator[RunningServer]:
    with running_server("examples/chat/app.py:app", command=server_command) as running:
        yield running


@contextmanager
def chat(server: RunningServer, **options: object) -> Iterator[ClientConnection]:
    with connect(server.url.replace("http", "ws") + "/chat", **options) as connection:
        yield connection


def joined(connection: ClientConnection, name: str) -> dict:
    """Joins, and returns the welcome."""
    connection.send(json.dumps({"join": name}))
    return json.loads(connection.recv(timeout=10))


def close_code(connection: ClientConnection) -> int:
    """The code with which the server ends the connection, whatever it says before."""
    with pytest.raises(ConnectionClosed) as closed:
        while True:
            connection.recv(timeout=10)
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.reason
    return closed.value.rcvd.code


@pytest.mark.parametrize(
    ("first", "code"),
    [
        ("{}", 1008),
        ("no JSON", 1008),
        ('["join", "Ada"]', 1008),
        ('{"join": 1}', 1008),
        ('{"join": ""}', 1008),
        ('{"join": "   "}', 1008),
        ('{"say": "Hello"}', 1008),
        ('{"join": "Ada", "say": "Hello"}', 1008),
        (json.dumps({"join": 25 * "a"}), 1008),
        (4000 * "[", 1008),
        (b"bytes", 1003),
        (json.dumps({"join": 9000 * "a"}), 1009),
    ],
)
def test_who_does_not_join_properly_is_told_so(server, first, code):
    with chat(server) as connection:
        connection.send(first)
        assert close_code(connection) == code


def test_a_message_that_is_too_long_ends_the_membership(server):
    with chat(server) as connection:
        joined(connection, "Ada")
        connection.send(json.dumps({"say": 1001 * "a"}))
        assert close_code(connection) == 1008


def test_a_name_that_is_taken_gets_a_number(server):
    with chat(server) as first, chat(server) as second:
        assert joined(first, "Twin")["name"] == "Twin"
        assert joined(second, "Twin")["name"] == "Twin 2"


def test_a_page_of_another_site_is_refused(server):
    with pytest.raises(InvalidStatus) as refused, chat(server, origin="https://elsewhere.example"):
        pass
    assert refused.value.response.status_code == 403


def test_the_own_page_is_let_in(server):
    with chat(server, origin=server.url) as connection:
        assert joined(connection, "Ada")["kind"] == "welcome"


def test_who_breaks_off_without_a_word_is_reported_to_the_others(server):
    with chat(server) as stays, chat(server) as goes:
        joined(stays, "Stays")
        joined(goes, "Goes")
        goes.socket.shutdown(socket.SHUT_RDWR)
        events = [json.loads(stays.recv(timeout=10)) for _ in range(2)]
        assert events == [{"kind": "joined", "name": "Goes"}, {"kind": "left", "name": "Goes"}]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/", 200),
        ("HEAD", "/page.js", 200),
        ("GET", "/page.css", 200),
        ("GET", "/app.py", 404),
        ("POST", "/", 405),
    ],
)
def test_the_page_and_its_files_are_all_there_is(server, method, path, status):
    response = httpx.request(method, server.url + path)
    assert response.status_code == status
    assert (len(response.content) > 0) == (method != "HEAD")
