"""The environ that an application gets (PEP 3333); wsgi-bridges 5.1 where a docstring says so."""

import io
from typing import Any

import pytest
from tests.adapters.wsgi_to_asgi.asgi_side import ask, http_scope, upload_scope

from penstock.adapters import WsgiSettings, WsgiToAsgi


async def environ_of(body: bytes = b"", **changes: Any) -> dict[str, Any]:
    seen: dict[str, Any] = {}

    def app(environ, start_response):
        seen.update(environ)
        start_response("200 OK", [])
        return []

    await ask(WsgiToAsgi(app), http_scope(**changes), body)
    return seen


async def test_a_request_has_the_keys_of_cgi():
    headers = [(b"host", b"example.org"), (b"user-agent", b"test"), (b"content-type", b"text/plain")]
    environ = await environ_of(path="/a/b", query_string=b"x=1&y=%C3", headers=headers)
    expected = {
        "REQUEST_METHOD": "GET",
        "SCRIPT_NAME": "",
        "PATH_INFO": "/a/b",
        "QUERY_STRING": "x=1&y=%C3",
        "SERVER_NAME": "192.0.2.1",
        "SERVER_PORT": "8080",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": "example.org",
        "HTTP_USER_AGENT": "test",
        "CONTENT_TYPE": "text/plain",
    }
    assert {key: environ.get(key) for key in expected} == expected
    assert "CONTENT_LENGTH" not in environ
    assert "HTTP_CONTENT_TYPE" not in environ


async def test_a_request_has_the_keys_of_wsgi():
    environ = await environ_of(scheme="https")
    assert environ["wsgi.version"] == (1, 0)
    assert environ["wsgi.url_scheme"] == "https"
    assert (environ["wsgi.multithread"], environ["wsgi.run_once"]) == (True, False)
    assert environ["wsgi.input_terminated"] is True
    assert environ["wsgi.input"].read() == b""
    assert callable(environ["wsgi.file_wrapper"])


async def test_the_scope_and_the_address_of_the_client_are_there():
    """wsgi-bridges: REMOTE_PORT, asgi.scope."""
    environ = await environ_of(path="/x")
    assert (environ["REMOTE_ADDR"], environ["REMOTE_PORT"]) == ("192.0.2.7", "54321")
    assert environ["asgi.scope"]["path"] == "/x"


async def test_a_scope_and_what_is_in_it_may_be_of_subclasses():
    class OwnDict(dict[str, Any]):
        pass

    class OwnList(list[Any]):
        pass

    class OwnText(str):
        pass

    class OwnBytes(bytes):
        pass

    def own(value):
        if isinstance(value, dict):
            return OwnDict({key: own(inner) for key, inner in value.items()})
        if isinstance(value, list | tuple):
            return OwnList(map(own, value))
        return {str: OwnText, bytes: OwnBytes}.get(type(value), lambda same: same)(value)

    seen: list[dict[str, Any]] = []

    def app(environ, start_response):
        seen.append(environ)
        mine, length = (OwnText("X-Mine"), OwnText("y")), (OwnText("Content-Length"), OwnText("0"))
        start_response(OwnText("200 OK"), [mine, length])
        return OwnList([OwnBytes(b"")])

    for root_path in ("/a", ""):
        scope = http_scope(path="/a/b", raw_path=b"/a/b", root_path=root_path, headers=[(b"x-mine", b"y")])
        for each in (scope, own(scope)):
            response = await ask(WsgiToAsgi(app), each)
            assert response.status == 200
            assert seen[-1].pop("asgi.scope") is each
        plain, owned = ({key: value for key, value in each.items() if key.isupper()} for each in seen[-2:])
        assert plain == owned
        assert {type(value) for value in owned.values()} == {str}


async def test_each_request_has_an_environ_of_its_own():
    seen = []

    def app(environ, start_response):
        seen.append(environ.setdefault("mine", len(seen)))
        start_response("200 OK", [])
        return []

    adapter = WsgiToAsgi(app)
    await ask(adapter)
    await ask(adapter)
    assert seen == [0, 1]


@pytest.mark.parametrize("server", [None, ("/run/socket", None)])
async def test_a_server_without_a_port_has_the_usual_one(server):
    """wsgi-bridges: server None / unix."""
    environ = await environ_of(server=server, client=None, scheme="https")
    assert (environ["SERVER_NAME"], environ["SERVER_PORT"]) == ("localhost", "443")
    assert environ["REMOTE_ADDR"] == ""
    assert "REMOTE_PORT" not in environ


async def test_a_scope_may_lack_whatever_has_a_default():
    scope = http_scope()
    for name in ("scheme", "root_path", "client", "server", "raw_path", "extensions", "http_version"):
        del scope[name]
    answered = []

    def app(environ, start_response):
        answered.append((environ["wsgi.url_scheme"], environ["SERVER_PROTOCOL"]))
        start_response("200 OK", [])
        return []

    await ask(WsgiToAsgi(app), scope)
    assert answered == [("http", "HTTP/1.1")]


@pytest.mark.parametrize(
    ("root_path", "path", "script_name", "path_info"),
    [
        ("", "/apple", "", "/apple"),
        ("/ap", "/ap/ple", "/ap", "/ple"),
        ("/ap", "/apple", "/ap", "/apple"),
        ("/ap", "/ap", "/ap", ""),
        ("/ap/", "/ap/", "/ap", "/"),
        ("ap", "/ap/ple", "/ap", "/ple"),
        ("/", "/apple", "", "/apple"),
        ("/über", "/über/x", "/Ã¼ber", "/x"),
    ],
)
async def test_the_root_path_is_taken_off_where_a_segment_ends(root_path, path, script_name, path_info):
    """wsgi-bridges: root_path prefix check. A path without it comes from a proxy that has taken it off."""
    environ = await environ_of(root_path=root_path, path=path)
    assert (environ["SCRIPT_NAME"], environ["PATH_INFO"]) == (script_name, path_info)


@pytest.mark.parametrize(
    ("root_path", "path", "raw_path", "path_info"),
    [
        ("", "/caf\u00e9", b"/caf%C3%A9", "/caf\xc3\xa9"),
        ("", "/caf\ufffd", b"/caf%E9", "/caf\xe9"),
        ("", "/\ufffd", b"/%EF%BF%BD", "/\xef\xbf\xbd"),
        ("", "/caf\ufffd", None, "/caf\xef\xbf\xbd"),
        ("", "/rewritten\ufffd", b"/caf%E9", "/rewritten\xef\xbf\xbd"),
        ("/ü", "/ü/caf\ufffd", b"/caf%E9", "/caf\xe9"),
        ("/ü", "/ü/caf\ufffd", b"/%C3%BC/caf%E9", "/caf\xe9"),
    ],
)
async def test_the_path_is_the_bytes_of_the_request(root_path, path, raw_path, path_info):
    """wsgi-bridges: PATH_INFO. What is no UTF-8 is taken from raw_path, if that is still the same path."""
    environ = await environ_of(root_path=root_path, path=path, raw_path=raw_path)
    assert environ["PATH_INFO"] == path_info


async def test_a_query_string_may_have_any_bytes():
    """wsgi-bridges: QUERY_STRING non-ASCII byte."""
    assert (await environ_of(query_string=b"q=\xe9\xff"))["QUERY_STRING"] == "q=\xe9\xff"


async def test_a_field_may_have_any_bytes():
    assert (await environ_of(headers=[(b"x-name", b"\xc3\xa9")]))["HTTP_X_NAME"] == "\xc3\xa9"


async def test_crumbs_of_cookies_are_joined_by_semicolons():
    """wsgi-bridges: HTTP/2 cookie crumbs."""
    headers = [(b"cookie", b"a=1"), (b"cookie", b"b=2"), (b"cookie", b"c=3")]
    assert (await environ_of(headers=headers))["HTTP_COOKIE"] == "a=1; b=2; c=3"


async def test_other_fields_are_joined_by_commas():
    headers = [(b"x-forwarded-for", b"192.0.2.1"), (b"accept", b"*/*"), (b"x-forwarded-for", b"192.0.2.2")]
    assert (await environ_of(headers=headers))["HTTP_X_FORWARDED_FOR"] == "192.0.2.1,192.0.2.2"


async def test_a_second_content_type_does_not_count():
    headers = [(b"content-type", b"text/plain"), (b"content-type", b"text/html")]
    assert (await environ_of(headers=headers))["CONTENT_TYPE"] == "text/plain"


@pytest.mark.parametrize("first", [True, False])
async def test_a_name_with_an_underscore_is_dropped(first: bool):
    """wsgi-bridges: `x_a` underscore header."""
    headers = [(b"x-user", b"proxy"), (b"x_user", b"client")]
    environ = await environ_of(headers=headers if first else headers[::-1])
    assert environ["HTTP_X_USER"] == "proxy"


async def test_too_many_fields_are_answered_with_431():
    """wsgi-bridges: duplicate header DoS."""
    app = WsgiToAsgi(lambda environ, start_response: [], WsgiSettings(max_fields=3))
    client = await ask(app, http_scope(headers=[(b"x", b"1")] * 4))
    assert client.status == 431
    assert client.body == b"4 fields came; expected no more than 3"


async def test_a_field_that_is_repeated_very_often_is_joined_once():
    environ = await environ_of(headers=[(b"x", b"1")] * 1000)
    assert environ["HTTP_X"].count("1") == 1000


async def test_names_may_have_capitals():
    """Servers should give small letters (ASGI HTTP 2.5), and not all do."""
    headers = [(b"Content-Type", b"text/plain"), (b"X-Name", b"1"), (b"Host", b"a")]
    environ = await environ_of(headers=headers)
    assert (environ["CONTENT_TYPE"], environ["HTTP_X_NAME"], environ["HTTP_HOST"]) == ("text/plain", "1", "a")


async def test_headers_may_be_any_iterable_of_pairs():
    assert (await environ_of(headers=iter([[b"x-a", b"1"]])))["HTTP_X_A"] == "1"


@pytest.mark.parametrize("version", ["1.0", "1.1", "2"])
async def test_the_protocol_is_that_of_the_request(version: str):
    assert (await environ_of(http_version=version))["SERVER_PROTOCOL"] == f"HTTP/{version}"


async def test_the_transfer_coding_is_gone_with_its_field():
    """Bottle would look for chunks in a body from which the server has taken them off."""
    environ = await environ_of(b"all", **upload_scope())
    assert "HTTP_TRANSFER_ENCODING" not in environ


async def test_the_length_of_a_chunked_body_that_is_here_is_told():
    environ = await environ_of(b"all", **upload_scope())
    assert (environ["CONTENT_LENGTH"], environ["wsgi.input"].read()) == ("3", b"all")


async def test_what_is_written_into_the_input_of_one_request_is_not_in_the_next():
    def app(environ, start_response):
        assert isinstance(environ["wsgi.input"], io.BytesIO)
        seen.append(environ["wsgi.input"].read())
        environ["wsgi.input"].write(b"mine")
        start_response("200 OK", [])
        return []

    seen: list[bytes] = []
    adapter = WsgiToAsgi(app)
    await ask(adapter)
    await ask(adapter)
    assert seen == [b"", b""]
