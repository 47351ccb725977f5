"""HTTP/2 through every door: requests side by side, bodies both ways, files and extensions, with h2 as the
judge of every frame.
"""

import hashlib
import json
import subprocess
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import pytest
from tests.end_to_end.conftest import Start
from tests.end_to_end.doors import Door
from tests.support.certificates import Certificates
from tests.support.http2_client import Http2Client
from tests.support.raw_client import connect
from tests.support.server import RunningServer

MIB = 1024 * 1024
Connect = Callable[..., AbstractContextManager[Http2Client]]


@pytest.fixture
def opened(door: Door, certificates: Certificates) -> Connect:
    """Opens a connection: by ALPN on TLS, by prior knowledge elsewhere."""
    tls = None if door.tls is None else certificates.context()
    if tls is not None:
        tls.set_alpn_protocols(["h2"])

    @contextmanager
    def opener(**options: Any) -> Iterator[Http2Client]:
        with connect(door.url, tls) as client:
            yield Http2Client(client, **options)

    return opener


def test_a_hundred_requests_side_by_side(opened: Connect):
    with opened() as client:
        streams = [client.ask("GET", f"/number/{number}") for number in range(100)]
        answers = [client.answer(stream_id).body for stream_id in streams]
    assert answers == [b"%d" % number for number in range(100)]


def test_a_connection_serves_one_request_after_the_other(opened: Connect):
    with opened() as client:
        for number in range(300):
            assert client.get(f"/number/{number}").body == b"%d" % number


def test_a_request_does_not_wait_for_another(opened: Connect):
    with opened() as client:
        held = client.ask("GET", "/hold/http2")
        assert client.get("/number/7").body == b"7"
        assert client.get("/release/http2").body == b"released"
        assert client.answer(held).body == b"held http2"


def test_a_large_upload_arrives_byte_for_byte(opened: Connect, large_file: Path):
    content = large_file.read_bytes()
    with opened() as client:
        answer = client.answer(client.ask("POST", "/digest", body=content))
    assert json.loads(answer.body) == {
        "size": len(content),
        "digest": hashlib.sha256(content).hexdigest(),
    }


def test_a_body_is_echoed_while_it_comes(opened: Connect):
    with opened() as client:
        stream_id = client.ask("POST", "/echo", end=False)
        for part in (b"one", b"two"):
            client.send(stream_id, part)
            while not client.answers[stream_id].body.endswith(part):
                client.receive()
        client.send(stream_id, b"", end=True)
        assert client.answer(stream_id).body == b"onetwo"


@pytest.mark.parametrize("path", ["/download", "/pathsend", "/zerocopysend"])
def test_a_file_arrives_byte_for_byte(opened: Connect, large_file: Path, path: str):
    with opened() as client:
        streams = [client.ask("GET", path) for _ in range(2)]
        for stream_id in streams:
            assert client.answer(stream_id).body == large_file.read_bytes()


def test_a_stretch_of_a_file_arrives_byte_for_byte(opened: Connect, large_file: Path):
    with opened() as client:
        body = client.get("/zerocopysend/65537-200000").body
    assert body == large_file.read_bytes()[65537:265537]


def test_early_hints_come_before_their_response(opened: Connect):
    with opened() as client:
        stream_id = client.ask("GET", "/hints/http2")
        while not client.answers[stream_id].informational:
            client.receive()
        client.get("/release/http2")
        answer = client.answer(stream_id)
    assert answer.informational == [(103, [(b"link", b"</style.css>; rel=preload")])]
    assert (answer.status, answer.body) == (200, b"hinted")


def test_trailers_go_both_ways(opened: Connect):
    with opened() as client:
        stream_id = client.ask("POST", "/trailers", [("te", "trailers")], body=b"body", end=False)
        client.judge.send_headers(stream_id, [("x-sum", "1")], end_stream=True)
        client.flush()
        answer = client.answer(stream_id)
    assert answer.body == b"body"
    assert answer.trailers == [(b"digest", hashlib.sha256(b"body").hexdigest().encode()), (b"x-sum", b"1")]


def test_promised_responses_come_unasked(opened: Connect):
    with opened(pushes=True) as client:
        answer = client.get("/pushes")
        bodies = [client.answer(stream_id).body for stream_id in answer.promised]
    assert (answer.body, bodies) == (b"pushed", [b"1", b"2"])


def test_a_client_that_takes_no_promises_gets_none(opened: Connect):
    with opened() as client:
        answer = client.get("/pushes")
    assert (answer.body, answer.promised) == (b"pushed", [])


def test_a_failure_behind_the_head_resets_its_stream_alone(opened: Connect, door: Door):
    with opened() as client:
        assert client.get("/fail/http2").status == 500
        assert client.get("/number/1").body == b"1"


def test_a_reset_is_told_to_its_application(opened: Connect, door: Door):
    with opened() as client:
        stream_id = client.ask("POST", "/upload/reset", end=False)
        client.send(stream_id, b"begun")
        door.server.wait_line("upload reset began")
        client.reset(stream_id)
        door.server.wait_line("upload reset was cut")
        assert client.get("/number/1").body == b"1"


@pytest.fixture
def server(start: Start) -> Iterator[RunningServer]:
    with start() as running:
        yield running


def test_a_drain_finishes_what_runs(server: RunningServer):
    """With curl, since h2 takes no frame behind a GOAWAY."""
    words = [
        "curl",
        "--silent",
        "--http2-prior-knowledge",
        "--upload-file",
        "-",
        f"{server.url}/upload/drain",
    ]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as curl:
        assert curl.stdin is not None
        assert curl.stdout is not None
        curl.stdin.write(b"a")
        curl.stdin.flush()
        server.wait_line("upload drain began")
        server.process.terminate()
        server.wait_line("draining")
        curl.stdin.write(b"b")
        curl.stdin.close()
        assert curl.stdout.read() == b"2"
    assert (curl.returncode, server.wait_exit()) == (0, 0)


def test_the_access_log_has_a_line_for_each_request(server: RunningServer):
    with connect(server.url) as raw:
        client = Http2Client(raw)
        for stream_id in [client.ask("GET", f"/number/{number}") for number in (1, 2)]:
            client.answer(stream_id)
        for number in (1, 2):
            server.wait_line(rf'"GET /number/{number} HTTP/2" 200 1 B')


@pytest.mark.parametrize(("http", "alpn"), [("1", "http/1.1"), ("2", "h2")])
def test_one_version_alone_may_be_served(
    start: Start, tls_options: Any, certificates: Certificates, http: str, alpn: str
):
    context = certificates.context()
    context.set_alpn_protocols(["h2", "http/1.1"])
    with start(*tls_options, "--http", http) as running, connect(running.url, context) as client:
        assert client.socket.selected_alpn_protocol() == alpn  # type: ignore[attr-defined]
