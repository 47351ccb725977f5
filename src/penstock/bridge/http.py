"""One HTTP exchange: a request and its response as ASGI messages (ASGI HTTP 2.5), the same for every version
of HTTP.

The states of the response are tables of the messages that are allowed next; a message that is not in the
present table is the application's error and is raised into it, except where the specification asks for
silence. The head waits for the first part of the body, so that an application that fails before it can still
be answered for with a 500. `receive` and `send` make no future unless they really wait.
"""

import asyncio
import time
from collections.abc import Awaitable
from typing import Any

from penstock.base.asgi import Fields, Message
from penstock.base.errors import ClientDisconnected, LocalProtocolError
from penstock.bridge.exchange import Exchange
from penstock.bridge.facts import ConnectionFacts
from penstock.bridge.failures import is_disconnect, report
from penstock.bridge.files import send_descriptor, send_path
from penstock.bridge.scope import http_scope
from penstock.bridge.service import Service
from penstock.bridge.stream import HttpStream
from penstock.bridge.waiting import DONE, Bell
from penstock.engine.http1.events import RequestHead

CLIENT_CLOSED_REQUEST = 499  # only in the access log: the client went before there was a response
EARLY_HINTS = 103
NO_FIELDS: Fields = []
OPEN, ENDED, TOLD = range(3)  # the request's body: more comes; its end is here; the application knows it

# What the application may send next, and the step that it leads to. A state is a table; those that are empty
# differ in what a message meets in them.
START, BODY, TRAILERS, EARLY_HINT, PATH, DESCRIPTOR = range(6)
UNEXPECTED = -1
Steps = dict[str, int]

EXPECTS_START: Steps = {"http.response.start": START, "http.response.early_hint": EARLY_HINT}
EXPECTS_BODY: Steps = {
    "http.response.body": BODY,
    "http.response.early_hint": EARLY_HINT,
    "http.response.pathsend": PATH,
    "http.response.zerocopysend": DESCRIPTOR,
}
MORE_BODY: Steps = {
    "http.response.body": BODY,
    "http.response.early_hint": EARLY_HINT,
    "http.response.zerocopysend": DESCRIPTOR,
}
EXPECTS_TRAILERS: Steps = {"http.response.trailers": TRAILERS}
SENDING_FILE: Steps = {}  # until its `send` returns, nothing else may be sent
FINISHED: Steps = {}
GONE: Steps = {}
KNOWN = frozenset((*EXPECTS_START, *EXPECTS_BODY, *EXPECTS_TRAILERS))


class HttpExchange(Exchange):
    __slots__ = (
        "_bell",
        "_body",
        "_continue_due",
        "_disconnected",
        "_response_fields",
        "_response_trailers",
        "_service",
        "_started_at",
        "_status",
        "_steps",
        "_stream",
        "_trailers_follow",
        "_trailers_wanted",
        "_unread",
        "_unread_bytes",
        "_trailers_received",
    )

    def __init__(
        self, head: RequestHead, facts: ConnectionFacts, stream: HttpStream, service: Service
    ) -> None:
        super().__init__()
        self.scope = http_scope(head, facts, service)
        self._stream = stream
        self._service = service
        self._bell: Bell | None = None
        self._unread: list[bytes] | None = None
        self._trailers_received: Fields | None = None
        self._unread_bytes = 0
        self._body = OPEN
        self._continue_due = head.body_follows
        self._disconnected = False
        self._steps: Steps = EXPECTS_START
        self._trailers_wanted = head.wants_trailers
        self._trailers_follow = False
        self._status = 0
        self._response_fields: Fields = NO_FIELDS
        self._response_trailers: Fields | None = None
        self._started_at = time.perf_counter() if service.access_log is not None else 0.0

    # What the stream tells.

    def body_received(self, data: bytes) -> None:
        if self._unread is None:
            self._unread = [data]
        else:
            self._unread.append(data)
        self._unread_bytes += len(data)
        self._ring()

    def body_ended(self, trailers: Fields) -> None:
        self._body = ENDED
        self._trailers_received = trailers or None
        self._ring()

    def wants_pause(self) -> bool:
        return self._unread_bytes >= self._service.limits.read_buffer_bytes

    def half_closed(self) -> None:
        """The client will send no more, but may still read: the application is told, and may still answer."""
        self._disconnected = True
        self._ring()
        seconds = self._service.cancel_on_disconnect_seconds
        if seconds is not None and self.task is not None:
            asyncio.get_running_loop().call_later(seconds, self.task.cancel)

    def disconnected(self) -> None:
        """The client is gone, or has broken the protocol: nothing can be sent any more."""
        self.abandoned = True
        if not self._is_answered():
            self._record(self._status if self._stream.response_started() else CLIENT_CLOSED_REQUEST)
            self._steps = GONE
        self.half_closed()

    # The application's run.

    def refuse_busy(self) -> None:
        """There is no room to run this request now."""
        self._refuse(503, "the server is busy; try again", ((b"retry-after", b"1"),))

    async def run(self) -> None:
        try:
            await self._service.app(self.scope, self.receive, self.send)
        except Exception as error:  # noqa: BLE001 whatever an application raises ends its exchange, not the server
            self._failed(error)
        except BaseException:
            self._give_up()
            raise
        else:
            if not self._is_answered():
                self._failed(LocalProtocolError("the application returned without completing its response"))
        finally:
            self._service.finished(self)

    # What the application calls.

    async def receive(self) -> Message:
        if self._continue_due:
            self._continue_due = False
            self._stream.send_continue()
        while self._steps is not FINISHED:
            if self._unread or self._body == ENDED:
                return self._next_part()
            if self._disconnected:
                break
            await self._wait()
        return {"type": "http.disconnect"}

    def send(self, message: Message) -> Awaitable[None]:
        return self._take_step(message if type(message) is dict else dict(message))

    # Below, what the two do.

    def _next_part(self) -> Message:
        unread = self._unread or ()
        body = unread[0] if len(unread) == 1 else b"".join(unread)
        message: Message = {"type": "http.request", "body": body, "more_body": self._body == OPEN}
        if self._body == ENDED:
            self._body = TOLD
            if self._trailers_received is not None:
                message["trailers"] = self._trailers_received
        if unread:
            self._unread = None
            was_full, self._unread_bytes = self.wants_pause(), 0
            if was_full:
                self._stream.body_wanted()
        return message

    async def _wait(self) -> None:
        if self._bell is None:
            self._bell = Bell()
        await self._bell.wait()

    def _ring(self) -> None:
        if self._bell is not None:
            self._bell.ring()

    def _take_step(self, message: dict[str, Any]) -> Awaitable[None]:
        """Do what the message asks for; what is returned tells when it is done."""
        step = self._steps.get(message["type"], UNEXPECTED)
        if step == BODY:
            return self._send_body(message)
        if step == START:
            self._start(message)
        elif step == PATH:
            return self._send_path(message)
        elif step == DESCRIPTOR:
            return self._send_descriptor(message)
        elif step == EARLY_HINT:
            self._send_early_hint(message)
        elif step == TRAILERS:
            self._send_trailers(message)
        else:
            self._unexpected(message)
        return DONE

    def _start(self, message: dict[str, Any]) -> None:
        status = message.get("status")
        if not isinstance(status, int):
            raise LocalProtocolError(f"http.response.start: status is {status!r}; expected an int")
        fields = message.get("headers", ())
        if self._service.access_log is not None:
            fields = self._response_fields = list(fields)
        self._trailers_follow = self._trailers_wanted and bool(message.get("trailers"))
        self._stream.send_response(status, fields, self._trailers_follow)
        self._status = status
        self._steps = EXPECTS_BODY

    def _send_body(self, message: dict[str, Any]) -> Awaitable[None]:
        stream = self._stream
        more = message.get("more_body", False)
        stream.send_data(message.get("body", b""), not more and not self._trailers_follow)
        if not more:
            self.body_sent()
        else:
            self._steps = MORE_BODY
            if not stream.is_writable():
                return stream.wait_writable()
        return DONE

    def _send_trailers(self, message: dict[str, Any]) -> None:
        self._response_trailers = [*(self._response_trailers or ()), *message.get("headers", ())]
        if not message.get("more_trailers", False):
            self._stream.send_trailers(self._response_trailers)
            self._complete()

    def _send_early_hint(self, message: dict[str, Any]) -> None:
        if self._steps is not MORE_BODY:  # behind the head there is no place for an interim response
            links = [(b"link", link) for link in message["links"]]
            self._stream.send_informational(EARLY_HINTS, links)

    async def _send_path(self, message: Message) -> None:
        self._steps = SENDING_FILE
        await send_path(self._stream, message, end=not self._trailers_follow)
        self.body_sent()

    async def _send_descriptor(self, message: Message) -> None:
        more = message.get("more_body", False)
        self._steps = SENDING_FILE
        await send_descriptor(self._stream, message, end=not more and not self._trailers_follow)
        if more:
            self._steps = MORE_BODY
        else:
            self.body_sent()

    def body_sent(self) -> None:
        """The last part of the body is on its way."""
        if self._trailers_follow:
            self._steps = EXPECTS_TRAILERS
        else:
            self._complete()

    def _complete(self) -> None:
        self._steps = FINISHED
        self._record(self._status)
        self._ring()
        self._stream.exchange_complete()

    def _is_answered(self) -> bool:
        return self._steps is FINISHED or self._steps is GONE

    def _unexpected(self, message: dict[str, Any]) -> None:
        kind = message["type"]
        if kind not in KNOWN:
            raise LocalProtocolError(f"{kind!r} is no message of an HTTP response that this server knows")
        if self._steps is GONE:
            raise ClientDisconnected(f"{kind}: the client has disconnected")
        if self._steps is not FINISHED:  # behind the end, messages are ignored (ASGI HTTP 2.5)
            raise LocalProtocolError(f"{kind!r} has no place here; expected {' or '.join(self._steps)}")

    def _failed(self, error: Exception) -> None:
        if not (self._disconnected and is_disconnect(error)):
            report(error, self.scope)
        self._give_up()

    def _give_up(self) -> None:
        """No more of the response will come: a 500 where nothing was sent yet, a cut connection elsewhere."""
        if self._is_answered():
            return
        if self._stream.response_started():
            self._steps = FINISHED
            self._record(self._status)
            self._stream.abort()
        else:
            self._refuse(500, "the application failed", ())

    def _refuse(self, status: int, reason: str, fields: tuple[tuple[bytes, bytes], ...]) -> None:
        self._steps = FINISHED
        self._response_fields = list(fields)
        self._stream.send_refusal(status, reason, fields)
        self._record(status)
        self._stream.exchange_complete()

    def _record(self, status: int) -> None:
        log = self._service.access_log
        if log is not None:
            duration = time.perf_counter() - self._started_at
            log.record(self.scope, status, self._response_fields, self._stream.body_bytes_sent(), duration)
