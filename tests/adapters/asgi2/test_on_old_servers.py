"""ASGI 3 applications on a server that only knows ASGI 2. What was written for it runs there too, which shows
that the server is one.
"""

from typing import Any

import httpx
import pytest
from tests.adapters.asgi2.double_server import double_server
from websockets.asyncio.client import connect

from penstock.adapters import as_asgi2, as_asgi3


async def single(scope: Any, take: Any, give: Any) -> None:
    """Of ASGI 3, with names of its own for what it is called with. Answers with what it gets."""
    message = await take()
    if scope["type"] == "http":
        body = (
            f"{scope['method']} {scope['path']}?{scope['query_string'].decode()} ".encode() + message["body"]
        )
        await give({"type": "http.response.start", "status": 201, "headers": [(b"x-name", b"value")]})
        await give({"type": "http.response.body", "body": body})
        return
    await give({"type": "websocket.accept"})
    while (message := await take())["type"] == "websocket.receive":
        await give({"type": "websocket.send", "text": message["text"]})


class Double:
    """Of ASGI 2, as its specification shows it."""

    def __init__(self, scope: Any) -> None:
        self.scope = scope

    async def __call__(self, receive: Any, send: Any) -> None:
        await single(self.scope, receive, send)


APPS = {
    "written for ASGI 2": Double,
    "ASGI 3": as_asgi2(single),
    "ASGI 2 made ASGI 3 and back": as_asgi2(as_asgi3(Double)),
}


@pytest.mark.parametrize("app", APPS.values(), ids=APPS)
async def test_http_is_answered(app: Any):
    async with double_server(app) as (host, port), httpx.AsyncClient(trust_env=False) as client:
        answer = await client.post(f"http://{host}:{port}/a?b=c", content=b"body")
    assert (answer.status_code, answer.headers["x-name"]) == (201, "value")
    assert answer.content == b"POST /a?b=c body"


@pytest.mark.parametrize("app", APPS.values(), ids=APPS)
async def test_a_websocket_echoes(app: Any):
    async with double_server(app) as (host, port), connect(f"ws://{host}:{port}/", proxy=None) as websocket:
        for text in ("one", "two"):
            await websocket.send(text)
            assert await websocket.recv() == text


async def test_asgi_3_cannot_be_called_there_as_it_is():
    with pytest.raises(TypeError, match="missing 2 required positional arguments"):
        single(scope={"type": "http"})  # type: ignore[call-arg]
