"""An ASGI application made WSGI and made ASGI again: what it sees and answers stays the same."""

import asyncio
from typing import Any

from tests.adapters.asgi_to_wsgi.apps import read_body, respond
from tests.adapters.asgi_to_wsgi.conftest import Adapt

from penstock.adapters import WsgiToAsgi

SCOPE = {
    "type": "http",
    "asgi": {"version": "3.0", "spec_version": "2.5"},
    "http_version": "1.1",
    "method": "POST",
    "scheme": "https",
    "path": "/mounted/caf\ufffd",
    "raw_path": b"/mounted/caf%E9",
    "query_string": b"a=%20\xff",
    "root_path": "/mounted",
    "headers": [(b"host", b"example"), (b"x-name", b"caf\xe9"), (b"content-length", b"3")],
    "client": ("127.0.0.1", 1234),
    "server": ("example", 443),
    "extensions": {},
}


def test_scope_body_and_response_survive(adapt: Adapt):
    seen: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen.append(scope)
        await respond(send, await read_body(receive), (b"x-name", b"caf\xe9"), status=201)

    sent: list[Any] = []

    async def receive() -> Any:
        return {"type": "http.request", "body": b"abc", "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    asyncio.run(WsgiToAsgi(adapt(app))(dict(SCOPE), receive, send))
    assert sorted(seen[0].pop("headers")) == sorted(SCOPE["headers"])
    assert seen == [{key: value for key, value in SCOPE.items() if key != "headers"}]
    assert sent[0]["status"] == 201
    assert (b"x-name", b"caf\xe9") in list(sent[0]["headers"])
    assert b"".join(message.get("body", b"") for message in sent[1:]) == b"abc"


def test_a_chunked_upload_survives(adapt: Adapt):
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await respond(send, await read_body(receive))

    parts = iter([b"abc" * 20000, b"", b"def" * 20000])
    sent: list[Any] = []

    async def receive() -> Any:
        part = next(parts, None)
        return {"type": "http.request", "body": part or b"", "more_body": part is not None}

    async def send(message: Any) -> None:
        sent.append(message)

    headers = [(b"host", b"example"), (b"transfer-encoding", b"chunked")]
    asyncio.run(WsgiToAsgi(adapt(app))({**SCOPE, "headers": headers}, receive, send))
    assert sent[0]["status"] == 200
    assert b"".join(message.get("body", b"") for message in sent[1:]) == b"abc" * 20000 + b"def" * 20000
