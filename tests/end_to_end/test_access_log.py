"""The access log as a process writes it: a line for each response, when it is complete."""

import json
import re

from tests.end_to_end.conftest import Start
from tests.support.raw_client import connect, request
from tests.support.raw_websocket import RawWebSocket

LINE = re.compile(r'127\.0\.0\.1:\d+ "GET /number/7\?q=1 HTTP/1\.1" 200 1 B \d+(\.\d+)? ms$')


def test_a_line_tells_client_request_status_bytes_and_duration(start: Start):
    with start() as server:
        with connect(server.url) as client:
            client.send(request("GET", "/number/7?q=1"))
            client.read_response()
        assert LINE.search(server.wait_line("/number/7"))


def test_what_is_no_request_has_a_line_too(start: Start):
    with start() as server:
        with connect(server.url) as client:
            client.send(b"\x16\x03\x01 to the wrong port\r\n\r\n")
            assert client.read_response().status == 400
        assert re.search(r'127\.0\.0\.1:\d+ "- - HTTP/-" 400 \d\d B 0\.00 ms$', server.wait_line("HTTP/-"))


def test_the_line_is_written_when_the_response_is_complete(start: Start):
    with (
        start() as server,
        connect(server.url) as client,
        connect(server.url) as other,
    ):
        client.send(request("GET", "/half/way"))
        client.read_until(b"first")
        other.send(request("GET", "/number/1"))
        other.read_response()
        server.wait_line("/number/1")
        assert "/half/way" not in server.output
        other.send(request("GET", "/release/way"))
        server.wait_line('"GET /half/way HTTP/1.1" 200 12 B')


def test_a_json_line_is_an_object(start: Start):
    with start("--access-log-format", "json") as server:
        with connect(server.url) as client:
            client.send(request("GET", "/fail/logged?a=%20b", [("user-agent", 'quo"ted')]))
            client.read_response()
        line = json.loads(server.wait_line('"/fail/logged"'))
    assert (line["method"], line["path"], line["query"]) == ("GET", "/fail/logged", "a=%20b")
    assert (line["status"], line["http_version"], line["user_agent"]) == (500, "1.1", 'quo"ted')
    assert line["duration_ms"] >= 0


def test_atoms_make_up_a_format(start: Start):
    options = ("--access-log-format", "%(m)s %(U)s %(s)s %({x-id}i)s.")
    with start(*options) as server:
        with connect(server.url) as client:
            client.send(request("GET", "/number/7", [("x-id", "42")]))
            client.read_response()
        assert server.wait_line("^GET /number/7") == "GET /number/7 200 42.\n"


def test_a_client_cannot_forge_a_line(start: Start):
    options = ("--access-log-format", "%(U)s %(q)s %({x-id}i)s.")
    with start(*options) as server:
        with connect(server.url) as client:
            client.send(request("GET", "/number/8?%0aforged", [("x-id", '\xe9 "\\')]))
            client.read_response()
        line = server.wait_line("/number/8")
    assert line == "/number/8 %0aforged \\xe9 \\x22\\x5c.\n"


def test_a_websocket_is_a_line_when_it_is_closed(start: Start):
    with start() as server:
        with connect(server.url) as client:
            websocket = RawWebSocket(client)
            websocket.handshake("/echo/logged")
            assert '"GET /echo/logged' not in server.output
            websocket.send_close(1000)
            websocket.read_close()
        server.wait_line('"GET /echo/logged HTTP/1.1" 101 ')


def test_the_log_can_be_turned_off(start: Start):
    with start("--no-access-log") as server:
        with connect(server.url) as client:
            client.send(request("GET", "/number/7"))
            client.read_response()
        server.stop()
        assert "/number/7" not in server.output


def test_the_log_is_complete_when_the_server_has_ended(start: Start):
    with start() as server:
        with connect(server.url) as client:
            client.send(b"".join(request("GET", f"/number/{number}") for number in range(500)))
            for _ in range(500):
                client.read_response()
        server.stop()
        assert len(re.findall(r'"GET /number/\d+ HTTP', server.output)) == 500
