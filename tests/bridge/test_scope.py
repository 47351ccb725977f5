"""What an application is told of a request before the first message."""

import asyncio
import contextvars
from collections.abc import Callable
from typing import Any

import pytest
from tests.support.wired import Client, Server, get, handshake, settled

from penstock.base.asgi import Message, Receive, Scope, Send

Serve = Callable[..., Server]

START: Message = {"type": "http.response.start", "status": 200}
BODY: Message = {"type": "http.response.body", "body": b"done"}
VARIABLE = contextvars.ContextVar("VARIABLE", default="unset")


class Keeper:
    """Keeps its scopes, and what it found in the context variable before it set it."""

    def __init__(self) -> None:
        self.scopes: list[Scope] = []
        self.found: list[str] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.scopes.append(scope)
        self.found.append(VARIABLE.get())
        VARIABLE.set("by a request")
        if scope["type"] == "http":
            await send(START)
            await send(BODY)
        else:
            await send({"type": "websocket.close"})


async def scope_of(serve: Serve, request: bytes, settings: dict[str, Any], **addresses: Any) -> Scope:
    app = Keeper()
    await serve(app, **settings).connect(**addresses).ask(request)
    (scope,) = app.scopes
    return scope


async def test_asgi_029_045_an_http_scope(serve: Serve) -> None:
    request = b"POST /a%20b?c=%20d HTTP/1.1\r\nHost: test\r\nX-A: 1\r\nX-A: 2\r\ncontent-length: 0\r\n\r\n"
    assert await scope_of(serve, request, {}) == {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.5"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": "/a b",
        "raw_path": b"/a%20b",
        "query_string": b"c=%20d",
        "root_path": "",
        "headers": [(b"host", b"test"), (b"x-a", b"1"), (b"x-a", b"2"), (b"content-length", b"0")],
        "client": ("192.0.2.1", 50000),
        "server": ("192.0.2.2", 80),
        "extensions": {
            "http.request.trailers": {},
            "http.response.early_hint": {},
            "http.response.pathsend": {},
            "http.response.zerocopysend": {},
        },
    }


async def test_asgi_084_090_a_websocket_scope(serve: Serve) -> None:
    scope = await scope_of(serve, handshake(b"/chat?room=1", b"sec-websocket-protocol: a, b\r\n"), {})
    fields = scope.pop("headers")
    assert fields[0] == (b"host", b"test")
    assert scope == {
        "type": "websocket",
        "asgi": {"version": "3.0", "spec_version": "2.5"},
        "http_version": "1.1",
        "scheme": "ws",
        "path": "/chat",
        "raw_path": b"/chat",
        "query_string": b"room=1",
        "root_path": "",
        "client": ("192.0.2.1", 50000),
        "server": ("192.0.2.2", 80),
        "subprotocols": ["a", "b"],
        "extensions": {"websocket.http.response": {}},
    }


async def test_asgi_081_response_trailers_are_offered_to_those_whose_client_takes_them(serve: Serve) -> None:
    scope = await scope_of(serve, get(fields=b"te: trailers\r\n"), {})
    assert scope["extensions"]["http.response.trailers"] == {}


async def test_http_1_0_has_neither_early_hints_nor_trailers(serve: Serve) -> None:
    scope = await scope_of(serve, b"GET / HTTP/1.0\r\nte: trailers\r\n\r\n", {})
    assert scope["http_version"] == "1.0"
    assert "http.response.early_hint" not in scope["extensions"]
    assert not {"http.response.trailers", "http.request.trailers"} & scope["extensions"].keys()


@pytest.mark.parametrize(
    ("target", "path"),
    [(b"/there", "/api/there"), (b"/api/there", "/api/there"), (b"/api", "/api"), (b"/apis", "/api/apis")],
)
async def test_asgi_036_the_path_contains_the_root_path(serve: Serve, target: bytes, path: str) -> None:
    scope = await scope_of(serve, get(target), {"root_path": "/api"})
    assert (scope["root_path"], scope["path"], scope["raw_path"]) == ("/api", path, target)


@pytest.mark.parametrize(
    ("client", "server", "told_client", "told_server"),
    [
        (("2001:db8::1", 9, 0, 0), ("2001:db8::2", 80, 0, 0), ("2001:db8::1", 9), ("2001:db8::2", 80)),
        ("", "/run/penstock.sock", None, ("/run/penstock.sock", None)),
        ("", b"\0abstract", None, ("\0abstract", None)),
        (None, None, None, None),
    ],
)
async def test_asgi_044_045_addresses_of_every_kind_of_socket(
    serve: Serve, client: Any, server: Any, told_client: Any, told_server: Any
) -> None:
    scope = await scope_of(serve, get(), {}, client=client, server=server)
    assert (scope["client"], scope["server"]) == (told_client, told_server)


async def test_asgi_046_124_each_request_gets_its_own_shallow_copy_of_the_state(serve: Serve) -> None:
    app = Keeper()
    pool: list[int] = []
    state = {"pool": pool}
    client = serve(app, state=state).connect()
    await client.ask(get())
    app.scopes[0]["state"]["mine"] = True
    await client.ask(get())
    assert [each["state"].get("mine") for each in app.scopes] == [True, None]
    assert all(each["state"]["pool"] is pool for each in app.scopes)
    assert state == {"pool": pool}


async def test_asgi_046_without_lifespan_there_is_no_state(serve: Serve) -> None:
    assert "state" not in await scope_of(serve, get(), {})


async def test_asgi_006_what_one_request_does_to_its_scope_the_next_does_not_see(serve: Serve) -> None:
    app = Keeper()
    client = serve(app).connect()
    await client.ask(get())
    first = app.scopes[0]
    first["extensions"]["mine"] = {}
    first["headers"].append((b"x", b"y"))
    first["asgi"]["mine"] = True
    first["path"] = "/elsewhere"
    await client.ask(get())
    second = app.scopes[1]
    assert second["path"] == "/"
    assert "mine" not in second["extensions"]
    assert "mine" not in second["asgi"]
    assert second["headers"] == [(b"host", b"test")]


async def test_two_servers_in_one_process_share_nothing(serve: Serve) -> None:
    apps = [Keeper(), Keeper()]
    clients: list[Client] = [
        serve(app, state={"number": number}, root_path=f"/{number}").connect()
        for number, app in enumerate(apps)
    ]
    for client in clients:
        await client.ask(get())
    for number, app in enumerate(apps):
        (scope,) = app.scopes
        assert (scope["state"], scope["root_path"]) == ({"number": number}, f"/{number}")
    apps[0].scopes[0]["extensions"].clear()
    await clients[1].ask(get())
    assert apps[1].scopes[1]["extensions"]


async def test_every_request_runs_in_a_copy_of_the_context_of_the_start_up(serve: Serve) -> None:
    context = contextvars.copy_context()
    context.run(VARIABLE.set, "by the lifespan")
    app = Keeper()
    client = serve(app, context=context).connect()
    await client.ask(get())
    await client.ask(get())
    await client.ask(handshake())
    assert app.found == ["by the lifespan"] * 3
    assert context.run(VARIABLE.get) == "by the lifespan"
    assert VARIABLE.get() == "unset"


async def test_a_request_that_waits_for_its_turn_does_not_run_in_the_context_of_another(
    serve: Serve,
) -> None:
    found: list[str] = []
    release = asyncio.Event()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        found.append(VARIABLE.get())
        VARIABLE.set(scope["path"])
        if scope["path"] == "/first":
            await release.wait()
        await send(START)
        await send(BODY)

    server = serve(app, max_concurrent_requests=1)
    clients = [server.connect() for _ in range(3)]
    for client, path in zip(clients, (b"/first", b"/second", b"/third"), strict=True):
        await client.ask(get(path))
    release.set()
    await settled()
    assert found == ["unset"] * 3
