"""What an application is told about a request that came through a WSGI server."""

from typing import Any

import pytest
from tests.adapters.asgi_to_wsgi.apps import hello, respond
from tests.adapters.asgi_to_wsgi.conftest import Adapt
from tests.adapters.asgi_to_wsgi.wsgi_server import ask


@pytest.fixture
def scope_of(adapt: Adapt) -> Any:
    seen: list[dict[str, Any]] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen.append(scope)
        await respond(send)

    adapter = adapt(app)

    def find(**keys: Any) -> dict[str, Any]:
        ask(adapter, strict=False, **keys)
        return seen.pop()

    return find


def test_a_plain_request_has_every_key_of_the_specification(scope_of: Any):
    scope = scope_of(method="GET", path="/a", QUERY_STRING="b=%20c", HTTP_HOST="x", REMOTE_PORT="1234")
    assert scope == {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.5"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": "/a",
        "raw_path": b"/a",
        "query_string": b"b=%20c",
        "root_path": "",
        "headers": [(b"host", b"x")],
        "client": ("127.0.0.1", 1234),
        "server": ("testserver", 80),
        "extensions": {},
    }


def test_the_path_contains_the_root_path(scope_of: Any):
    scope = scope_of(SCRIPT_NAME="/mounted", path="/a")
    assert (scope["root_path"], scope["path"], scope["raw_path"]) == ("/mounted", "/mounted/a", b"/mounted/a")


def test_a_path_of_utf_8_is_decoded(scope_of: Any):
    scope = scope_of(path="/café".encode().decode("latin-1"))
    assert (scope["path"], scope["raw_path"]) == ("/café", b"/caf%C3%A9")


def test_a_path_that_is_not_utf_8_is_told_by_its_bytes(scope_of: Any):
    scope = scope_of(path="/caf\xe9")
    assert (scope["path"], scope["raw_path"]) == ("/caf\ufffd", b"/caf%E9")


@pytest.mark.parametrize("key", ["REQUEST_URI", "RAW_URI"])
@pytest.mark.parametrize("target", ["/a%2Fb%7E?c", "http://host/a%2Fb%7E?c", "/a%2Fb%7E"])
def test_the_raw_path_is_the_one_that_the_client_sent(scope_of: Any, key: str, target: str):
    assert scope_of(path="/a/b~", **{key: target})["raw_path"] == b"/a%2Fb%7E"


@pytest.mark.parametrize("target", ["/other", "*", "", "http://host", "/%"])
def test_a_target_that_is_not_this_path_is_not_believed(scope_of: Any, target: str):
    assert scope_of(path="/a b", REQUEST_URI=target)["raw_path"] == b"/a%20b"


@pytest.mark.parametrize(
    ("protocol", "version"),
    [("HTTP/1.0", "1.0"), ("HTTP/1.1", "1.1"), ("HTTP/2.0", "2"), ("HTTP/2", "2"), ("INCLUDED", "1.1")],
)
def test_the_version_is_as_asgi_writes_it(scope_of: Any, protocol: str, version: str):
    assert scope_of(SERVER_PROTOCOL=protocol)["http_version"] == version


def test_the_length_and_the_type_of_the_body_are_headers(scope_of: Any):
    scope = scope_of(method="POST", body=b"abc", CONTENT_TYPE="text/plain")
    assert sorted(scope["headers"]) == [(b"content-length", b"3"), (b"content-type", b"text/plain")]


def test_empty_lengths_and_types_are_no_headers(scope_of: Any):
    assert scope_of(CONTENT_LENGTH="", CONTENT_TYPE="")["headers"] == []


def test_a_length_under_a_name_with_underscores_is_dropped(scope_of: Any):
    assert scope_of(HTTP_CONTENT_LENGTH="5", HTTP_CONTENT_TYPE="x")["headers"] == []


def test_header_values_keep_their_bytes(scope_of: Any):
    assert scope_of(HTTP_X_NAME="caf\xe9")["headers"] == [(b"x-name", b"caf\xe9")]


def test_the_scheme_is_that_of_the_server(scope_of: Any):
    assert scope_of(**{"wsgi.url_scheme": "https"})["scheme"] == "https"


def test_a_client_without_a_port_has_the_port_0(scope_of: Any):
    assert scope_of()["client"] == ("127.0.0.1", 0)


def test_behind_a_unix_socket_there_is_no_client(scope_of: Any):
    scope = scope_of(REMOTE_ADDR="", SERVER_NAME="/run/socket", SERVER_PORT="")
    assert (scope["client"], scope["server"]) == (None, ("/run/socket", None))


def test_each_request_has_a_scope_of_its_own(scope_of: Any):
    first, second = scope_of(), scope_of()
    first["asgi"]["version"] = first["extensions"]["x"] = "changed"
    assert (second["asgi"]["version"], second["extensions"]) == ("3.0", {})


def test_a_websocket_is_refused_with_501_in_words(adapt: Adapt):
    answer = ask(adapt(hello), HTTP_UPGRADE="WebSocket", HTTP_CONNECTION="Upgrade")
    assert answer.status == "501 Not Implemented"
    assert b"WebSocket" in answer.body
    assert answer.values("content-length") == [str(len(answer.body))]
