"""A server that knows ASGI 2 and nothing later, as servers were before 2019: it calls `app(scope=scope)` and
awaits `instance(receive=..., send=...)`, by these names as Daphne 2.2 does, and there is no `asgi` in its
scopes.

h11 and wsproto speak for it. A connection serves one request.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import h11
import wsproto
from wsproto.events import AcceptConnection, CloseConnection, Ping, TextMessage

Double = Callable[..., Callable[..., Any]]
READ_BYTES = 65536


@asynccontextmanager
async def double_server(app: Double) -> AsyncIterator[tuple[str, int]]:
    """Its address, as long as the block lasts."""

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await serve(app, reader, writer)
        finally:
            writer.close()

    server = await asyncio.start_server(connected, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[:2]
    finally:
        server.close()


async def serve(app: Double, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    engine = h11.Connection(h11.SERVER)
    request, body = await read_request(engine, reader)
    path, _, query = request.target.partition(b"?")
    scope = {"path": path.decode(), "query_string": query, "headers": list(request.headers)}
    if (b"upgrade", b"websocket") in scope["headers"]:
        await serve_websocket(app, scope | {"type": "websocket", "subprotocols": []}, request, reader, writer)
    else:
        method = request.method.decode()
        await serve_http(app, scope | {"type": "http", "method": method}, body, engine, writer)


async def read_request(engine: Any, reader: asyncio.StreamReader) -> tuple[Any, bytes]:
    request, body = None, b""
    while True:
        event = engine.next_event()
        if event is h11.NEED_DATA:
            engine.receive_data(await reader.read(READ_BYTES))
        elif isinstance(event, h11.Request):
            request = event
        elif isinstance(event, h11.Data):
            body += event.data
        else:
            return request, body


async def serve_http(
    app: Double, scope: dict[str, Any], body: bytes, engine: Any, writer: asyncio.StreamWriter
) -> None:
    messages: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    messages.put_nowait({"type": "http.request", "body": body, "more_body": False})

    async def send(message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            fields = [*message.get("headers", ()), (b"connection", b"close")]
            writer.write(engine.send(h11.Response(status_code=message["status"], headers=fields)))
        else:
            writer.write(engine.send(h11.Data(data=message.get("body", b""))))
            if not message.get("more_body"):
                writer.write(engine.send(h11.EndOfMessage()))

    await app(scope=scope)(receive=messages.get, send=send)
    await writer.drain()


async def serve_websocket(
    app: Double,
    scope: dict[str, Any],
    request: Any,
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
) -> None:
    engine = wsproto.WSConnection(wsproto.ConnectionType.SERVER)
    engine.initiate_upgrade_connection(list(request.headers), request.target)
    messages: asyncio.Queue[dict[str, Any]] = asyncio.Queue()

    async def send(message: dict[str, Any]) -> None:
        if message["type"] == "websocket.accept":
            writer.write(engine.send(AcceptConnection()))
        elif message["type"] == "websocket.send":
            writer.write(engine.send(TextMessage(data=message["text"])))
        else:
            writer.write(engine.send(CloseConnection(code=message.get("code", 1000))))

    def take(event: Any) -> None:
        if isinstance(event, wsproto.events.Request):
            messages.put_nowait({"type": "websocket.connect"})
        elif isinstance(event, TextMessage):
            messages.put_nowait({"type": "websocket.receive", "text": event.data})
        elif isinstance(event, Ping):
            writer.write(engine.send(event.response()))
        elif isinstance(event, CloseConnection):
            writer.write(engine.send(event.response()))
            messages.put_nowait({"type": "websocket.disconnect", "code": event.code})

    running = asyncio.ensure_future(app(scope=scope)(receive=messages.get, send=send))
    while not running.done():
        for event in engine.events():
            take(event)
        octets = asyncio.ensure_future(reader.read(READ_BYTES))
        await asyncio.wait([running, octets], return_when=asyncio.FIRST_COMPLETED)
        if octets.done():
            engine.receive_data(octets.result() or None)
        else:
            octets.cancel()
    await running
