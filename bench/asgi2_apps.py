"""An ASGI 2 application, in the form that most had: a class for each connection."""

from bench import apps
from bench.apps import Receive, Scope, Send


class Hello:
    def __init__(self, scope: Scope) -> None:
        self.scope = scope

    async def __call__(self, receive: Receive, send: Send) -> None:
        await apps.hello(self.scope, receive, send)


hello = Hello
