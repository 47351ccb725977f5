"""One HTTP/1 connection: drives the engine and hands its events to the exchange that is under way.

There is one exchange at a time. The next pipelined request is parsed when the last one is answered *and* the
client has taken enough of the answers: a client that sends requests and reads nothing is held back instead of
being buffered for.
"""

from collections.abc import Awaitable

from penstock.base.errors import RemoteProtocolError
from penstock.bridge.exchange import Exchange
from penstock.bridge.failures import report_fault
from penstock.bridge.http import open_exchange
from penstock.bridge.http2 import Http2Session
from penstock.bridge.http2_upgrade import SWITCH_FIELDS, read_settings, wants_http2
from penstock.bridge.refusals import record_refusal
from penstock.bridge.service import Service
from penstock.bridge.stream import HttpStream, Pairs
from penstock.bridge.websocket import WebSocketSession
from penstock.bridge.wire import Handler, Wire
from penstock.engine.http1.connection import Http1Connection
from penstock.engine.http1.events import BodyPart, Event, PeerClosed, PeerFault, RequestEnd
from penstock.engine.request import RequestHead
from penstock.engine.websocket.handshake import VERSION_OFFERED, read_offer

RETRY_AFTER = ((b"retry-after", b"1"),)


class Http1Session(HttpStream):
    """The handler of an HTTP/1 wire, and the stream of each of its exchanges."""

    __slots__ = ("_advancing", "_engine", "_exchange", "_reading_paused", "_service", "_wire")

    def __init__(self, wire: Wire, service: Service) -> None:
        self._wire = wire
        self._service = service
        self._engine = Http1Connection(service.limits, service.defaults)
        self._exchange: Exchange | None = None
        self._advancing = False
        self._reading_paused = False

    # As the wire's handler.

    def receive_data(self, data: bytes) -> None:
        self._engine.receive_data(data)
        self._advance()

    def receive_eof(self) -> None:
        self._engine.receive_eof()
        self._advance()

    def writing_resumed(self) -> None:
        self._advance()

    def handle_deadline(self, now: float) -> None:
        self._engine.handle_deadline(now)
        if self._exchange is not None:
            self._exchange.handle_deadline(now)
        self._advance()

    def drain(self) -> None:
        self._engine.announce_close()
        if self._exchange is not None:
            self._exchange.drain()
        self._advance()

    def connection_lost(self) -> None:
        exchange, self._exchange = self._exchange, None
        if exchange is not None:
            exchange.disconnected()

    def refuse(self, status: int, reason: str) -> None:
        """Answer a connection that the server has no room for, before its first request."""
        self._engine.send_refusal(status, reason, RETRY_AFTER)
        self._record_refusal(status, None)
        self._settle()

    # As the stream of an exchange.

    def is_writable(self) -> bool:
        return self._wire.writable

    def response_started(self) -> bool:
        return self._engine.response_started

    def body_bytes_sent(self) -> int:
        return self._engine.body_bytes_sent

    def wait_writable(self) -> Awaitable[None]:
        return self._wire.wait_writable()

    def send_continue(self) -> None:
        self._engine.send_continue()
        self._flush()

    def send_informational(self, status: int, fields: Pairs) -> None:
        self._engine.send_informational(status, fields)
        self._flush()

    def send_response(self, status: int, fields: Pairs, trailers_follow: bool) -> None:
        self._engine.send_response(status, fields, trailers_follow)

    def send_data(self, data: bytes | bytearray | memoryview, end: bool) -> None:
        self._engine.send_data(data, end)
        self._flush()

    def send_trailers(self, fields: Pairs) -> None:
        self._engine.send_trailers(fields)
        self._flush()

    def open_file(self, path: str) -> Awaitable[tuple[int, int]]:
        return self._wire.open_file(path)

    async def send_file(self, descriptor: int, offset: int | None, count: int, end: bool) -> None:
        carried = self._engine.begin_file_part(count)
        self._flush()
        if carried:
            await self._wire.send_file(descriptor, offset, count)
        self._engine.end_file_part(end)
        self._flush()

    def send_refusal(self, status: int, reason: str, fields: Pairs = ()) -> None:
        self._engine.send_refusal(status, reason, fields)
        self._flush()

    def accept_websocket(self, fields: Pairs, handler: Handler) -> None:
        early = self._engine.switch_protocols(fields)
        self._flush()
        self._exchange = None
        self._wire.handler = handler
        if self._reading_paused:
            self._reading_paused = False
            self._wire.resume_reading()
        if early:
            handler.receive_data(early)

    def abort(self) -> None:
        self._exchange = None
        self._engine.abort()
        self._settle()

    def body_taken(self, size: int) -> None:
        if self._reading_paused:
            self._settle()

    def exchange_complete(self) -> None:
        self._exchange = None
        self._advance()

    # Between the two.

    def _advance(self) -> None:
        """Handle what the engine has, up to the point where an application has to act first."""
        if self._advancing:  # an application answered at once, below `_handle`: the loop is already running
            return
        self._advancing = True
        try:
            while self._exchange is not None or self._wire.writable:
                events = self._engine.events()
                if not events:
                    break
                self._handle(events)
                if self._engine.awaits_peer():
                    break
        finally:
            self._advancing = False
        self._settle()

    def _handle(self, events: list[Event]) -> None:
        """The application is started behind the last event, so that a body that is already here needs no
        waiting.
        """
        opened = None
        for event in events:
            if isinstance(event, RequestHead):
                opened = self._exchange = self._open(event)
            elif (exchange := self._exchange) is None:
                if isinstance(event, PeerFault):
                    self._tell_fault(event)
            elif isinstance(event, RequestEnd):
                exchange.body_ended(event.trailers)
            elif isinstance(event, BodyPart):
                exchange.body_received(event.data)
            else:
                self._tell_end(exchange, event)
        if opened is not None and not opened.abandoned:
            self._start(opened)

    def _tell_fault(self, fault: PeerFault) -> None:
        """There is no exchange that would care."""
        report_fault(fault.reason, self._wire.facts.client)
        if fault.answered:
            self._record_refusal(fault.status, None)

    def _record_refusal(self, status: int, head: RequestHead | None) -> None:
        record_refusal(self._service, self._wire.facts, status, self._engine.body_bytes_sent, head)

    def _tell_end(self, exchange: Exchange, event: PeerFault | PeerClosed) -> None:
        if isinstance(event, PeerFault):
            report_fault(event.reason, self._wire.facts.client)
            exchange.disconnected(event.status if event.answered else 0)
        elif event.complete:
            exchange.half_closed()
        else:
            exchange.disconnected()

    def _open(self, head: RequestHead) -> Exchange | None:
        if not head.upgrade:
            return open_exchange(head, self._wire.facts, self, self._service)
        if head.upgrade == b"websocket":
            return self._open_websocket(head)
        if wants_http2(head, self._wire.facts, self._service):
            self._go_on_as_http2(head)
            return None
        return open_exchange(head, self._wire.facts, self, self._service)

    def _open_websocket(self, head: RequestHead) -> Exchange | None:
        try:
            offer = read_offer(head.method, head.http_version, head.fields)
            if head.body_follows:
                raise RemoteProtocolError("a WebSocket handshake has no body", 400)
        except RemoteProtocolError as error:
            fields = VERSION_OFFERED if error.status == 426 else ()
            self._engine.send_refusal(error.status, error.reason, fields)
            self._record_refusal(error.status, head)
            return None
        return WebSocketSession(head, offer, self, self._wire, self._service)

    def _go_on_as_http2(self, head: RequestHead) -> None:
        """The 101 leaves, the request becomes the first stream, and the wire is another session's."""
        session = Http2Session(self._wire, self._service)
        try:
            session.begin_from_http1(read_settings(head.fields), head)
        except RemoteProtocolError as error:
            self._engine.send_refusal(error.status, error.reason)
            self._record_refusal(error.status, head)
            return
        early = self._engine.switch_protocols(SWITCH_FIELDS)
        self._flush()
        self._wire.handler = session
        session.receive_data(early)

    def _start(self, exchange: Exchange) -> None:
        turns = self._service.turns
        if turns is None or isinstance(exchange, WebSocketSession):
            self._service.start(exchange)
        else:
            turns.enter(exchange)

    def _flush(self) -> None:
        pieces = self._engine.data_to_send()
        if pieces:
            self._wire.write(pieces)

    def _settle(self) -> None:
        """Give the wire what is to be written, and tell it to close or to pause where that is due."""
        self._flush()
        engine, exchange = self._engine, self._exchange
        if engine.close_wanted:
            self._wire.close(engine.close_wanted)
            return
        paused = engine.wants_pause or (exchange is not None and exchange.wants_pause())
        if paused != self._reading_paused:
            self._reading_paused = engine.reading_paused = paused
            if paused:
                self._wire.pause_reading()
            else:
                self._wire.resume_reading()
