"""Scopes that are no HTTP request (wsgi-bridges 5.1: websocket / lifespan scopes)."""

from typing import Any

import pytest
from tests.adapters.wsgi_to_asgi.asgi_side import Client

from penstock import LocalProtocolError
from penstock.adapters import WsgiToAsgi


def app(environ, start_response):
    raise AssertionError("this is no request for a WSGI application")


class Handshake(Client):
    """The server's side of a WebSocket that is to be accepted or refused."""

    def __init__(self, **scope: Any) -> None:
        super().__init__(WsgiToAsgi(app), {"type": "websocket", "path": "/", "headers": [], **scope})

    async def receive(self) -> dict[str, Any]:
        return {"type": "websocket.connect"}


@pytest.mark.parametrize("scope", [{}, {"extensions": None}, {"extensions": {}}])
async def test_a_websocket_is_refused_with_403(scope: dict[str, Any]):
    client = Handshake(**scope)
    await client.run()
    assert client.sent == [{"type": "websocket.close"}]


async def test_a_websocket_is_refused_with_404_where_the_server_lets_us():
    client = Handshake(extensions={"websocket.http.response": {}})
    await client.run()
    start, body = client.sent
    assert (start["type"], start["status"]) == ("websocket.http.response.start", 404)
    assert (body["type"], body["body"]) == ("websocket.http.response.body", b"there is no WebSocket here")
    assert (b"content-length", str(len(body["body"])).encode()) in start["headers"]


async def test_an_unknown_scope_is_an_error():
    client = Client(WsgiToAsgi(app), {"type": "telepathy"})
    with pytest.raises(LocalProtocolError, match="'telepathy'; expected http, websocket or lifespan"):
        await client.run()
