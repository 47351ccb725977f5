"""An application that hands its calls to the test, which plays them."""

import asyncio
from typing import Any

from tests.support.wired import settled

from penstock.base.asgi import Message, Receive, Scope, Send


class Call:
    """One call. It runs until `finish`, or raises what `fail` is given."""

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.scope, self.receive, self.send = scope, receive, send
        self.error: Exception | None = None
        self.cancelled = False
        self._end = asyncio.Event()

    async def start(self, status: int = 200, **more: Any) -> None:
        await self.send({"type": "http.response.start", "status": status, **more})

    async def body(self, data: bytes, more: bool = False) -> None:
        await self.send({"type": "http.response.body", "body": data, "more_body": more})

    async def respond(self, data: bytes = b"", *fields: tuple[bytes, bytes]) -> None:
        await self.start(headers=list(fields))
        await self.body(data)

    async def finish(self) -> None:
        self._end.set()
        await settled()

    async def fail(self) -> None:
        self.error = RuntimeError("a mistake of the application")
        await self.finish()

    async def run(self) -> None:
        try:
            await self._end.wait()
        except asyncio.CancelledError:
            self.cancelled = True
            raise
        if self.error is not None:
            raise self.error


class Calls(list[Call]):
    """The application; its calls in the order in which they came."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        call = Call(scope, receive, send)
        self.append(call)
        await call.run()

    def paths(self) -> list[str]:
        return [call.scope["path"] for call in self]

    async def finish(self) -> None:
        for call in list(self):
            await call.finish()


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers with the body of the request, or its path where there is none, and waits for nothing else."""
    body, more = b"", True
    while more:
        message: Message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    await send({"type": "http.response.start", "status": 200, "headers": [(b"x-kind", b"echo")]})
    await send({"type": "http.response.body", "body": body or scope["path"].encode()})
