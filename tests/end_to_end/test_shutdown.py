"""The end of a server: what runs is finished, who waits is told, nobody new is taken, and the process ends
with 0.
"""

import signal
from collections.abc import Iterator

import pytest
from tests.end_to_end.conftest import Start
from tests.support.raw_client import connect, request
from tests.support.raw_websocket import TEXT, RawWebSocket
from tests.support.server import RunningServer


@pytest.fixture
def server(start: Start) -> Iterator[RunningServer]:
    with start() as server:
        yield server


def is_refused(server: RunningServer) -> bool:
    try:
        connect(server.url).close()
    except ConnectionError:
        return True
    return False


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_an_idle_server_ends_at_once_with_0(server: RunningServer, number: signal.Signals):
    assert server.stop(number, seconds=5) == 0
    assert "lifespan shutdown" in server.output
    assert "Traceback" not in server.output


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_request_that_runs_is_finished_and_says_that_it_is_the_last(
    server: RunningServer, number: signal.Signals
):
    with connect(server.url) as busy, connect(server.url) as idle:
        idle.send(request("GET", "/"))
        idle.read_response()
        busy.send(request("POST", "/upload/last", [("content-length", "2")]) + b"a")
        server.wait_line("upload last began")
        server.process.send_signal(number)
        assert idle.read_to_end() == b""
        assert is_refused(server)
        assert "lifespan shutdown" not in server.output
        busy.send(b"b")
        response = busy.read_response("POST")
        assert (response.body, response.values(b"connection")) == (b"2", [b"close"])
        assert busy.read_to_end() == b""
        assert server.wait_exit() == 0
    assert "lifespan shutdown" in server.output


def test_a_response_that_has_begun_is_finished(server: RunningServer):
    with connect(server.url) as client:
        client.send(request("POST", "/echo", [("content-length", "10")]) + b"hello")
        assert client.read_until(b"hello").startswith(b"HTTP/1.1 200 ")
        server.process.terminate()
        client.send(b"world")
        assert b"world" in client.read_to_end()
    assert server.wait_exit() == 0


def test_pipelined_requests_behind_the_one_that_runs_are_not_begun(server: RunningServer):
    with connect(server.url) as client:
        client.send(request("POST", "/upload/pipeline", [("content-length", "2")]) + b"a")
        server.wait_line("upload pipeline began")
        server.process.terminate()
        server.wait_line("drain")
        client.send(b"b" + request("GET", "/fail/pipelined"))
        assert client.read_response("POST").values(b"connection") == [b"close"]
        assert client.read_to_end() == b""
    assert server.wait_exit() == 0
    assert "as asked for pipelined" not in server.output


def test_a_websocket_is_closed_with_1012(server: RunningServer):
    with connect(server.url) as client:
        websocket = RawWebSocket(client)
        websocket.handshake("/echo/drained")
        websocket.send_frame(TEXT, b"hello")
        websocket.read_frame()
        server.process.terminate()
        assert websocket.read_close().close_code == 1012
        websocket.send_close(1012)
        assert client.read_to_end() == b""
        assert server.wait_exit() == 0
    assert "websocket drained closed with 1012" in server.output


def test_a_request_without_end_is_refused_when_the_time_is_over(start: Start):
    with start("--drain-seconds", "0.5") as server:
        with connect(server.url) as client:
            client.send(request("GET", "/hold/for-ever"))
            server.wait_line("holding for-ever")
            assert server.stop(seconds=5) == 0
            response = client.read_response()
            assert (response.status, response.values(b"connection")) == (503, [b"close"])
            assert client.read_to_end() == b""
        assert "lifespan shutdown" in server.output


def test_a_response_without_end_is_cut_off_when_the_time_is_over(start: Start):
    with start("--drain-seconds", "0.5") as server:
        with connect(server.url) as client:
            client.send(request("GET", "/half/for-ever"))
            client.read_until(b"first ")
            assert server.stop(seconds=5) == 0
            assert not client.read_to_end().endswith(b"0\r\n\r\n")
        assert "lifespan shutdown" in server.output


def test_an_application_that_ignores_the_end_of_its_websocket_is_cut_off(start: Start):
    with start("--drain-seconds", "0.5") as server:
        with connect(server.url) as client:
            RawWebSocket(client).handshake("/ignore-end/socket")
            server.wait_line("ignoring socket")
            assert server.stop(seconds=8) == 0
        assert "lifespan shutdown" in server.output


@pytest.mark.parametrize("first", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("second", [signal.SIGTERM, signal.SIGINT])
def test_a_second_signal_does_not_wait(server: RunningServer, first: signal.Signals, second: signal.Signals):
    with connect(server.url) as client:
        client.send(request("GET", "/hold/for-ever"))
        server.wait_line("holding for-ever")
        server.process.send_signal(first)
        server.wait_line("drain")
        server.process.send_signal(second)
        assert server.wait_exit(5) == 0
    assert "lifespan shutdown" in server.output


def test_a_client_that_reads_slowly_gets_all_of_its_response(server: RunningServer):
    with connect(server.url, receive_buffer=4096) as client:
        client.send(request("GET", "/endless/8-slow"))
        server.wait_line("slow waits after")
        server.process.terminate()
        server.wait_line("drain")
        assert len(client.read_response().body) == 8 * 1024 * 1024
    assert server.wait_exit() == 0


def test_drain_seconds_of_zero_gives_up_at_once(start: Start):
    with start("--drain-seconds", "0") as server, connect(server.url) as client:
        client.send(request("GET", "/hold/for-ever"))
        server.wait_line("holding for-ever")
        assert server.stop(seconds=5) == 0
