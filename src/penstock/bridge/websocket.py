"""One WebSocket as ASGI messages (ASGI WebSocket 2.5), the same over every version of HTTP.

Until the application accepts, the session is an exchange of the HTTP session and can still end in an ordinary
response; from then on an `OpenWebSocket` carries its messages. The states are tables of the messages that are
allowed next.
"""

import asyncio
import time
from collections.abc import Awaitable
from threading import get_ident
from typing import Any

from asgiref.sync import markcoroutinefunction

from penstock.base.asgi import App, Fields, Message
from penstock.base.errors import ClientDisconnected, LocalProtocolError
from penstock.bridge.exchange import Exchange
from penstock.bridge.failures import report
from penstock.bridge.messages import as_dict, kind_of, listed, required_status
from penstock.bridge.open_websocket import OpenWebSocket
from penstock.bridge.scope import websocket_scope
from penstock.bridge.service import Service
from penstock.bridge.stream import HttpStream
from penstock.bridge.waiting import DONE, Bell, check_loop, failed, on_its_loop
from penstock.bridge.wire import Wire
from penstock.engine.fields import our_pairs
from penstock.engine.request import RequestHead
from penstock.engine.websocket.connection import WebSocketConnection
from penstock.engine.websocket.events import TextMessage
from penstock.engine.websocket.handshake import Offer, accept

ACCEPTED = {"1.1": 101, "2": 200}  # RFC 8441 section 5
NORMAL = 1000  # the close codes of RFC 6455 section 7.4.1 and of the IANA registry
ABNORMAL = 1006
INTERNAL_ERROR = 1011
SERVICE_RESTART = 1012
CLIENT_CLOSED_REQUEST = 499  # only in the access log: the client went during the handshake
RETRY_AFTER = ((b"retry-after", b"1"),)
CLOSES = (b"connection", b"close")  # what a client sends behind its handshake is no request
RELEASED = HttpStream()  # what belongs to the handshake alone is not kept for hours

# What the application sends, and the states: which of it is allowed in them.
ACCEPT, SEND, CLOSE, DENY, DENIAL_BODY = range(5)
UNEXPECTED = -1
Steps = dict[str, int]

EXPECTS_ANSWER: Steps = {
    "websocket.accept": ACCEPT,
    "websocket.close": CLOSE,
    "websocket.http.response.start": DENY,
}
DENYING: Steps = {"websocket.http.response.body": DENIAL_BODY}
OPEN: Steps = {"websocket.send": SEND, "websocket.close": CLOSE}
CLOSING: Steps = {}  # our close frame is sent, the client's is awaited
ENDED: Steps = {}
KNOWN = frozenset((*EXPECTS_ANSWER, *DENYING, *OPEN))


class WebSocketSession(Exchange):
    __slots__ = (
        "_connect_told",
        "_disconnect",
        "_handshake_deadline",
        "_offer",
        "_response_fields",
        "_service",
        "_socket",
        "_started_at",
        "_status",
        "_steps",
        "_stream",
        "_wire",
        "bell",
    )

    def __init__(
        self, head: RequestHead, offer: Offer, stream: HttpStream, wire: Wire, service: Service
    ) -> None:
        self.scope = websocket_scope(head, offer.subprotocols, wire.facts, service)
        self.task: asyncio.Task[None] | None = None
        self.abandoned = self.returned = False
        self.bell = Bell()
        self._offer: Offer | None = offer
        self._stream = stream
        self._wire = wire
        self._service = service
        self._socket: OpenWebSocket | None = None
        self._steps: Steps = EXPECTS_ANSWER
        self._connect_told = False
        self._disconnect: Message | None = None
        self._handshake_deadline: float | None = None
        self._status = ACCEPTED[head.http_version]
        self._response_fields: Fields = []
        self._started_at = time.perf_counter() if service.access_log is not None else 0.0

    # What the HTTP session tells, as long as the handshake is not answered.

    def half_closed(self) -> None:
        """A client that will send no more cannot speak WebSocket."""
        self.disconnected()
        self._stream.abort()

    def disconnected(self, answer: int = 0) -> None:
        """`answer` is the status that the engine has sent in the application's place, if it has."""
        self.abandoned = True
        if self._steps is not DENYING or not self._stream.response_started():
            self._status = answer or CLIENT_CLOSED_REQUEST
        self.ended(ABNORMAL, "")

    def handle_deadline(self, now: float) -> None:
        seconds = self._service.limits.websocket_handshake_seconds
        if self._steps is not EXPECTS_ANSWER or seconds is None:
            return
        if self._handshake_deadline is None:
            self._handshake_deadline = now + seconds
        elif now >= self._handshake_deadline:
            self._refuse(503, "the application did not answer the WebSocket handshake in time", RETRY_AFTER)

    # What both tell.

    def ended(self, code: int, reason: str) -> None:
        """The WebSocket is over, or will never be; the application is told once, whoever ended it."""
        if self._disconnect is not None:
            return
        self._steps = ENDED
        self._disconnect = {"type": "websocket.disconnect", "code": code, "reason": reason}
        self._record()
        self.bell.ring()
        self._service.cancel_later(self._cancel)
        self._let_go()

    def drain(self) -> None:
        """The server stops: an open WebSocket is closed with 1012, one not yet accepted is refused."""
        if self._steps is OPEN:
            self._close(SERVICE_RESTART, "the server restarts")
            self._steps = ENDED  # for the application it is as if the client had gone
        elif self._steps is EXPECTS_ANSWER:
            self._refuse(503, "the server restarts", RETRY_AFTER)

    # The application's run.

    async def run(self, app: App) -> None:
        try:
            await app(self.scope, self.receive, self.send)
        except Exception as error:  # noqa: BLE001 whatever an application raises ends its connection, not the server
            report(error, self.scope)
            self._application_ended(INTERNAL_ERROR)
        except BaseException:
            self.cancelled()
            raise
        else:
            if self._steps is EXPECTS_ANSWER or self._steps is DENYING:
                report(LocalProtocolError("the application returned without an answer"), self.scope)
            self._application_ended(NORMAL)
        finally:
            self._service.finished(self)
            self._let_go()

    def cancelled(self) -> None:
        self._application_ended(INTERNAL_ERROR)

    # What the application calls.

    async def receive(self) -> Message:
        if not self._connect_told:
            self._connect_told = True
            return {"type": "websocket.connect"}
        while True:
            socket = self._socket
            if socket is not None and (event := socket.maybe_take()) is not None:
                if isinstance(event, TextMessage):
                    return {"type": "websocket.receive", "text": event.text}
                return {"type": "websocket.receive", "bytes": event.data}
            if self._disconnect is not None:
                return {**self._disconnect}
            check_loop(self._service.thread_id)
            await self.bell.wait()

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
        if step == SEND:
            return self._send_message(message)
        if step == ACCEPT:
            self._accept(message)
        elif step == CLOSE:
            self._send_close(message)
        elif step == DENY:
            self._start_denial(message)
        elif step == DENIAL_BODY:
            return self._send_denial(message)
        else:
            self._unexpected(message)
        return DONE

    def _accept(self, message: dict[str, Any]) -> None:
        fields = [*listed(message, "headers")]
        if any(name == b"sec-websocket-protocol" for name, _ in our_pairs(fields)):
            raise LocalProtocolError(
                "websocket.accept: sec-websocket-protocol has no place in headers; name it as subprotocol"
            )
        limits = self._service.limits
        assert self._offer is not None
        acceptance = accept(self._offer, message.get("subprotocol"), limits)
        self._response_fields = [*acceptance.fields, *fields]
        engine = WebSocketConnection(limits, acceptance.deflate)
        socket = OpenWebSocket(engine, self._wire, self, limits.read_buffer_bytes)
        self._socket, self._steps = socket, OPEN
        try:
            self._stream.accept_websocket(self._response_fields, socket)
        except LocalProtocolError:
            self._socket, self._steps = None, EXPECTS_ANSWER
            raise
        self._stream, self._offer = RELEASED, None

    def _send_message(self, message: dict[str, Any]) -> Awaitable[None]:
        assert self._socket is not None
        text, data = message.get("text"), message.get("bytes")
        if text is not None and data is None:
            plain = text if type(text) is str else _plain_text(text, "websocket.send: text")
            return self._socket.send_text(plain)
        if data is not None and text is None:
            return self._socket.send_bytes(data if type(data) is bytes else _plain_bytes(data))
        raise LocalProtocolError("websocket.send: exactly one of text and bytes has to be given")

    def _send_close(self, message: dict[str, Any]) -> None:
        if self._steps is EXPECTS_ANSWER:
            self._refuse(403, "the application refused the WebSocket", ())
        else:
            reason = message.get("reason") or ""
            self._close(message.get("code", NORMAL), _plain_text(reason, "websocket.close: reason"))

    def _close(self, code: int, reason: str) -> None:
        assert self._socket is not None
        self._socket.send_close(code, reason)
        if self._steps is OPEN:
            self._steps = CLOSING

    def _start_denial(self, message: dict[str, Any]) -> None:
        status = required_status(message)
        fields = [*listed(message, "headers")]
        self._stream.send_response(status, [*fields, CLOSES], False)
        self._response_fields = fields
        self._status = status
        self._steps = DENYING

    def _send_denial(self, message: dict[str, Any]) -> Awaitable[None]:
        more = message.get("more_body", False)
        self._stream.send_data(message.get("body", b""), not more)
        if not more:
            self.ended(ABNORMAL, "")
            self._stream.exchange_complete()
        elif not self._stream.is_writable():
            return self._stream.wait_writable()
        return DONE

    def _refuse(self, status: int, reason: str, fields: tuple[tuple[bytes, bytes], ...]) -> None:
        """An HTTP response of ours instead of a WebSocket; it closes the connection."""
        self._status, self._response_fields = status, list(fields)
        self._stream.send_refusal(status, reason, fields)
        self.ended(ABNORMAL, "")
        self._stream.exchange_complete()

    def _application_ended(self, code: int) -> None:
        """Nobody is left to end what the application left open."""
        if self._steps is OPEN:
            self._close(code, "")
        elif self._steps is EXPECTS_ANSWER or (
            self._steps is DENYING and not self._stream.response_started()
        ):
            self._refuse(500, "the application failed", ())
        elif self._steps is DENYING:
            self.ended(ABNORMAL, "")
            self._stream.abort()
        if self._socket is not None:
            self._socket.forget()

    def _cancel(self) -> None:
        """The WebSocket ended long ago."""
        if self.task is not None:
            self.task.cancel()

    def _let_go(self) -> None:
        """When both the WebSocket and the application have ended, break the circle of session and socket."""
        if self._disconnect is not None and self.returned:
            self._socket = None

    def _record(self) -> None:
        log = self._service.access_log
        if log is not None:
            sent = self._stream.body_bytes_sent() if self._socket is None else self._socket.bytes_sent
            duration = time.perf_counter() - self._started_at
            log.record(self.scope, self._status, self._response_fields, sent, duration)

    def _unexpected(self, message: dict[str, Any]) -> None:
        kind = message["type"]
        if kind not in KNOWN:
            raise LocalProtocolError(f"{kind!r} is no message of a WebSocket that this server knows")
        if self._steps is ENDED:
            raise ClientDisconnected(f"{kind}: the WebSocket is closed")
        expected = " or ".join(self._steps) or "nothing behind websocket.close"
        raise LocalProtocolError(f"{kind!r} has no place here; expected {expected}")


def _plain_text(text: Any, what: str) -> str:
    """The text of a subclass of str, such as those that template engines make."""
    if not isinstance(text, str):
        raise LocalProtocolError(f"{what} is {type(text).__name__}; expected str")
    return str.__str__(text)


def _plain_bytes(data: Any) -> bytes:
    """Of the other kinds of bytes; `bytes` would make something of a number or a list, too."""
    if not isinstance(data, bytes | bytearray | memoryview):
        raise LocalProtocolError(f"websocket.send: bytes is {type(data).__name__}; expected bytes")
    return memoryview(data).tobytes()


markcoroutinefunction(WebSocketSession.send)  # as that of `http`
