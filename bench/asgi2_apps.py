"""An ASGI 2 application, in the form that most had: a class with an instance for each connection."""

from bench.apps import GREETING, Receive, Scope, Send, start


class Hello:
    def __init__(self, scope: Scope) -> None:
        self.scope = scope

    async def __call__(self, receive: Receive, send: Send) -> None:
        await send(start(b"text/plain", len(GREETING)))
        await send({"type": "http.response.body", "body": GREETING})


hello = Hello
