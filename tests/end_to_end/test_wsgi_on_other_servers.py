"""`WsgiToAsgi` as a plain ASGI application on the ASGI servers of others, each asked the same through real
sockets: `receive`, `send` and the way in which a client's departure is told are theirs.
"""

import hashlib
import http.client
import importlib.util
import os
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing

import h11
import pytest
from tests.end_to_end.apps.wsgi.on_other_servers import MIB, download_parts
from tests.support.raw_client import connect, request
from tests.support.server import RunningServer, running_process

TARGET = "tests.end_to_end.apps.wsgi.on_other_servers:application"
LISTENS = r"(Running|running|Listening) on "
# How each is started, and the status with which it refuses a WebSocket.
SERVERS: dict[str, tuple[Sequence[str], int]] = {
    "uvicorn": (("--host=127.0.0.1", "--port=0", "--lifespan=on", TARGET), 404),
    "hypercorn": (("--bind=127.0.0.1:0", TARGET), 404),
    "daphne": (("--bind=127.0.0.1", "--port=0", TARGET), 403),
}
ABORTED = 100  # on a pool of ten
SECONDS = 20


@pytest.fixture(scope="module", params=SERVERS)
def name(request: pytest.FixtureRequest) -> str:
    found: str = request.param
    if importlib.util.find_spec(found) is None:
        pytest.skip(f"left out: {found} is not installed")
    return found


@pytest.fixture(scope="module")
def server(name: str) -> Iterator[RunningServer]:
    with running_process([sys.executable, "-m", name, *SERVERS[name][0]]) as (process, output):
        line = output.wait_line(LISTENS, SECONDS).replace("TCP address ", "http://")
        yield RunningServer(process, output, line)


@pytest.fixture
def connection(server: RunningServer) -> Iterator[http.client.HTTPConnection]:
    with closing(http.client.HTTPConnection(*server.address, timeout=SECONDS)) as connection:
        yield connection


def read(connection: http.client.HTTPConnection, path: str) -> bytes:
    connection.request("GET", path)
    answer = connection.getresponse()
    assert answer.status == 200
    return answer.read()


def test_a_request_arrives_as_it_was_sent(connection: http.client.HTTPConnection):
    connection.request("DELETE", "/show/caf%C3%A9?a=%C3%A9&b", headers={"X-Seen": "one"})
    lines = connection.getresponse().read().decode("latin-1").split("\n")
    assert lines == ["DELETE", "/show/cafÃ©", "a=%C3%A9&b", "one", "http"]


@pytest.mark.parametrize("framing", ["with a length", "chunked"])
def test_a_long_upload_arrives_whole(connection: http.client.HTTPConnection, framing: str):
    data = os.urandom(3 * MIB)
    pieces = (data[start : start + 50000] for start in range(0, len(data), 50000))
    connection.request("POST", "/upload", pieces if framing == "chunked" else data)
    assert connection.getresponse().read().decode() == hashlib.sha256(data).hexdigest()


def test_a_long_download_arrives_whole(connection: http.client.HTTPConnection):
    assert read(connection, "/download") == b"".join(download_parts())


def test_the_first_part_of_a_response_arrives_before_the_second_is_there(
    server: RunningServer, connection: http.client.HTTPConnection
):
    connection.request("GET", "/stream")
    answer = connection.getresponse()
    assert answer.read(5) == b"first"
    with closing(http.client.HTTPConnection(*server.address, timeout=SECONDS)) as other:
        read(other, "/release")
    assert answer.read() == b"second"


def test_a_response_that_fails_on_its_way_is_seen_to_be_cut(name: str, server: RunningServer):
    if name == "daphne":
        pytest.skip("daphne 4.2 leaves the connection of a response that failed open, and sends nothing more")
    with connect(server.url) as client:
        client.send(request("GET", "/late"))
        with pytest.raises(h11.RemoteProtocolError):
            client.read_response()


def test_a_websocket_is_refused(name: str, server: RunningServer):
    fields = [
        ("upgrade", "websocket"),
        ("connection", "upgrade"),
        ("sec-websocket-version", "13"),
        ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="),
    ]
    with connect(server.url) as client:
        client.send(request("GET", "/", fields))
        assert client.read_response().status == SERVERS[name][1]


def test_a_hundred_aborted_downloads_leave_the_threads_to_a_hundred_others(
    server: RunningServer, connection: http.client.HTTPConnection
):
    for number in range(ABORTED):
        with connect(server.url, receive_buffer=4096) as client:
            client.send(request("GET", f"/endless/{number}"))
            assert client.read()
            client.abort()
    for _ in range(ABORTED):
        assert read(connection, "/") == b"hello from a thread"
    for number in range(ABORTED):
        server.wait_line(f"^closed {number}$")


def test_it_ends_with_its_server(server: RunningServer):
    """The last test of each server: it stops it. No thread keeps the process."""
    assert server.stop() in {0, -signal.SIGTERM}
