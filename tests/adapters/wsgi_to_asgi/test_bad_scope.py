"""What an ASGI server gives in a wrong type: it gets an error back that names the key, says what came and
what was expected, and the application is not called.
"""

import threading
from collections.abc import Callable
from contextvars import Context
from typing import Any

import pytest
from tests.adapters.wsgi_to_asgi.asgi_side import Client, DirectlyAsked, http_scope, upload_scope
from tests.adapters.wsgi_to_asgi.thread_log import heard
from tests.support.wired import Server, get, until

from penstock import LocalProtocolError
from penstock.adapters import WsgiToAsgi
from penstock.base.direct import DirectApp, DirectRequest

SECONDS = 10
END = {"type": "http.request", "body": b"", "more_body": False}
ADDRESS = r"expected a pair of a str and an int"
SCOPES: list[tuple[str, Any, str]] = [
    ("path", b"/x", r"bytes b'/x' as path; expected str"),
    ("path", None, r"NoneType None as path; expected str"),
    ("path", "/\ud800", r"str '/\\ud800' as path; expected text that was decoded from UTF-8"),
    ("raw_path", "/x", r"str '/x' as raw_path; expected bytes or None"),
    ("root_path", b"/x", r"bytes b'/x' as root_path; expected str"),
    ("root_path", None, r"NoneType None as root_path; expected str"),
    ("root_path", "/\ud800", r"as root_path; expected text"),
    ("method", b"GET", r"bytes b'GET' as method; expected str"),
    ("method", None, r"NoneType None as method; expected str"),
    ("scheme", b"http", r"bytes b'http' as scheme; expected str"),
    ("scheme", None, r"NoneType None as scheme; expected str"),
    ("http_version", 1.1, r"float 1.1 as http_version; expected str"),
    ("http_version", b"1.1", r"bytes b'1.1' as http_version; expected str"),
    ("http_version", None, r"NoneType None as http_version; expected str"),
    ("query_string", "a=b", r"str 'a=b' as query_string; expected bytes"),
    ("query_string", None, r"NoneType None as query_string; expected bytes"),
    ("headers", None, r"NoneType None as headers; expected an iterable of pairs of bytes"),
    ("headers", 5, r"int 5 as headers; expected an iterable"),
    ("headers", "host", r"str 'h' among the headers; expected a pair of bytes"),
    ("headers", {b"ab": b"c"}, r"bytes b'ab' among the headers; expected a pair"),
    ("headers", [None], r"NoneType None among the headers; expected a pair"),
    ("headers", [(b"a", b"b", b"c")], r"tuple \(b'a', b'b', b'c'\) among the headers; expected a pair"),
    ("headers", [(b"a",)], r"tuple \(b'a',\) among the headers"),
    ("headers", [("a", b"b")], r"str 'a' as the name of a header; expected bytes"),
    ("headers", [(7, b"b")], r"int 7 as the name of a header; expected bytes"),
    ("headers", [(None, b"b")], r"NoneType None as the name of a header"),
    ("headers", [(b"a", "b")], r"str 'b' as the value of the header b'a'; expected bytes"),
    ("headers", [(b"content-length", 7)], r"int 7 as the value of the header b'content-length'"),
    ("headers", [(b"a", None)], r"NoneType None as the value of the header b'a'"),
    ("headers", [(b"a_b", "dropped")], r"str 'dropped' as the value of the header b'a_b'"),
    ("client", "127.0.0.1", rf"str '127.0.0.1' as client; {ADDRESS}, or None"),
    ("client", ("::1",), rf"tuple \('::1',\) as client; {ADDRESS}"),
    ("client", (b"::1", 1), rf"tuple \(b'::1', 1\) as client; {ADDRESS}"),
    ("client", ("::1", "1"), rf"tuple \('::1', '1'\) as client; {ADDRESS}"),
    ("client", ("::1", True), rf"tuple \('::1', True\) as client; {ADDRESS}"),
    ("server", ("::1", False), rf"tuple \('::1', False\) as server; {ADDRESS}"),
    ("client", 5, rf"int 5 as client; {ADDRESS}"),
    ("server", "localhost", rf"str 'localhost' as server; {ADDRESS}, which is None for a Unix socket"),
    ("server", (None, 80), rf"tuple \(None, 80\) as server; {ADDRESS}"),
    ("server", ("a", "80"), rf"tuple \('a', '80'\) as server; {ADDRESS}"),
    ("server", {"host": "a"}, rf"dict .* as server; {ADDRESS}"),
    ("extensions", "tls", r"str 'tls' as extensions; expected a dict or None"),
    ("extensions", ["tls"], r"list \['tls'\] as extensions; expected a dict or None"),
    ("extensions", 5, r"int 5 as extensions; expected a dict or None"),
]
MESSAGES: list[tuple[Any, str]] = [
    ({"type": "http.request", "body": None}, r"an http.request with NoneType None as body; expected bytes"),
    ({"type": "http.request", "body": "text"}, r"an http.request with str 'text' as body; expected bytes"),
    ({"type": "http.request", "body": 5}, r"int 5 as body; expected bytes"),
    ({"type": "http.request", "more_body": "no"}, r"str 'no' as more_body; expected bool"),
    ({"type": "http.response.start"}, r"type str 'http.response.start'; expected http.request or http.disc"),
    ({"type": None}, r"type NoneType None; expected http.request"),
    ({"body": b"x"}, r"dict \{'body': b'x'\}; expected a type in it"),
    ({}, r"dict \{\}; expected a type in it"),
    (None, r"NoneType None; expected a dict"),
    (b"body", r"bytes b'body'; expected a dict"),
    ([], r"list \[\]; expected a dict"),
]


class Messages(Client):
    """A server whose `receive` returns these, and has no more."""

    def __init__(self, app: Any, *messages: Any, **changes: Any) -> None:
        super().__init__(WsgiToAsgi(app), upload_scope(**changes))
        self._left = list(messages)

    async def receive(self) -> Any:
        return self._left.pop(0)

    async def run(self) -> None:
        await self.app(self.scope, self.receive, self.send)


def never(environ: Any, start_response: Any) -> Any:
    start_response("200 OK", [])
    return [b"the application was called"]


async def failure_of(scope: Any) -> LocalProtocolError:
    """What a server gets that calls with this scope, in either way of asking."""
    client = Client(WsgiToAsgi(never), scope)
    client.give(b"")
    with pytest.raises(LocalProtocolError) as caught:
        if Client.directly:
            await DirectlyAsked(client).run()
        else:
            await client.app(scope, client.receive, client.send)
    assert client.sent == []
    return caught.value


@pytest.mark.parametrize(("key", "value", "text"), SCOPES)
async def test_a_wrong_type_in_the_scope_is_an_error_for_the_server(key: str, value: Any, text: str):
    with pytest.raises(LocalProtocolError, match=f"^the scope of the ASGI server .*{text}"):
        raise await failure_of(http_scope(**{key: value}))


@pytest.mark.parametrize("key", ["method", "path", "query_string", "headers"])
async def test_what_a_scope_must_have_is_missed_by_name(key: str):
    scope = http_scope()
    del scope[key]
    with pytest.raises(LocalProtocolError, match=f"has no {key}; expected one"):
        raise await failure_of(scope)


@pytest.mark.parametrize(
    ("scope", "text"), [({}, "has no type; expected one"), (None, "is NoneType None; exp")]
)
async def test_what_is_no_scope_at_all_is_told(scope: Any, text: str):
    client = Client(WsgiToAsgi(never))
    with pytest.raises(LocalProtocolError, match=f"the scope of the ASGI server {text}"):
        await client.app(scope, client.receive, client.send)


async def test_fields_that_can_be_read_once_only_are_told_by_what_reading_them_has_raised():
    fields = iter([("host", b"testserver")])
    with pytest.raises(LocalProtocolError, match=r"cannot be read: (AttributeError|TypeError)\("):
        raise await failure_of(http_scope(headers=fields))


async def test_a_long_value_is_shown_by_its_beginning():
    assert len(str(await failure_of(http_scope(path=b"x" * 100000)))) < 200


@pytest.mark.parametrize(("message", "text"), MESSAGES)
async def test_a_wrong_first_message_is_an_error_for_the_server(message: Any, text: str):
    client = Messages(never, message)
    with pytest.raises(LocalProtocolError, match=rf"^the ASGI server's `receive` returned .*{text}"):
        await client.run()
    assert client.sent == []


@pytest.mark.parametrize(("message", "text"), MESSAGES)
async def test_a_wrong_message_inside_a_body_is_an_oserror_for_its_reader_and_logged(message: Any, text: str):
    def app(environ, start_response):
        try:
            environ["wsgi.input"].read()
        except OSError as error:
            start_response("200 OK", [])
            return [str(error).encode()]

    client = Messages(app, {"type": "http.request", "body": b"begun", "more_body": True}, message)
    with heard() as log:
        await client.run()
        logged = await log.wait("POST /: the server's `receive` failed")
    assert b"the server does not give the rest of the body: LocalProtocolError(" in client.body
    with pytest.raises(LocalProtocolError, match=text):
        raise LocalProtocolError(logged)


async def test_an_oserror_of_receive_is_the_departure_of_the_client_and_not_logged():
    class Cut(Messages):
        async def receive(self) -> Any:
            message = await super().receive()
            if message is None:
                raise ConnectionResetError("gone")
            return message

    def app(environ, start_response):
        environ["wsgi.input"].read()

    client = Cut(app, {"type": "http.request", "more_body": True}, None)
    with heard() as log:
        await client.run()
    assert (client.sent, log.messages) == ([], [])


EVENTS: list[tuple[str, list[Any], str]] = [
    ("lifespan", [None], r"NoneType None; expected lifespan.startup"),
    ("lifespan", [{"type": "http.request"}], r"type str 'http.request'; expected lifespan.startup"),
    ("lifespan", [{}], r"type NoneType None; expected lifespan.startup"),
    ("lifespan", [{"type": "lifespan.startup"}] * 2, r"'lifespan.startup'; expected lifespan.shutdown"),
    ("websocket", [b"connect"], r"bytes b'connect'; expected websocket.connect or websocket.disconnect"),
    ("websocket", [{"type": "websocket.receive"}], r"'websocket.receive'; expected websocket.connect"),
]


@pytest.mark.parametrize(("kind", "messages", "text"), EVENTS)
async def test_a_wrong_message_of_another_kind_is_an_error_for_the_server(
    kind: str, messages: list[Any], text: str
):
    client = Messages(never, *messages, type=kind)
    with pytest.raises(LocalProtocolError, match=rf"^the ASGI server's `receive` returned .*{text}"):
        await client.run()


class Held:
    """An application that streams its second part when it may."""

    def __init__(self) -> None:
        self.may_go_on = threading.Event()

    def __call__(self, environ: Any, start_response: Any) -> Any:
        start_response("200 OK", [])
        yield b"one"
        assert self.may_go_on.wait(SECONDS)
        yield b"two"


@pytest.mark.parametrize("version", [2, "two", None, ""])
async def test_a_wrong_version_is_an_error_before_the_application_is_called(version: Any):
    """By messages: a server that asks directly is of the version that it has to be."""
    client = Client(WsgiToAsgi(never), http_scope(asgi={"version": "3.0", "spec_version": version}))
    with pytest.raises(LocalProtocolError, match=r"as the spec_version in asgi; expected a str like '2\.5'"):
        await client.app(client.scope, client.receive, client.send)
    assert client.sent == []


class Listened(Messages):
    """A server before ASGI HTTP 2.4, which is listened to while a response is streamed. The application goes
    on when the message behind the body was taken.
    """

    def __init__(self, *messages: Any) -> None:
        app = Held()
        super().__init__(app, *messages, asgi={"version": "3.0", "spec_version": "2.3"})
        self._may_go_on = app.may_go_on

    async def receive(self) -> Any:
        message = await super().receive()
        if message is not END:
            self._may_go_on.set()
        return message


async def test_a_server_that_repeats_the_end_of_the_body_is_not_asked_for_ever():
    client = Listened(END, *[{"type": "http.request"}] * 1000)
    await client.run()
    assert client.body == b"onetwo"


async def test_a_wrong_message_behind_the_body_is_logged():
    client = Listened(END, {"type": "telepathy"})
    with heard() as log:
        await client.run()
        await log.wait("type str 'telepathy'; expected http.request or http.disconnect")


class Breaking(DirectApp):
    """A middleware that gives a scope on with a wrong path, in both ways of asking."""

    def __init__(self, app: Any) -> None:
        self._inner = WsgiToAsgi(app)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await self._inner({**scope, "path": b"/"}, receive, send)

    def begin(self, request: DirectRequest, context: Context) -> None:
        request.scope["path"] = b"/"
        self._inner.begin(request, context)


@pytest.mark.parametrize(
    "make", [Breaking, lambda app: Breaking(app).__call__], ids=["directly", "by messages"]
)
async def test_the_client_of_a_real_server_gets_a_500_and_the_server_goes_on(make: Callable[[Any], Any]):
    server = Server(make(never))
    with heard() as log:
        for client in (server.connect(), server.connect()):
            client.send(get())
            await until(lambda: not server.service.running)
            assert client.read().startswith(b"HTTP/1.1 500 ")
        await log.wait("the scope of the ASGI server has bytes b'/' as path; expected str")
    assert not server.service.running
