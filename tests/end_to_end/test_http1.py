"""HTTP/1.1 through every door: connections that are kept, pipelines, bodies both ways, with raw bytes,
httpx and curl.
"""

import hashlib
import json
import re
from pathlib import Path

import pytest
from tests.end_to_end.doors import Door
from tests.support.raw_client import chunked, request

MIB = 1024 * 1024
DATE = re.compile(rb"[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT")


def test_a_connection_serves_one_request_after_the_other(door: Door):
    with door.raw() as client:
        for number in range(5):
            client.send(request("GET", f"/number/{number}"))
            assert client.read_response().body == b"%d" % number


def test_a_request_that_asks_for_it_is_the_last_of_its_connection(door: Door):
    with door.raw() as client:
        client.send(request("GET", "/", [("connection", "close")]) + request("GET", "/"))
        response = client.read_response()
        assert (response.body, response.values(b"connection")) == (b"hello", [b"close"])
        assert client.read_to_end() == b""


def test_a_hundred_requests_in_one_write_are_answered_in_order(door: Door):
    with door.raw() as client:
        client.send(b"".join(request("GET", f"/number/{number}") for number in range(100)))
        answers = [client.read_response().body for _ in range(100)]
    assert answers == [b"%d" % number for number in range(100)]


def test_pipelined_requests_with_bodies_are_told_apart(door: Door):
    with door.raw() as client:
        client.send(
            request("POST", "/echo", body=b"GET /smuggled HTTP/1.1\r\n\r\n")
            + request("POST", "/echo", [("transfer-encoding", "chunked")])
            + chunked(b"5\r\nab", b"c")
            + request("GET", "/number/7")
        )
        answers = [client.read_response(method).body for method in ("POST", "POST", "GET")]
    assert answers == [b"GET /smuggled HTTP/1.1\r\n\r\n", b"5\r\nabc", b"7"]


def test_a_request_that_comes_byte_by_byte_is_served(door: Door):
    with door.raw() as client:
        for byte in request("POST", "/echo", [("transfer-encoding", "chunked")]) + chunked(b"hello"):
            client.send(bytes([byte]))
        assert client.read_response("POST").body == b"hello"


def test_http_1_0_is_closed_behind_the_response(door: Door):
    with door.raw() as client:
        client.send(b"GET /echo HTTP/1.0\r\n\r\n")
        data = client.read_to_end()
    head, _, body = data.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 ")
    assert b"transfer-encoding" not in head.lower()
    assert body == b""


def test_http_1_0_is_kept_open_when_it_asks_for_that(door: Door):
    with door.raw() as client:
        for number in range(2):
            client.send(b"GET /number/%d HTTP/1.0\r\nConnection: keep-alive\r\n\r\n" % number)
            response = client.read_response()
            assert response.body == b"%d" % number
            assert [value.lower() for value in response.values(b"connection")] == [b"keep-alive"]


def test_a_response_has_a_date_and_a_server(tcp_door: Door):
    with tcp_door.raw() as client:
        client.send(request("GET", "/"))
        response = client.read_response()
    (date,) = response.values(b"date")
    assert DATE.fullmatch(date)
    assert len(response.values(b"server")) == 1
    assert response.reason == b"OK"


def test_head_has_the_fields_of_get_and_no_body(door: Door):
    with door.raw() as client:
        client.send(request("HEAD", "/") + request("GET", "/"))
        head, get = client.read_response("HEAD"), client.read_response()
    assert (head.body, get.body) == (b"", b"hello")
    assert head.values(b"content-length") == get.values(b"content-length") == [b"5"]


@pytest.mark.parametrize(
    "options", [(), ("--header", "Transfer-Encoding: chunked")], ids=["length", "chunked"]
)
def test_curl_uploads_10_mib_behind_a_100_continue(door: Door, large_file: Path, options: tuple[str, ...]):
    done = door.curl(
        "/digest",
        "--verbose",
        "--http1.1",
        "--header",
        "Expect: 100-continue",
        "--expect100-timeout",
        "9",
        "--data-binary",
        f"@{large_file}",
        *options,
    )
    assert b"< HTTP/1.1 100 Continue" in done.stderr
    assert json.loads(done.stdout) == digest_of(large_file)


def test_curl_downloads_10_mib(door: Door, large_file: Path):
    assert door.curl("/download").stdout == large_file.read_bytes()


@pytest.mark.parametrize("pieces", [1, 1000], ids=["with a length", "chunked"])
def test_httpx_uploads_10_mib(door: Door, large_file: Path, pieces: int):
    data = large_file.read_bytes()
    step = len(data) // pieces + 1
    parts = [data[start : start + step] for start in range(0, len(data), step)]
    with door.httpx() as client:
        answer = client.post("/digest", content=data if pieces == 1 else iter(parts))
    assert answer.json() == digest_of(large_file)


def test_httpx_downloads_10_mib(door: Door, large_file: Path):
    with door.httpx() as client, client.stream("GET", "/download") as answer:
        received = hashlib.sha256()
        for part in answer.iter_raw():
            received.update(part)
    assert received.hexdigest() == digest_of(large_file)["digest"]


def test_an_early_hint_arrives_before_the_response(door: Door):
    with door.raw() as client, door.httpx() as other:
        client.send(request("GET", f"/hints/{door.url}"))
        hint = client.read_until(b"\r\n\r\n")
        other.get(f"/release/{door.url}")
        assert hint.startswith(b"HTTP/1.1 103 Early Hints\r\n")
        assert b"link: </style.css>; rel=preload\r\n" in hint.lower()
        assert client.read_response().body == b"hinted"


def test_trailers_travel_both_ways(door: Door):
    with door.raw() as client:
        client.send(request("POST", "/trailers", [("transfer-encoding", "chunked"), ("te", "trailers")]))
        client.send(chunked(b"hello ", b"world", trailers=b"X-Mine: 1\r\n"))
        response = client.read_response("POST")
    assert response.body == b"hello world"
    assert response.trailers == [
        (b"digest", hashlib.sha256(b"hello world").hexdigest().encode()),
        (b"x-mine", b"1"),
    ]


def test_an_error_is_a_500_and_the_server_goes_on(door: Door):
    with door.raw() as client:
        client.send(request("GET", "/fail/once"))
        assert client.read_response().status == 500
    with door.raw() as client:
        client.send(request("GET", "/"))
        assert client.read_response().body == b"hello"


def digest_of(file: Path) -> dict[str, int | str]:
    data = file.read_bytes()
    return {"size": len(data), "digest": hashlib.sha256(data).hexdigest()}
