"""One request on the loop's side: it waits for a thread, feeds the body and sends the response.

When the client goes, servers that speak ASGI HTTP 2.4 raise from `send`. Older ones swallow what is sent,
and only `receive` tells; there a task listens while a response is streamed, or the thread would never
hear of it. A body that nobody reads stands before the news: its rest is given up in the end.
"""

import asyncio
import io
import logging
from collections.abc import Coroutine
from contextvars import copy_context
from typing import Any

from penstock.adapters.wsgi.body import BodyQueue, part_of, pump, reader
from penstock.adapters.wsgi.call import Call
from penstock.adapters.wsgi.environ import has_body
from penstock.adapters.wsgi.handoff import FilePart, Handoff
from penstock.adapters.wsgi.scope_faults import FAULTS, scope_fault
from penstock.adapters.wsgi.workshop import Workshop
from penstock.base.asgi import Receive, Scope, Send
from penstock.base.errors import ClientDisconnected, RemoteProtocolError

LOGGER = logging.getLogger("penstock.application")
RAISES_FROM_SEND = (2, 4)  # the version of the ASGI HTTP specification
ENDS_OF_BODY = 2  # behind the body: who repeats its end without waiting will not tell of the client


class Exchange:
    """`handoff` is that of a call that has begun already."""

    __slots__ = ("_handoff", "_pump", "_queue", "_raises", "_receive", "_scope", "_send", "_shop", "_watch")

    def __init__(
        self, shop: Workshop, scope: Scope, receive: Receive, send: Send, handoff: Handoff | None = None
    ) -> None:
        self._shop = shop
        self._scope = scope
        self._receive = receive
        self._send = send
        self._handoff = handoff or Handoff(shop.doorbell, shop.write_ahead_bytes)
        self._raises = True  # where the client has gone, from `send`
        self._queue: BodyQueue | None = None
        self._pump: asyncio.Task[None] | None = None
        self._watch: asyncio.Task[None] | None = None

    async def run(self) -> None:
        """Raises what the application raises before the end of its response, and LocalProtocolError for what
        the server gives in a wrong type: the application is not called then.
        """
        try:
            self._raises = _raises_from_send(self._scope)
            environ = self._environ()
            if environ is not None:
                if has_body(environ, self._scope):
                    await self._open_body(environ)
                else:
                    environ["wsgi.input"] = io.BytesIO()
                self._submit(environ)
            await self._handoff.wait()
            await self._send_response()
        finally:
            self._end()

    async def go_on(self) -> None:
        """Send what a call that has begun hands over."""
        try:
            self._raises = _raises_from_send(self._scope)
            await self._send_response()
        finally:
            self._end()

    def _environ(self) -> dict[str, Any] | None:
        """None when the request is refused for it."""
        try:
            return self._shop.environ(self._scope)
        except RemoteProtocolError as error:
            self._handoff.refuse(error.status, error.reason)
            return None

    # The body of the request.

    async def _open_body(self, environ: dict[str, Any]) -> None:
        """Its first part is waited for, unless the client waits itself, for the application's consent."""
        expects = "HTTP_EXPECT" in environ
        found = (b"", True) if expects else part_of(await self._receive())
        if found is None:
            self._handoff.abandon()
            return
        part, more = found
        if more:
            self._queue = BodyQueue(
                self._shop.doorbell,
                self._shop.settings.read_ahead_bytes,
                self._start_pump if expects else None,
            )
            self._queue.put(part, last=False)
            environ["wsgi.input"] = reader(self._queue)
            if not expects:
                self._start_pump()
        else:
            environ["wsgi.input"] = io.BytesIO(part)
            if part:  # for those who do not know wsgi.input_terminated
                environ.setdefault("CONTENT_LENGTH", str(len(part)))

    def _start_pump(self) -> None:
        if self._pump is None and self._queue is not None and not self._handoff.gone:
            self._pump = _task(self._listen(self._queue))

    async def _listen(self, parts: BodyQueue) -> None:
        try:
            await pump(self._receive, parts)
        except Exception as error:  # noqa: BLE001 whatever it is, no more comes, and the thread has to know
            self._log(error)
            kind = ClientDisconnected if isinstance(error, OSError) else OSError
            parts.fail(kind(f"the server does not give the rest of the body: {error!r}"))

    # A thread.

    def _submit(self, environ: dict[str, Any]) -> None:
        if not self._handoff.gone:
            call = Call(self._shop.app, lambda: environ, self._handoff, copy_context())
            waits = self._shop.submit(call)
            if waits and (self._queue is None or self._pump is not None):  # else the client waits for a word
                self._watch = _task(self._wait_gone())

    # The response.

    async def _send_response(self) -> None:
        """Called when there is something to send, or the end."""
        handoff = self._handoff
        is_started = False
        while not handoff.gone:
            ended = handoff.ended  # to be read before the parts, none come behind it
            parts = handoff.take()
            if ended and handoff.error is not None:
                self._raise()
                return
            if not is_started and handoff.head is not None:
                is_started = True
                status, fields = handoff.head
                await self._send({"type": "http.response.start", "status": status, "headers": fields})
            body = parts[0] if len(parts) == 1 else b"".join(parts)  # type: ignore[arg-type]
            if type(body) is FilePart:
                await self._send_file(body)
                return
            await self._send({"type": "http.response.body", "body": body, "more_body": not ended})
            handoff.taken(len(body), len(parts))  # type: ignore[arg-type]
            if ended:
                return
            if not self._raises:
                self._look_for_client(len(body))  # type: ignore[arg-type]
            await handoff.wait()

    async def _send_file(self, part: FilePart) -> None:
        if part.path is not None:
            await self._send({"type": "http.response.pathsend", "path": part.path})
        else:
            await self._send(
                {
                    "type": "http.response.zerocopysend",
                    "file": part.file,
                    "offset": part.offset,
                    "count": part.count,
                    "more_body": False,
                }
            )
        self._handoff.taken(0, 1)

    def _raise(self) -> None:
        error, self._handoff.error = self._handoff.error, None
        try:
            if isinstance(error, Exception):
                if not isinstance(error, ClientDisconnected):
                    raise error
            elif error is not None:  # SystemExit, for one, would end the server
                raise RuntimeError(f"the application raised {type(error).__name__}") from error
        finally:
            del error  # it holds this frame

    def _look_for_client(self, sent_bytes: int) -> None:
        if self._watch is None:
            self._watch = _task(self._wait_gone())
        elif self._queue is not None:
            self._queue.response_sent(sent_bytes)

    async def _wait_gone(self) -> None:
        self._start_pump()
        if self._pump is not None:
            await asyncio.wait([self._pump])
        try:
            for _ in range(ENDS_OF_BODY):
                if part_of(await self._receive()) is None:
                    self._handoff.abandon()
                    break
        except Exception as error:  # noqa: BLE001 a server that fails to tell will not tell any more
            self._log(error)
            self._handoff.abandon()

    def _log(self, error: Exception) -> None:
        """What `receive` has raised, but for the servers' way to say that the client has gone."""
        if not isinstance(error, OSError):
            method, path = self._scope["method"], self._scope["path"]
            LOGGER.error("%s %s: the server's `receive` failed", method, path, exc_info=error)

    def _end(self) -> None:
        """Nobody is here any more: whatever the thread waits for, it is told."""
        self._handoff.abandon()
        if self._queue is not None:
            self._queue.fail(ClientDisconnected("the request is over"))
        if self._pump is not None:
            self._pump.cancel()
        if self._watch is not None:
            self._watch.cancel()


def _raises_from_send(scope: Scope) -> bool:
    try:
        version = scope.get("asgi", {}).get("spec_version", "2.0")
        return tuple(map(int, version.split("."))) >= RAISES_FROM_SEND
    except FAULTS as error:
        raise scope_fault(scope, error) from error


def _task(coroutine: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
    return asyncio.get_running_loop().create_task(coroutine)
