"""Two applications that do the same: one of ASGI 2, and one of ASGI 3 for a server that only knows ASGI 2."""

from typing import Any

from penstock.adapters import as_asgi2, as_asgi3


class Double:
    """Answers HTTP with the body it got, and WebSocket messages with themselves."""

    def __init__(self, scope: Any) -> None:
        self.scope = scope

    async def __call__(self, receive: Any, send: Any) -> None:
        if self.scope["type"] == "http":
            await self.answer(receive, send)
        elif self.scope["type"] == "websocket":
            await self.echo(receive, send)
        else:
            raise ValueError(self.scope["type"])

    async def answer(self, receive: Any, send: Any) -> None:
        body, more = b"", True
        while more:
            message = await receive()
            body, more = body + message["body"], message["more_body"]
        await send({"type": "http.response.start", "status": 200})
        await send({"type": "http.response.body", "body": self.scope["raw_path"] + b" " + body})

    async def echo(self, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        while (message := await receive())["type"] == "websocket.receive":
            await send({"type": "websocket.send", "text": message["text"]})


async def single(scope: Any, receive: Any, send: Any) -> None:
    await Double(scope)(receive, send)


adapted = as_asgi3(Double)
there_and_back = as_asgi3(as_asgi2(single))
