"""One HTTP/2 connection: drives the engine and hands its events to the exchanges of its streams.

What is read together is answered together: applications are started behind the last event of a batch, and
what they answer at once leaves in one write. A client that takes little of the answers holds back the
applications that write to it, each by its own stream; one that asks and takes nothing is not read.
"""

from penstock.base.errors import RemoteProtocolError
from penstock.bridge.carrier import Carrier
from penstock.bridge.exchange import Exchange
from penstock.bridge.failures import report_fault
from penstock.bridge.http import open_exchange
from penstock.bridge.http2_stream import Http2Stream, open_stream
from penstock.bridge.refusals import record_refusal
from penstock.bridge.scope import PUSH, http2_facts
from penstock.bridge.service import Service
from penstock.bridge.websocket import WebSocketSession
from penstock.bridge.wire import Wire
from penstock.engine.http2.connection import Http2Connection
from penstock.engine.http2.events import (
    ConnectionFault,
    DataReceived,
    Event,
    PeerClosed,
    RequestEnded,
    RequestReceived,
    StreamRefused,
    StreamReset,
    StreamWritable,
)
from penstock.engine.request import RequestHead
from penstock.engine.websocket.handshake import VERSION_FIELD, read_tunnel_offer

WEBSOCKET_VERSION = (VERSION_FIELD,)
NO_EVENTS: list[Event] = []
LARGE_PARTS = 4  # in write buffers: 10 MB cost 6.0 ms, in parts of one 10.2 (by hand, h2load beside it)


class Http2Session(Carrier):
    """The handler of an HTTP/2 wire."""

    __slots__ = ("_advancing", "_output_paused", "_reading_paused", "_streams")

    def __init__(self, wire: Wire, service: Service) -> None:
        self.engine = Http2Connection(service.limits, service.defaults)
        self.facts = http2_facts(wire.facts)
        self.service = service
        self.wire = wire
        self._advancing = self._output_paused = self._reading_paused = False
        self._streams: dict[int, Http2Stream] = {}

    def begin(self) -> None:
        """Send our settings; they need not wait for the client's."""
        self._advance()

    def begin_from_http1(self, settings: bytes, head: RequestHead) -> None:
        """The first request came over HTTP/1.1 (RFC 7540 section 3.2). RemoteProtocolError for settings that
        are none: then nothing has happened.
        """
        self.engine.upgrade_from_http1(settings, head)

    def refuse(self) -> None:
        """The server has no room for the connection; before a request there is nothing to answer."""
        self.engine.announce_close()
        self._advance()

    # As the wire's handler.

    def receive_data(self, data: bytes) -> None:
        self.engine.receive_data(data)
        self._advance()

    def receive_eof(self) -> None:
        self.engine.receive_eof()
        self._advance()

    def writing_resumed(self) -> None:
        self._advance()

    def handle_deadline(self, now: float) -> None:
        self.engine.handle_deadline(now)
        for stream in list(self._streams.values()):
            stream.handle_deadline(now)
        self._advance()

    def drain(self) -> None:
        self.engine.announce_close()
        for stream in list(self._streams.values()):
            stream.drain()
        self._advance()

    def connection_lost(self) -> None:
        self.engine.abort()
        self._lose_all()

    # As the carrier of streams.

    def spoken(self) -> None:
        if not self._advancing:
            self._run(NO_EVENTS)

    def share_bytes(self) -> int:
        """Alone a large part, for which a thread is worth its while; one of many no more than would wait
        anyhow.
        """
        least: int = self.service.limits.write_buffer_bytes
        return max(least, LARGE_PARTS * least // max(1, len(self._streams)))

    def let_go(self, stream_id: int) -> None:
        self._streams.pop(stream_id, None)

    # Below.

    def _advance(self) -> None:
        if not self._advancing:  # else an application answered at once, below `_handle`, which goes on
            self._run(self.engine.events())

    def _run(self, events: list[Event]) -> None:
        """Handle the events, and write what comes of it. What leaves may end streams and free others, so the
        engine is asked again.
        """
        self._advancing = True
        try:
            while True:
                if events:
                    self._handle(events)
                self._write()
                events = self.engine.events()
                if not events:
                    break
        finally:
            self._advancing = False
        self._settle()

    def _handle(self, events: list[Event]) -> None:
        opened: list[Http2Stream] = []
        latest = None
        for event in events:
            if isinstance(event, RequestReceived):
                latest = self._open(event)
                opened.append(latest)
            elif isinstance(event, RequestEnded):
                self._tell_complete(event, latest)
            elif isinstance(event, DataReceived):
                self._tell_data(event)
            else:
                self._tell_end(event)
        for stream in opened:
            if stream.exchange is not None:
                self._start(stream.exchange)

    def _open(self, event: RequestReceived) -> Http2Stream:
        stream = open_stream(self, event.stream_id)
        self._streams[event.stream_id] = stream
        if event.head.upgrade:
            self._open_websocket(stream, event.head)
            return stream
        exchange = open_exchange(event.head, self.facts, stream, self.service)
        stream.exchange = exchange
        if event.stream_id & 1 and self.engine.may_push():
            exchange.scope["extensions"][PUSH] = {}
        return stream

    def _open_websocket(self, stream: Http2Stream, head: RequestHead) -> None:
        try:
            offer = read_tunnel_offer(head.fields)
        except RemoteProtocolError as error:
            self.engine.send_refusal(stream.stream_id, error.status, error.reason, WEBSOCKET_VERSION)
            self._record_refusal(stream.stream_id, error.status, head)
            self.let_go(stream.stream_id)
        else:
            stream.exchange = WebSocketSession(head, offer, stream, stream.make_tunnel(), self.service)

    def _start(self, exchange: Exchange) -> None:
        turns = self.service.turns
        if turns is None or isinstance(exchange, WebSocketSession):
            self.service.start(exchange)
        else:
            turns.enter(exchange)

    def _tell_data(self, event: DataReceived) -> None:
        stream = self._streams.get(event.stream_id)
        if stream is not None:
            stream.body_received(event.data)

    def _tell_complete(self, event: RequestEnded, latest: Http2Stream | None) -> None:
        """Most requests have no body: their end is the next event, and their stream the `latest`."""
        if latest is not None and latest.stream_id == event.stream_id:
            stream: Http2Stream | None = latest
        else:
            stream = self._streams.get(event.stream_id)
        if stream is not None:
            stream.body_ended(event.trailers)

    def _tell_end(
        self, event: StreamWritable | StreamReset | StreamRefused | ConnectionFault | PeerClosed
    ) -> None:
        if isinstance(event, StreamWritable):
            if (stream := self._streams.get(event.stream_id)) is not None:
                stream.writing_resumed()
        elif isinstance(event, StreamReset):
            self._lose(event.stream_id, event.reason, 0)
        elif isinstance(event, StreamRefused):
            self._lose(event.stream_id, event.reason, event.status)
        elif isinstance(event, ConnectionFault):
            report_fault(event.reason, self.facts.client)
            self._lose_all()
        elif event.complete:
            for stream in list(self._streams.values()):
                stream.half_closed()
        else:
            self._lose_all()

    def _lose(self, stream_id: int, reason: str, answer: int) -> None:
        if reason:
            report_fault(reason, self.facts.client)
        stream = self._streams.pop(stream_id, None)
        if stream is not None:
            stream.lost(answer)
        elif answer:
            self._record_refusal(stream_id, answer, None)

    def _record_refusal(self, stream_id: int, status: int, head: RequestHead | None) -> None:
        body_bytes = self.engine.body_bytes_sent(stream_id)
        record_refusal(self.service, self.facts, status, body_bytes, head)

    def _lose_all(self) -> None:
        streams, self._streams = self._streams, {}
        for stream in streams.values():
            stream.lost()

    def _write(self) -> None:
        """Give the wire what there is, as long as it takes it; then nothing but what keeps the connection."""
        engine, wire = self.engine, self.wire
        if self._output_paused == wire.writable:
            self._pause_output(not wire.writable)
        pieces = engine.data_to_send()
        while pieces:
            wire.write(pieces)
            if not wire.writable and not self._output_paused:
                self._pause_output(True)
            pieces = engine.data_to_send()

    def _pause_output(self, paused: bool) -> None:
        self._output_paused = self.engine.output_paused = paused

    def _settle(self) -> None:
        """Tell the wire to close or to pause where that is due."""
        engine = self.engine
        if engine.close_wanted:
            self.wire.close(engine.close_wanted)
            return
        paused = self._output_paused and engine.wants_pause
        if paused != self._reading_paused:
            self._reading_paused = engine.reading_paused = paused
            if paused:
                self.wire.pause_reading()
            else:
                self.wire.resume_reading()
