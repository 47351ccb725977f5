"""What a WSGI server gives in a wrong type or form raises at the call, says what was expected and what came,
and reaches no application: the server answers with its 500.
"""

import io
import threading
from collections.abc import Iterator
from http.client import HTTPConnection
from typing import Any
from wsgiref.simple_server import make_server

import pytest
from tests.adapters.asgi_to_wsgi.apps import hello, read_body, respond
from tests.adapters.asgi_to_wsgi.conftest import Adapt
from tests.adapters.asgi_to_wsgi.wsgi_server import ask

from penstock.base.errors import LocalProtocolError


class Text(io.StringIO):
    """An input that was opened as text."""


BAD: dict[str, tuple[dict[str, Any], str]] = {
    "a bytes path": ({"PATH_INFO": b"/a"}, r"has bytes b'/a' as PATH_INFO; expected a str"),
    "a bytes root": ({"SCRIPT_NAME": b"/a"}, r"has bytes b'/a' as SCRIPT_NAME; expected a str"),
    "an int as path": ({"PATH_INFO": 1}, r"has int 1 as PATH_INFO; expected a str"),
    "a path that was decoded": (
        {"PATH_INFO": "/€"},
        r"has str '/€' as PATH_INFO; expected bytes as characters",
    ),
    "a bytes query": ({"QUERY_STRING": b"a=b"}, r"has bytes b'a=b' as QUERY_STRING; expected a str"),
    "a query that was decoded": ({"QUERY_STRING": "€"}, r"as QUERY_STRING; expected bytes as characters"),
    "an int header": ({"HTTP_X_COUNT": 1}, r"has int 1 as HTTP_X_COUNT; expected a str"),
    "a bytes header": ({"HTTP_X_NAME": b"a"}, r"has bytes b'a' as HTTP_X_NAME; expected a str"),
    "a list of headers": ({"HTTP_COOKIE": ["a"]}, r"has list \['a'\] as HTTP_COOKIE; expected a str"),
    "a bytes type of the body": ({"CONTENT_TYPE": b"text/plain"}, r"as CONTENT_TYPE; expected a str"),
    "a bytes method": ({"REQUEST_METHOD": b"GET"}, r"has bytes b'GET' as REQUEST_METHOD; expected a str"),
    "a bytes scheme": ({"wsgi.url_scheme": b"http"}, r"as wsgi.url_scheme; expected a str"),
    "a bytes client": ({"REMOTE_ADDR": b"::1"}, r"has bytes b'::1' as REMOTE_ADDR; expected a str"),
    "a bytes server": ({"SERVER_NAME": b"x"}, r"has bytes b'x' as SERVER_NAME; expected a str"),
    "a bytes target": ({"RAW_URI": b"/"}, r"has bytes b'/' as RAW_URI; expected a str"),
    "a bytes protocol": (
        {"SERVER_PROTOCOL": b"HTTP/1.1"},
        r"has bytes b'HTTP/1.1' as SERVER_PROTOCOL; expected a str",
    ),
    "a bytes length": (
        {"CONTENT_LENGTH": b"3"},
        r"has bytes b'3' as CONTENT_LENGTH; expected a str or a number",
    ),
    "a length that was decoded": (
        {"CONTENT_LENGTH": "€"},
        r"as CONTENT_LENGTH; expected bytes as characters",
    ),
    "a float as length": (
        {"CONTENT_LENGTH": 3.0},
        r"has float 3.0 as CONTENT_LENGTH; expected a str or a number",
    ),
    "a truth as length": (
        {"CONTENT_LENGTH": True},
        r"has bool True as CONTENT_LENGTH; expected a str or a number",
    ),
    "no method": ({"REQUEST_METHOD": None}, r"has no REQUEST_METHOD; expected one"),
    "no input": ({"wsgi.input": None, "CONTENT_LENGTH": "1"}, r"has no wsgi.input; expected one"),
    "bytes as input": (
        {"wsgi.input": b"body", "CONTENT_LENGTH": "4"},
        r"has bytes b'body' as wsgi.input; expected an object with `read`",
    ),
    "a very long header": ({"HTTP_X": b"a" * 100_000}, r"has bytes b'a{58}\.\.\. as HTTP_X; expected a str"),
}


@pytest.mark.parametrize(("keys", "words"), BAD.values(), ids=BAD)
def test_a_wrong_environ_is_raised_to_the_server_with_what_was_expected(
    adapt: Adapt, keys: dict[str, Any], words: str
):
    calls: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        calls.append(scope)

    adapter = adapt(app)
    with pytest.raises(LocalProtocolError, match=f"the environ of the WSGI server .*{words}"):
        ask(adapter, strict=False, **keys)
    assert calls == []


def test_an_input_of_text_is_raised_to_the_server_and_the_application_is_told(adapt: Adapt):
    seen: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen.append(await receive())

    adapter = adapt(app)
    with pytest.raises(LocalProtocolError, match=r"wsgi.input of the WSGI server gave str; expected bytes"):
        ask(adapter, strict=False, body=Text("text"), CONTENT_LENGTH="4")
    adapter.close()
    assert seen == [{"type": "http.disconnect"}]


@pytest.fixture
def address(adapt: Adapt) -> Iterator[Any]:
    """A real server, of Python's own, before which somebody has spoilt the environ."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await respond(send, await read_body(receive))

    adapter = adapt(app)

    def spoilt(environ: Any, start_response: Any) -> Any:
        if environ["PATH_INFO"] == "/spoilt":
            environ["PATH_INFO"] = b"/spoilt"
        return adapter(environ, start_response)

    with make_server("127.0.0.1", 0, spoilt) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server.server_address
        finally:
            server.shutdown()
            thread.join()


def test_the_client_gets_a_500_and_the_next_one_its_answer(address: Any, capfd: pytest.CaptureFixture[str]):
    for path, status in (("/spoilt", 500), ("/", 200)):
        connection = HTTPConnection(*address, timeout=20)
        connection.request("GET", path)
        assert connection.getresponse().status == status
        connection.close()
    assert "has bytes b'/spoilt' as PATH_INFO; expected a str" in capfd.readouterr().err


def test_what_is_no_text_but_is_not_looked_at_does_no_harm(adapt: Adapt):
    """Servers and middleware put all kinds of things into an environ."""
    keys = {"SERVER_PORT": 80, "REMOTE_PORT": 1234, "CONTENT_LENGTH": 0, "middleware.thing": object()}
    assert ask(adapt(hello), strict=False, **keys).body == b"hello"
