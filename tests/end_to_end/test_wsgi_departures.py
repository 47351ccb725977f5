"""A WSGI application on a real server: clients that leave, responses that are cut, calls at the end of
the server.
"""

import http.client
from collections.abc import Iterator
from contextlib import suppress

import h11
import pytest
from tests.end_to_end.apps.wsgi.plain_app import DOWNLOAD_BYTES
from tests.support.raw_client import connect, request
from tests.support.server import RunningServer, running_server

TARGET = "tests.end_to_end.apps.wsgi.plain_app:app"
THREADS = ("--wsgi-threads", "10")
ABORTED = 1000


@pytest.fixture(scope="module")
def server() -> Iterator[RunningServer]:
    with running_server(TARGET, *THREADS) as server:
        yield server


def test_a_thousand_aborted_downloads_leave_the_threads_to_a_thousand_others(server: RunningServer):
    """On a pool of ten, where ten were enough elsewhere (wsgi-bridges 5.1: client gone mid-stream)."""
    for _ in range(ABORTED):
        with connect(server.url, receive_buffer=4096) as client:
            client.send(request("GET", "/download"))
            assert client.read()
            client.abort()
    connection = http.client.HTTPConnection(*server.address, timeout=10)
    for _ in range(ABORTED):
        connection.request("GET", "/")
        assert connection.getresponse().read() == b"hello from a thread"
    connection.request("GET", "/download")
    assert len(connection.getresponse().read()) == DOWNLOAD_BYTES
    connection.close()


def test_an_endless_download_is_closed_when_its_client_leaves(server: RunningServer):
    for number in range(20):  # twice as many as there are threads
        with connect(server.url) as client:
            client.send(request("GET", f"/endless/{number}"))
            client.read()
            client.abort()
        server.wait_line(f"closed {number}")


def test_a_client_that_leaves_inside_its_upload_is_an_oserror(server: RunningServer):
    with connect(server.url) as client:
        client.send(request("POST", "/upload/one", [("content-length", "10")]) + b"first")
        server.wait_line("began b'first'")
        client.abort()
        server.wait_line("cut one: ClientDisconnected")


@pytest.mark.parametrize("path", ["/short", "/late"])
def test_a_response_that_fails_on_its_way_is_seen_to_be_cut(server: RunningServer, path: str):
    with connect(server.url) as client:
        client.send(request("GET", path))
        with suppress(h11.RemoteProtocolError):  # it is cut, where it was not answered with a 500
            assert client.read_response().status == 500


def test_a_websocket_is_refused(server: RunningServer):
    fields = [
        ("upgrade", "websocket"),
        ("connection", "upgrade"),
        ("sec-websocket-version", "13"),
        ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="),
    ]
    with connect(server.url) as client:
        client.send(request("GET", "/", fields))
        assert client.read_response().status == 404


def test_what_is_said_to_the_error_stream_is_logged(server: RunningServer):
    with connect(server.url) as client:
        client.send(request("GET", "/errors"))
        client.read_response()
    server.wait_line("said to wsgi.errors")


def test_a_call_that_runs_when_the_server_ends_is_answered():
    with (
        running_server(TARGET, *THREADS) as server,
        connect(server.url) as client,
        connect(server.url) as other,
    ):
        client.send(request("GET", "/hold"))
        server.wait_line("holding")
        other.send(request("GET", "/release"))
        assert other.read_response().status == 200
        assert client.read_response().body == b"released"
        assert server.stop() == 0
