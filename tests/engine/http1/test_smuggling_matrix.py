"""The cases in which servers of today differ, and which a strict server refuses (RFC 9112 section 11.2)."""

import pytest
from tests.engine.http1.wire import assert_refused, every_way, hear, request

H = b"Host: example.com\r\n"
CHUNKED = b"Transfer-Encoding: chunked\r\n"

REFUSED = {
    "a length beside a coding": (
        b"POST / HTTP/1.1\r\n" + H + b"Content-Length: 5\r\n" + CHUNKED + b"\r\n",
        400,
    ),
    "a coding beside a length": (b"POST / HTTP/1.1\r\n" + H + CHUNKED + b"Content-Length: 5\r\n\r\n", 400),
    "two different lengths": (request(b"Content-Length: 5", b"Content-Length: 6"), 400),
    "two equal lengths": (request(b"Content-Length: 5", b"Content-Length: 5"), 400),
    "a list of equal lengths": (request(b"Content-Length: 5, 5"), 400),
    "a signed length": (request(b"Content-Length: +5"), 400),
    "a negative length": (request(b"Content-Length: -5"), 400),
    "a hexadecimal length": (request(b"Content-Length: 0x5"), 400),
    "a length with an underscore": (request(b"Content-Length: 1_0"), 400),
    "a fraction of a length": (request(b"Content-Length: 5.0"), 400),
    "an empty length": (request(b"Content-Length:"), 400),
    "a length with a space in it": (request(b"Content-Length: 1 0"), 400),
    "a length in other digits": (request("Content-Length: \u0665".encode()), 400),
    "a length of 19 digits": (request(b"Content-Length: 1000000000000000000"), 400),
    "an unknown coding": (request(b"Transfer-Encoding: xchunked"), 501),
    "an unknown coding before chunked": (request(b"Transfer-Encoding: gzip, chunked"), 501),
    "identity": (request(b"Transfer-Encoding: identity"), 501),
    "a coding with a parameter": (request(b"Transfer-Encoding: chunked;q=1"), 501),
    "a quoted coding": (request(b'Transfer-Encoding: "chunked"'), 501),
    "chunked that is not the last": (request(b"Transfer-Encoding: chunked, identity"), 400),
    "chunked twice in a list": (request(b"Transfer-Encoding: chunked, chunked"), 400),
    "chunked twice in two fields": (
        request(b"Transfer-Encoding: chunked", b"Transfer-Encoding: chunked"),
        400,
    ),
    "chunked behind an empty member": (request(b"Transfer-Encoding: , chunked"), 400),
    "an empty coding": (request(b"Transfer-Encoding:"), 400),
    "a coding in HTTP/1.0": (b"POST / HTTP/1.0\r\n" + H + CHUNKED + b"\r\n", 400),
    "a space before the colon": (request(b"X-A : b"), 400),
    "a tab before the colon": (request(b"X-A\t: b"), 400),
    "a space before the colon of a length": (request(b"Content-Length : 5"), 400),
    "a coding with a space before the colon": (request(b"Transfer-Encoding : chunked"), 400),
    "an empty field name": (request(b": b"), 400),
    "a field name with a slash": (request(b"X/A: b"), 400),
    "a field name with a space in it": (request(b"X A: b"), 400),
    "a field name that is not ASCII": (request("Ünicode: b".encode()), 400),
    "a field line without a colon": (request(b"X-A"), 400),
    "a NUL in a value": (request(b"X-A: b\0c"), 400),
    "a NUL in a name": (request(b"X\0A: b"), 400),
    "an escape character in a value": (request(b"X-A: \x1b[31m"), 400),
    "a DEL in a value": (request(b"X-A: b\x7f"), 400),
    "a bare CR in a value": (request(b"X-A: b\rc: d"), 400),
    "a CR at the end of a value": (b"GET / HTTP/1.1\r\n" + H + b"X-A: b\r\r\n\r\n", 400),
    "a bare CR instead of a line's end": (b"GET / HTTP/1.1\r" + H + b"\r\n", 400),
    "a folded field": (request(b"X-A: b", b" c"), 400),
    "a field folded with a tab": (request(b"X-A: b", b"\tc"), 400),
    "a folded first field": (b"GET / HTTP/1.1\r\n " + H + b"\r\n", 400),
    "a bare LF behind a field": (b"GET / HTTP/1.1\r\nHost: a\nX-A: b\r\n\r\n", 400),
    "a head with bare LFs alone": (b"GET / HTTP/1.1\nHost: a\n\n", 400),
    "a bare LF behind the request line": (b"GET / HTTP/1.1\n" + H + b"\r\n", 400),
    "no Host": (b"GET / HTTP/1.1\r\n\r\n", 400),
    "two different Hosts": (request(b"Host: b"), 400),
    "two equal Hosts": (request(b"Host: example.com"), 400),
    "HTTP/1.2": (b"GET / HTTP/1.2\r\n" + H + b"\r\n", 505),
    "HTTP/0.9 with a version": (b"GET / HTTP/0.9\r\n" + H + b"\r\n", 505),
    "HTTP/2.0": (b"GET / HTTP/2.0\r\n" + H + b"\r\n", 505),
    "HTTP/3.0": (b"GET / HTTP/3.0\r\n" + H + b"\r\n", 505),
    "HTTP/0.9": (b"GET /\r\n", 400),
    "a version of two digits": (b"GET / HTTP/1.10\r\n" + H + b"\r\n", 400),
    "a version without a dot": (b"GET / HTTP/2\r\n" + H + b"\r\n", 400),
    "a version in lower case": (b"GET / http/1.1\r\n" + H + b"\r\n", 400),
    "another protocol": (b"GET / HTCPCP/1.1\r\n" + H + b"\r\n", 400),
    "something behind the version": (b"GET / HTTP/1.1 \r\n" + H + b"\r\n", 400),
    "two spaces before the target": (b"GET  / HTTP/1.1\r\n" + H + b"\r\n", 400),
    "two spaces before the version": (b"GET /  HTTP/1.1\r\n" + H + b"\r\n", 400),
    "a tab instead of a space": (b"GET\t/ HTTP/1.1\r\n" + H + b"\r\n", 400),
    "a space before the method": (b" GET / HTTP/1.1\r\n" + H + b"\r\n", 400),
    "a method that is no token": (b"G@T / HTTP/1.1\r\n" + H + b"\r\n", 400),
    "a method of 33 octets": (b"G" * 33 + b" / HTTP/1.1\r\n" + H + b"\r\n", 501),
    "two empty lines before the request": (b"\r\n\r\nGET / HTTP/1.1\r\n" + H + b"\r\n", 400),
    "a bare LF before the request": (b"\nGET / HTTP/1.1\r\n" + H + b"\r\n", 400),
    "raw UTF-8 in the target": (request(target="/ü".encode()), 400),
    "a control character in the target": (request(target=b"/\x01"), 400),
    "a fragment in the target": (request(target=b"/a#b"), 400),
    "a PROXY line without the option": (b"PROXY TCP4 127.0.0.1 127.0.0.1 1 2\r\n" + request(), 400),
    "a TLS handshake": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400),
    "another expectation": (request(b"Expect: 200-maybe"), 417),
    "two expectations": (request(b"Expect: 100-continue, 200-maybe"), 417),
}

CHUNKS_REFUSED = {
    "a chunk size in C notation": b"0x5\r\nhello\r\n",
    "a chunk size with a sign": b"+5\r\nhello\r\n",
    "a chunk size with an underscore": b"0_5\r\nhello\r\n",
    "a chunk size behind a space": b" 5\r\nhello\r\n",
    "a chunk size before a space": b"5 \r\nhello\r\n",
    "a chunk size before a tab": b"5\t\r\nhello\r\n",
    "an empty chunk size": b"\r\nhello\r\n",
    "an extension without a size": b";a=b\r\nhello\r\n",
    "a chunk size of 17 digits": b"00000000000000005\r\nhello\r\n",
    "a chunk size with junk behind it": b"5z\r\nhello\r\n",
    "a chunk line that ends in LF": b"5\nhello\r\n",
    "a chunk line that ends in CR": b"5\rhello\r\n",
    "a chunk that ends in LF": b"5\r\nhello\n0\r\n",
    "a chunk that ends in CR": b"5\r\nhello\r0\r\n",
    "a chunk longer than its size": b"5\r\nhello!\r\n",
    "a chunk without an end": b"5\r\nhello5\r\n",
    "a last chunk that ends in LF": b"0\n",
    "an empty extension": b"5;\r\nhello\r\n",
    "an extension without a value": b"5;a=\r\nhello\r\n",
    "an extension with a space": b"5; a=b\r\nhello\r\n",
    "an extension with an open quote": b'5;a="b\r\nhello\r\n',
    "an extension that is no token": b"5;a@b\r\nhello\r\n",
    "an extension with a NUL": b"5;a=\0\r\nhello\r\n",
    "an extension with a bare LF": b"5;a=b\nhello\r\n",
    "a folded trailer": b"0\r\nX-A: b\r\n c\r\n\r\n",
    "a trailer with a space before its colon": b"0\r\nX-A : b\r\n\r\n",
    "a trailer with a bare LF": b"0\r\nX-A: b\n\r\n",
    "a trailer with a NUL": b"0\r\nX-A: \0\r\n\r\n",
}


@every_way
@pytest.mark.parametrize("case", REFUSED)
def test_a_head_that_can_be_read_in_two_ways_is_refused(case: str, way: str) -> None:
    data, status = REFUSED[case]

    heard = hear(data, way)

    assert heard.names == ["PeerFault"]
    assert_refused(heard, status)


@every_way
@pytest.mark.parametrize("case", CHUNKS_REFUSED)
def test_a_chunked_body_that_can_be_read_in_two_ways_is_refused(case: str, way: str) -> None:
    """RFC 9112 section 7.1."""
    data = request(b"Transfer-Encoding: chunked", method=b"POST", body=CHUNKS_REFUSED[case])

    heard = hear(data, way)

    assert heard.names[0] == "RequestHead"
    assert "RequestEnd" not in heard.names
    assert_refused(heard, 400)


@pytest.mark.parametrize(
    "beginning",
    [
        b"GET / HTTP/1.1\n",
        b"GET / HTTP/1.1\rH",
        b"\n",
        b"\r\r",
        b"GET / HTTP/1.1\r\nHost: a\n",
        b"\x16",
        b"GET /\0",
    ],
)
def test_a_fault_is_refused_when_it_is_seen_and_not_when_the_head_ends(beginning: bytes) -> None:
    heard = hear(beginning)

    assert_refused(heard, 400)
