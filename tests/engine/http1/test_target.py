"""The forms of a request target (RFC 9112 section 3.2), paths decoded as ASGI wants them, and hosts."""

import pytest
from tests.engine.http1.wire import assert_refused, every_way, hear, request

from penstock.base.errors import RemoteProtocolError
from penstock.engine.target import check_host, decode_path, parse_target


def split(target: bytes, is_options: bool = False) -> tuple[bytes, str, bytes, bytes]:
    read = parse_target(target, 0, len(target), is_options)
    return read.raw_path, read.path, read.query_string, read.authority


@pytest.mark.parametrize(
    ("target", "path", "query"),
    [
        (b"/", b"/", b""),
        (b"/?", b"/", b""),
        (b"/a?b?c", b"/a", b"b?c"),
        (b"//a//b", b"//a//b", b""),
        (b"/a/../b/.", b"/a/../b/.", b""),
        (b"/a;b=c,d:@!$&'()*+", b"/a;b=c,d:@!$&'()*+", b""),
        (b'/|{}^`<>"\\[]', b'/|{}^`<>"\\[]', b""),
        (b"/?q=100%&r=%zz", b"/", b"q=100%&r=%zz"),
        (b"/http://b/", b"/http://b/", b""),
    ],
)
def test_the_origin_form_is_a_path_and_a_query(target: bytes, path: bytes, query: bytes) -> None:
    """What browsers leave unescaped has one reading only; the query is the application's to decode."""
    assert split(target) == (path, path.decode(), query, b"")


@pytest.mark.parametrize(
    ("raw", "path"),
    [
        (b"/%41%6a%6A", "/Ajj"),
        (b"/%2525", "/%25"),
        (b"/a%2Fb", "/a/b"),
        (b"/%3f", "/?"),
        (b"/+", "/+"),
        (b"/%C3%BC", "/ü"),
        (b"/%F0%9F%9A%B0", "/\U0001f6b0"),
        (b"/%0d%0a", "/\r\n"),
    ],
)
def test_a_path_is_decoded_once_asgi_033(raw: bytes, path: str) -> None:
    assert decode_path(raw) == path
    assert split(raw) == (raw, path, b"", b"")


@every_way
@pytest.mark.parametrize(
    "target",
    [
        *(b"/%", b"/%4", b"/%4?a=1", b"/%zz", b"/%+1", b"/% 1", b"/%u00fc", b"/%%41"),
        *(b"/%00", b"/a%00b", b"/%ff", b"/%C3", b"/%C0%80", b"/%ED%A0%80"),
    ],
)
def test_a_path_that_cannot_be_decoded_is_refused(target: bytes, way: str) -> None:
    """Escapes that are none, NUL, and what is not UTF-8: overlong forms and surrogates among it."""
    assert_refused(hear(request(target=target), way), 400)


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        (b"http://a.example/b?c", (b"/b", "/b", b"c", b"a.example")),
        (b"HTTPS://a.example:444/", (b"/", "/", b"", b"a.example:444")),
        (b"http://a.example", (b"/", "/", b"", b"a.example")),
        (b"http://a.example?c", (b"/", "/", b"c", b"a.example")),
        (b"http://[::1]:80/%41", (b"/%41", "/A", b"", b"[::1]:80")),
        (b"http://a.example//b", (b"//b", "//b", b"", b"a.example")),
    ],
)
def test_the_absolute_form_is_a_path_a_query_and_an_authority(target: bytes, expected: object) -> None:
    assert split(target) == expected


@every_way
def test_the_host_of_an_absolute_target_replaces_the_host_field(way: str) -> None:
    """RFC 9112 section 3.2.2."""
    heard = hear(b"GET http://a.example/b HTTP/1.1\r\nX-A: 1\r\nHost: other.example\r\n\r\n", way)

    assert heard.head.raw_path == b"/b"
    assert heard.head.fields == [(b"host", b"a.example"), (b"x-a", b"1")]


def test_an_absolute_target_needs_a_host_field_all_the_same() -> None:
    assert_refused(hear(b"GET http://a.example/ HTTP/1.1\r\n\r\n"), 400)


@pytest.mark.parametrize(
    "target",
    [
        *(b"ftp://a.example/", b"ws://a.example/", b"file:///etc", b"javascript:alert(1)", b"urn:a:b"),
        *(
            b"http:/a",
            b"http:",
            b"http://",
            b"http:///b",
            b"http://user@a.example/",
            b"http://u:p@a.example/",
        ),
        *(
            b"http://a b/",
            b"http://a.example:99999/",
            b"http://a.example:x/",
            b"http://[::1/",
            b"http://[zz]/",
        ),
        *(b"a.example:80", b"a.example", b"a/b", b"?a", b"*a", b"**", b"://a/", b"1http://a/", b"\\"),
    ],
)
def test_another_form_of_target_is_refused(target: bytes) -> None:
    assert_refused(hear(request(target=target)), 400)


def test_the_asterisk_form_is_for_options() -> None:
    """RFC 9112 section 3.2.4."""
    assert split(b"*", is_options=True) == (b"*", "*", b"", b"")
    assert hear(request(method=b"OPTIONS", target=b"*")).head.path == "*"


def test_the_asterisk_form_is_for_nothing_else() -> None:
    assert_refused(hear(request(target=b"*")), 400)


def test_options_of_a_whole_server_in_absolute_form_is_the_asterisk_form() -> None:
    assert split(b"http://a.example", is_options=True) == (b"*", "*", b"", b"a.example")
    assert split(b"http://a.example/", is_options=True) == (b"/", "/", b"", b"a.example")


@pytest.mark.parametrize(
    "host",
    [
        *(b"a", b"a.example", b"a.example:80", b"a.example:", b"a.example:65535", b"A-b_c~1", b"1.2.3.4"),
        *(
            b"[::1]",
            b"[::1]:80",
            b"[2001:db8::1.2.3.4]",
            b"[v1.a:b]",
            b"a%20b",
            b"(a)",
            b"xn--bcher-kva.example",
        ),
    ],
)
def test_a_host_is_a_name_or_an_address_with_a_port(host: bytes) -> None:
    """RFC 3986 section 3.2.2."""
    check_host(host)
    assert hear(b"GET / HTTP/1.1\r\nHost: " + host + b"\r\n\r\n").head.fields == [(b"host", host)]


@every_way
@pytest.mark.parametrize(
    "host",
    [
        *(b"", b":80", b"a b", b"a/b", b"a\\b", b"a@b", b"a?b", b"a#b", b"<a>", b'"a"', b"a|b", b"a^b"),
        *(b"a:80:80", b"a:b", b"a:-1", b"a:65536", b"a:000000", b"a%", b"a%2", b"a%zz", b"\xc3\xbc", b"a\tb"),
        *(b"[", b"]", b"[]", b"[::1", b"::1", b"[::1]a", b"[1.2.3.4]", b"[g::]", b"[::1%25eth0]", b"[v.a]"),
    ],
)
def test_a_malformed_host_is_refused(host: bytes, way: str) -> None:
    assert_refused(hear(b"GET / HTTP/1.1\r\nHost: " + host + b"\r\n\r\n", way), 400)


def test_a_second_request_is_held_to_its_host_as_the_first() -> None:
    heard = hear(request())
    heard.connection.send_response(200, [], False)
    heard.connection.send_data(b"", True)
    heard.connection.data_to_send()

    heard = hear(b"GET / HTTP/1.1\r\nHost: a b\r\n\r\n", hearer=heard.connection)

    assert_refused(heard, 400)


@pytest.mark.parametrize("target", [b"*", b"http://a b/", b"/%"])
def test_a_bad_target_is_a_remote_protocol_error_with_a_status(target: bytes) -> None:
    with pytest.raises(RemoteProtocolError) as caught:
        parse_target(target, 0, len(target), False)

    assert caught.value.status == 400
