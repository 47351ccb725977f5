"""A WSGI application on a real server: clients that leave, responses that are cut, calls at the end of
the server.
"""

import http.client
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, suppress

import h11
import pytest
from tests.end_to_end.apps.wsgi.plain_app import DOWNLOAD_BYTES
from tests.support.raw_client import connect, request
from tests.support.server import RunningServer, running_process, running_server

TARGET = "tests.end_to_end.apps.wsgi.plain_app:app"
ON_UVICORN = "tests.end_to_end.apps.wsgi.on_other_servers:application"
POOL = 10  # threads, of both
THREADS = ("--wsgi-threads", str(POOL))
ABORTED = 1000
FREED_SECONDS = 1  # how long a thread may stay with a client who has gone, as it is promised
UNREAD_BYTES = 1000000  # four times what is read ahead


@pytest.fixture(scope="module")
def server() -> Iterator[RunningServer]:
    with running_server(TARGET, *THREADS) as server:
        yield server


def test_a_thousand_aborted_downloads_leave_the_threads_to_a_thousand_others(server: RunningServer):
    """On a pool of ten, where ten were enough elsewhere (wsgi-bridges 5.1: client gone mid-stream). The
    downloads have no end of their own, and take all threads at one time.
    """
    for first in range(0, ABORTED, POOL):
        abort_downloads(server, [f"thousand-{first + number}" for number in range(POOL)])
    connection = http.client.HTTPConnection(*server.address, timeout=10)
    for _ in range(ABORTED):
        assert read(connection, "/") == b"hello from a thread"
    assert len(read(connection, "/download")) == DOWNLOAD_BYTES
    connection.close()


def abort_downloads(server: RunningServer, names: Sequence[str]) -> None:
    """Each has begun when it is aborted, and each gives its thread back in time."""
    with ExitStack() as stack:
        clients = [stack.enter_context(connect(server.url, receive_buffer=4096)) for _ in names]
        for client, name in zip(clients, names, strict=True):
            client.send(request("GET", f"/endless/{name}"))
        for client in clients:
            assert client.read_until(b"\r\n").startswith(b"HTTP/1.1 200 ")
        for client in clients:
            client.abort()
    for name in names:
        server.wait_line(rf"closed {name}\b", FREED_SECONDS)


def read(connection: http.client.HTTPConnection, path: str) -> bytes:
    connection.request("GET", path)
    answer = connection.getresponse()
    assert answer.status == 200
    return answer.read()


def test_on_a_silent_server_uploads_that_nobody_reads_free_their_threads_as_well():
    """On Uvicorn, which tells of a client's departure behind the body that it holds."""
    command = [sys.executable, "-m", "uvicorn", "--host=127.0.0.1", "--port=0", "--lifespan=on", ON_UVICORN]
    with running_process(command) as (process, output):
        server = RunningServer(process, output, output.wait_line("running on", 20))
        for number in range(2 * POOL):
            with connect(server.url) as client:
                client.send(request("POST", f"/endless/{number}", [("content-length", "100000000")]))
                client.send(bytes(UNREAD_BYTES))
                assert client.read_until(b"\r\n").startswith(b"HTTP/1.1 200 ")
                client.abort()
            server.wait_line(rf"closed {number}\b", FREED_SECONDS)


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


def test_a_file_that_unpacks_another_is_sent_unpacked(server: RunningServer):
    """The server offers to send files itself: this is none for it."""
    with connect(server.url) as client:
        client.send(request("GET", "/unpacked"))
        assert client.read_response().body == b"unpacked " * 10000


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
