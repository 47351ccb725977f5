"""One request without a coroutine, for servers that offer it (`base.direct`): its body is here, and most
responses come whole. For one that comes in parts, as a file or as an error, the coroutine of `exchange` goes
on from there.
"""

import io
from contextvars import Context
from typing import Any

from penstock.adapters.wsgi.call import Call
from penstock.adapters.wsgi.environ import has_body
from penstock.adapters.wsgi.exchange import Exchange
from penstock.adapters.wsgi.handoff import Handoff
from penstock.adapters.wsgi.workshop import Workshop
from penstock.base.asgi import Receive, Scope, Send
from penstock.base.direct import DirectRequest


class DirectCall:
    __slots__ = ("_body", "_handoff", "_request", "_shop")

    def __init__(self, shop: Workshop, request: DirectRequest) -> None:
        self._shop = shop
        self._request = request
        self._handoff = Handoff(shop.doorbell, shop.write_ahead_bytes, self._first_word)
        self._body = b""

    def begin(self, context: Context) -> None:
        self._body = self._request.take_body()
        call = Call(self._shop.app, self.prepare, self._handoff, context, self._request)
        self._shop.submit(call)

    def prepare(self) -> dict[str, Any]:
        """The environ; in the thread."""
        scope = self._request.scope
        environ, body = self._shop.environ(scope), self._body
        if not has_body(environ, scope):
            body = b""
        elif body:  # for those who do not know wsgi.input_terminated
            environ.setdefault("CONTENT_LENGTH", str(len(body)))
        environ["wsgi.input"] = io.BytesIO(body)
        return environ

    def _first_word(self) -> None:
        handoff, request = self._handoff, self._request
        body = handoff.whole()
        if body is not None and handoff.head is not None:
            request.answer(*handoff.head, body)
            return
        if request.abandoned and handoff.error is None:
            handoff.abandon()
        request.go_on(self._rest)

    async def _rest(self, scope: Scope, receive: Receive, send: Send) -> None:
        await Exchange(self._shop, scope, receive, send, self._handoff).go_on()
