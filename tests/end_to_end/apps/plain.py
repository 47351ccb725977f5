"""The application of the end-to-end tests, without a framework: what it does is in the path.

It prints a line where a test has to know that something happened in it. `/hold` and the WebSocket `/hold`
wait for `/release`. Its parts are in `routes.py` (HTTP) and `sockets.py` (WebSocket).
"""

from typing import Any

from tests.end_to_end.apps import routes, sockets


class Plain:
    """An ASGI 3 application; what waits for a release belongs to the instance."""

    def __init__(self) -> None:
        self.gates = routes.Gates()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await _lifespan(receive, send)
            return
        name, _, rest = scope["path"].removeprefix("/").partition("/")
        found = getattr(
            sockets if scope["type"] == "websocket" else routes, name.replace("-", "_") or "hello"
        )
        await found(scope, receive, send, self.gates, rest)


async def _lifespan(receive: Any, send: Any) -> None:
    await receive()
    await send({"type": "lifespan.startup.complete"})
    await receive()
    routes.say("lifespan shutdown")
    await send({"type": "lifespan.shutdown.complete"})


def create_app() -> Plain:
    return Plain()
