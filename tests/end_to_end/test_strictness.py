"""Bytes that two readers could read in two ways are refused, with a status, `connection: close` and the end.

The rows are those of the parser matrix that today's servers were measured by, sent through a socket. A
second request stands behind each: it must never be answered.
"""

import pytest
from tests.end_to_end.doors import Door
from tests.support.raw_client import chunked, request

SECOND = b"GET /second HTTP/1.1\r\nhost: localhost\r\n\r\n"
GET = b"GET /number/1 HTTP/1.1\r\n"
POST = b"POST /digest HTTP/1.1\r\nhost: localhost\r\n"
CHUNKED = POST + b"transfer-encoding: chunked\r\n\r\n"

REFUSED = {
    "length and chunked": (POST + b"content-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n", 400),
    "two lengths": (POST + b"content-length: 5\r\ncontent-length: 6\r\n\r\nhello", 400),
    "the same length twice": (POST + b"content-length: 5\r\ncontent-length: 5\r\n\r\nhello", 400),
    "a list of lengths": (POST + b"content-length: 5, 5\r\n\r\nhello", 400),
    "a signed length": (POST + b"content-length: +5\r\n\r\nhello", 400),
    "a length that is none": (POST + b"content-length: 5a\r\n\r\nhello", 400),
    "an unknown coding": (POST + b"transfer-encoding: xchunked\r\n\r\n0\r\n\r\n", 501),
    "a coding behind chunked": (POST + b"transfer-encoding: chunked, identity\r\n\r\n0\r\n\r\n", 400),
    "chunked twice": (
        POST + b"transfer-encoding: chunked\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
        400,
    ),
    "chunked in HTTP/1.0": (
        b"POST /digest HTTP/1.0\r\nhost: localhost\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
        400,
    ),
    "a space before the colon": (GET + b"host: localhost\r\nx : 1\r\n\r\n", 400),
    "a bad name": (GET + b"host: localhost\r\nx(y): 1\r\n\r\n", 400),
    "an empty name": (GET + b"host: localhost\r\n: 1\r\n\r\n", 400),
    "a NUL": (GET + b"host: localhost\r\nx: \x00\r\n\r\n", 400),
    "a bare CR": (GET + b"host: localhost\r\nx: a\rb: c\r\n\r\n", 400),
    "a bare LF": (GET + b"host: localhost\nx: a\r\n\r\n", 400),
    "a folded line": (GET + b"host: localhost\r\nx: a\r\n b\r\n\r\n", 400),
    "a chunk size with 0x": (CHUNKED + b"0x5\r\nhello\r\n0\r\n\r\n", 400),
    "a chunk line with LF": (CHUNKED + b"5\nhello\r\n0\r\n\r\n", 400),
    "junk behind a chunk": (CHUNKED + b"5\r\nhelloX\r\n0\r\n\r\n", 400),
    "a chunk size beyond all bounds": (CHUNKED + b"f" * 17 + b"\r\nhello", 413),
    "a trailer that frames": (CHUNKED + b"0\r\ncontent-length: 5\r\n\r\n", 400),
    "no host": (GET + b"\r\n", 400),
    "two hosts": (GET + b"host: a\r\nhost: a\r\n\r\n", 400),
    "a host with a path": (GET + b"host: a/b\r\n\r\n", 400),
    "a host with a user": (GET + b"host: a@b\r\n\r\n", 400),
    "HTTP/1.2": (b"GET / HTTP/1.2\r\nhost: a\r\n\r\n", 505),
    "HTTP/3.0": (b"GET / HTTP/3.0\r\nhost: a\r\n\r\n", 505),
    "http in lower case": (b"GET / http/1.1\r\nhost: a\r\n\r\n", 400),
    "raw UTF-8 in the target": ("GET /é HTTP/1.1\r\nhost: a\r\n\r\n".encode(), 400),
    "a fragment": (b"GET /a#b HTTP/1.1\r\nhost: a\r\n\r\n", 400),
    "an asterisk for GET": (b"GET * HTTP/1.1\r\nhost: a\r\n\r\n", 400),
    "two spaces": (b"GET  / HTTP/1.1\r\nhost: a\r\n\r\n", 400),
    "no version": (b"GET /\r\nhost: a\r\n\r\n", 400),
    "a PROXY line": (b"PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\n" + GET + b"host: a\r\n\r\n", 400),
    "200 fields": (GET + b"host: a\r\n" + b"x: 1\r\n" * 200 + b"\r\n", 431),
    "2000 fields": (GET + b"host: a\r\n" + b"x: 1\r\n" * 2000 + b"\r\n", 431),
    "a field of 200 KB": (GET + b"host: a\r\nx: " + b"a" * 200_000 + b"\r\n\r\n", 431),
    "an unknown expectation": (POST + b"expect: tea\r\ncontent-length: 5\r\n\r\nhello", 417),
}


@pytest.mark.parametrize("row", REFUSED)
def test_it_is_refused_once_and_closed(tcp_door: Door, row: str):
    sent, status = REFUSED[row]
    with tcp_door.raw() as client:
        client.send(sent + SECOND)
        response = client.read_response("POST")
        assert (response.status, response.values(b"connection")) == (status, [b"close"])
        assert client.read_to_end() == b""


def test_connect_is_refused(tcp_door: Door):
    with tcp_door.raw() as client:
        client.send(b"CONNECT localhost:80 HTTP/1.1\r\nhost: localhost:80\r\n\r\n")
        assert client.read_until(b"\r\n").split()[1] in {b"400", b"501"}
        assert b"connection: close" in client.read_to_end().lower()


ACCEPTED = {
    "an empty line before it": b"\r\n" + request("GET", "/number/1"),
    "an absolute target": request("GET", "http://localhost/number/1"),
    "an unknown method": request("BREW", "/number/1"),
    "spaces around a value": GET + b"host: localhost\r\nx: \t a \t\r\n\r\n",
    "an empty value": GET + b"host: localhost\r\nx:\r\n\r\n",
    "an IPv6 host": GET + b"host: [::1]:80\r\n\r\n",
    "a chunk extension": request("POST", "/number/1", [("transfer-encoding", "chunked")])
    + b"1;a=b\r\nx\r\n0\r\n\r\n",
    "a chunked body": request("POST", "/number/1", [("transfer-encoding", "Chunked")]) + chunked(b"x"),
    "100 fields": GET + b"host: localhost\r\n" + b"x: 1\r\n" * 99 + b"\r\n",
}


@pytest.mark.parametrize("row", ACCEPTED)
def test_it_is_served_and_the_connection_is_kept(tcp_door: Door, row: str):
    with tcp_door.raw() as client:
        client.send(ACCEPTED[row] + request("GET", "/number/2"))
        assert [client.read_response().body for _ in range(2)] == [b"1", b"2"]
