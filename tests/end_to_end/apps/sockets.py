"""The plain application's WebSocket routes. Each gets what stands behind its name in the path as `rest`."""

import asyncio
from typing import Any

from tests.end_to_end.apps.routes import PART_BYTES, Gates, say, send_many


async def accept(receive: Any, send: Any) -> None:
    await receive()
    await send({"type": "websocket.accept"})


async def echo(scope: Any, receive: Any, send: Any, gates: Gates, rest: str) -> None:
    """Gives messages back; says the code of the end. `rest` names the line."""
    await accept(receive, send)
    while (event := await receive())["type"] == "websocket.receive":
        if event.get("text") is not None:
            await send({"type": "websocket.send", "text": event["text"]})
        else:
            await send({"type": "websocket.send", "bytes": event["bytes"]})
    say(f"websocket {rest} closed with {int(event['code'])} {event.get('reason') or ''}")


async def close(scope: Any, receive: Any, send: Any, gates: Gates, rest: str) -> None:
    """Closes with the code that `rest` is."""
    await accept(receive, send)
    await send({"type": "websocket.close", "code": int(rest), "reason": "as asked for"})


async def fail(scope: Any, receive: Any, send: Any, gates: Gates, rest: str) -> None:
    await accept(receive, send)
    raise RuntimeError(f"as asked for {rest}")


async def refuse(scope: Any, receive: Any, send: Any, gates: Gates, rest: str) -> None:
    await receive()
    await send({"type": "websocket.close"})


async def silent(scope: Any, receive: Any, send: Any, gates: Gates, rest: str) -> None:
    """Never answers the handshake."""
    say(f"silent {rest}")
    await gates[rest].wait()


async def endless(scope: Any, receive: Any, send: Any, gates: Gates, rest: str) -> None:
    """Sends many messages, as the HTTP route of that name."""
    await accept(receive, send)
    await send_many(send, {"type": "websocket.send", "bytes": bytes(PART_BYTES)}, rest)


async def deaf(scope: Any, receive: Any, send: Any, gates: Gates, rest: str) -> None:
    """Accepts and never receives; ends when it is released."""
    await accept(receive, send)
    await gates[rest].wait()


async def ignore_end(scope: Any, receive: Any, send: Any, gates: Gates, rest: str) -> None:
    """Accepts, and lives on whatever happens."""
    await accept(receive, send)
    say(f"ignoring {rest}")
    await asyncio.Event().wait()
