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
from threading import get_ident
from typing import Any

from asgiref.sync import markcoroutinefunction

from penstock.base.asgi import App, Fields, Message
from penstock.base.errors import ClientDisconnected, LocalProtocolError
from penstock.bridge.facts import ConnectionFacts
from penstock.bridge.failures import report
from penstock.bridge.files import send_descriptor, send_path
from penstock.bridge.messages import as_dict, kind_of, listed, required, required_status
from penstock.bridge.promises import send_priority, send_promise
from penstock.bridge.request import RequestHalf
from penstock.bridge.scope import http_scope
from penstock.bridge.service import Service
from penstock.bridge.stream import HttpStream, Pairs
from penstock.bridge.waiting import DONE, failed, on_its_loop
from penstock.engine.request import RequestHead

CLIENT_CLOSED_REQUEST = 499  # only in the access log: the client went before there was a response
EARLY_HINTS = 103
NO_FIELDS: Fields = []
REASONS = {500: "the application failed", 503: "the server restarts"}
RETRY_AFTER = ((b"retry-after", b"1"),)

# What the application may send next, and the step that it leads to. A state is a table; those that are empty
# differ in what a message meets in them.
START, BODY, TRAILERS, EARLY_HINT, PATH, DESCRIPTOR, PUSH, PRIORITY = range(8)
UNEXPECTED = -1
Steps = dict[str, int]

EXPECTS_START: Steps = {
    "http.response.start": START,
    "http.response.early_hint": EARLY_HINT,
    "http.response.priority": PRIORITY,
}
EXPECTS_BODY: Steps = {
    "http.response.body": BODY,
    "http.response.early_hint": EARLY_HINT,
    "http.response.pathsend": PATH,
    "http.response.zerocopysend": DESCRIPTOR,
    "http.response.push": PUSH,
    "http.response.priority": PRIORITY,
}
MORE_BODY: Steps = {
    "http.response.body": BODY,
    "http.response.early_hint": EARLY_HINT,
    "http.response.zerocopysend": DESCRIPTOR,
    "http.response.push": PUSH,
    "http.response.priority": PRIORITY,
}
EXPECTS_TRAILERS: Steps = {"http.response.trailers": TRAILERS, "http.response.priority": PRIORITY}
SENDING_FILE: Steps = {"http.response.priority": PRIORITY}  # until its `send` returns, nothing else
FINISHED: Steps = {}
GONE: Steps = {}
KNOWN_IN_HTTP2 = frozenset((*EXPECTS_START, *EXPECTS_BODY, *EXPECTS_TRAILERS))
KNOWN = KNOWN_IN_HTTP2 - {"http.response.push", "http.response.priority"}


class HttpExchange(RequestHalf):
    """Made by `open_exchange`."""

    __slots__ = (
        "_response_fields",
        "_response_trailers",
        "_started_at",
        "_status",
        "_steps",
        "_trailers_follow",
        "_trailers_wanted",
    )

    def _open(
        self, head: RequestHead, facts: ConnectionFacts, stream: HttpStream, service: Service
    ) -> None:
        self._begin(stream, service, head.body_follows)
        self.scope = http_scope(head, facts, service)
        self.task: asyncio.Task[None] | None = None
        self.abandoned = self.returned = False
        self._response_fields = NO_FIELDS
        self._response_trailers: Fields | None = None
        self._started_at = time.perf_counter() if service.access_log is not None else 0.0
        self._status = 0
        self._steps: Steps = EXPECTS_START
        self._trailers_follow = False
        self._trailers_wanted = head.wants_trailers

    # What the stream tells.

    def disconnected(self, answer: int = 0) -> None:
        """The client is gone, or has broken the protocol: nothing can be sent any more.

        `answer` is the status that the engine has sent in the application's place, if it has.
        """
        self.abandoned = True
        if not self._is_answered():
            started = self._stream.response_started()
            self._record(answer or (self._status if started else CLIENT_CLOSED_REQUEST))
            self._steps = GONE
        if self._service.turns is not None:
            self._service.turns.abandon(self)
        self.half_closed()

    # The application's run.

    def refuse_busy(self) -> None:
        """There is no room to run this request now."""
        self._refuse(503, "the server is busy; try again", RETRY_AFTER)

    async def run(self, app: App) -> None:
        try:
            await app(self.scope, self.receive, self.send)
        except Exception as error:  # noqa: BLE001 whatever an application raises ends its exchange, not the server
            report(error, self.scope)
            self._give_up(500)
        except BaseException:
            self.cancelled()
            raise
        else:
            if not self._is_answered():
                self._returned_early()
        finally:
            self._service.finished(self)

    def cancelled(self) -> None:
        if self._disconnected:
            self._give_up(CLIENT_CLOSED_REQUEST)
        else:
            self._give_up(503 if self._service.draining else 500)

    # What a `DirectApp` calls; `base.direct` says what each does.

    def answer(self, status: int, fields: Fields, body: bytes) -> None:
        try:
            if not self._is_answered():
                self._answer(status, fields, body)
        except Exception as error:  # noqa: BLE001 whatever it is, the application gave it
            report(error, self.scope)
            self._give_up(500)
        finally:
            self._service.finished(self)

    def go_on(self, rest: App) -> None:
        self._service.go_on(self, rest)

    # What the application calls.

    def send(self, message: Message) -> Awaitable[None]:
        if get_ident() != self._service.thread_id:
            return on_its_loop(self.send, message, self._service.thread_id)
        try:
            return self._take_step(message if type(message) is dict else as_dict(message))
        except Exception as error:  # noqa: BLE001 whatever it is, it belongs to whoever awaits
            return failed(error)

    # Below, what the two do.

    def _take_step(self, message: dict[str, Any]) -> Awaitable[None]:
        """Do what the message asks for; what is returned tells when it is done."""
        step = self._steps.get(kind_of(message), UNEXPECTED)
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
        elif step == PUSH:
            send_promise(self._stream, message)
        elif step == PRIORITY:
            send_priority(self._stream, message)
        else:
            self._unexpected(message)
        return DONE

    def _answer(self, status: int, fields: Fields, body: bytes) -> None:
        self._send_head(status, fields)
        self._stream.send_data(body, True)
        self._complete()

    def _start(self, message: dict[str, Any]) -> None:
        status = required_status(message)
        self._trailers_follow = self._trailers_wanted and bool(message.get("trailers"))
        self._send_head(status, listed(message, "headers"))

    def _send_head(self, status: int, fields: Pairs) -> None:
        if self._service.access_log is not None:
            fields = self._response_fields = list(fields)
        self._stream.send_response(status, fields, self._trailers_follow)
        self._status = status
        self._steps = EXPECTS_BODY

    def _send_body(self, message: dict[str, Any]) -> Awaitable[None]:
        stream = self._stream
        more = message.get("more_body", False)
        stream.send_data(message.get("body", b""), not more)
        if not more:
            self.body_sent()
        else:
            self._steps = MORE_BODY
            if not stream.is_writable():
                return stream.wait_writable()
        return DONE

    def _send_trailers(self, message: dict[str, Any]) -> None:
        trailers = [*(self._response_trailers or ()), *listed(message, "headers")]
        if message.get("more_trailers", False):
            self._response_trailers = trailers
        else:
            self._stream.send_trailers(trailers)
            self._complete()

    def _send_early_hint(self, message: dict[str, Any]) -> None:
        if self._steps is not MORE_BODY:  # behind the head there is no place for an interim response
            required(message, "links")
            links = [(b"link", link) for link in listed(message, "links")]
            self._stream.send_informational(EARLY_HINTS, links)

    def _send_path(self, message: dict[str, Any]) -> Awaitable[None]:
        return self._send_file(send_path(self._stream, message), False)

    def _send_descriptor(self, message: dict[str, Any]) -> Awaitable[None]:
        more = message.get("more_body", False)
        return self._send_file(send_descriptor(self._stream, message, end=not more), more)

    async def _send_file(self, sending: Awaitable[None], more: bool) -> None:
        steps, self._steps = self._steps, SENDING_FILE
        try:
            await sending
        finally:
            if self._steps is SENDING_FILE:
                self._steps = steps
        if self._steps is not steps:
            raise ClientDisconnected("the client disconnected while a file was sent")
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
        self._finish()
        self._record(self._status)
        self._stream.exchange_complete()

    def _finish(self) -> None:
        self._steps = FINISHED
        self._answered_in_full = True
        self._ring()

    def _is_answered(self) -> bool:
        return self._steps is FINISHED or self._steps is GONE

    def _unexpected(self, message: dict[str, Any]) -> None:
        kind = message["type"]
        known = KNOWN_IN_HTTP2 if self.scope.get("http_version") == "2" else KNOWN
        if kind not in known:
            raise LocalProtocolError(f"{kind!r} is no message of an HTTP response that this server knows")
        if self._steps is GONE:
            raise ClientDisconnected(f"{kind}: the client has disconnected")
        if self._steps is not FINISHED:  # behind the end, messages are ignored (ASGI HTTP 2.5)
            expected = " or ".join([each for each in self._steps if each in known])
            expected = expected or "nothing until the file is sent"
            raise LocalProtocolError(f"{kind!r} has no place here; expected {expected}")

    def _returned_early(self) -> None:
        """An application may stop when it is told that the client has gone; else it forgot something."""
        if not self._disconnected:
            report(LocalProtocolError("the application returned without completing its response"), self.scope)
        self._give_up(CLIENT_CLOSED_REQUEST if self._disconnected else 500)

    def _give_up(self, status: int) -> None:
        """No more of the response comes: an answer where nothing was sent yet, a cut connection elsewhere."""
        if self._is_answered():
            return
        if self._stream.response_started():
            self._cut(self._status)
        elif status == CLIENT_CLOSED_REQUEST:
            self._cut(status)
        else:
            self._refuse(status, REASONS[status], RETRY_AFTER if status == 503 else ())

    def _cut(self, status: int) -> None:
        self._finish()
        self._record(status)
        self._stream.abort()

    def _refuse(self, status: int, reason: str, fields: tuple[tuple[bytes, bytes], ...]) -> None:
        self._finish()
        self._response_fields = list(fields)
        self._stream.send_refusal(status, reason, fields)
        self._record(status)
        self._stream.exchange_complete()

    def _record(self, status: int) -> None:
        log = self._service.access_log
        if log is not None:
            duration = time.perf_counter() - self._started_at
            log.record(self.scope, status, self._response_fields, self._stream.body_bytes_sent(), duration)


def open_exchange(
    head: RequestHead, facts: ConnectionFacts, stream: HttpStream, service: Service
) -> HttpExchange:
    """In place of a constructor, whose arguments would be packed and parsed: 0.1 µs a request."""
    exchange = HttpExchange.__new__(HttpExchange)
    exchange._open(head, facts, stream, service)
    return exchange


# `send` gives something to await, and does not wait unless it has to; asgiref asks whether it is async.
markcoroutinefunction(HttpExchange.send)
