"""One HTTP/2 connection on the server's side: where the halves meet, and how it ends (RFC 9113).

`receiving` reads frames and makes requests of them, `responding` and `sending` write responses under flow
control, `control` keeps the connection's own rules, `farewell` ends it. Here is what the bridge calls, and
what happens to all streams at once.
"""

from collections.abc import Iterable

from penstock.base.errors import LocalProtocolError, RemoteProtocolError
from penstock.base.limits import Limits
from penstock.engine.closing import ABORT, CLOSE, KEEP_OPEN, LINGER
from penstock.engine.defaults import ResponseDefaults
from penstock.engine.http2 import codes, farewell, pushing, state
from penstock.engine.http2.bodies import BodyReader
from penstock.engine.http2.control import ControlReader
from penstock.engine.http2.events import ConnectionFault, Event, PeerClosed, StreamWritable
from penstock.engine.http2.farewell import Farewell
from penstock.engine.http2.faults import ConnectionBroken
from penstock.engine.http2.patience import Patience
from penstock.engine.http2.receiving import RequestReader
from penstock.engine.http2.responding import Responder
from penstock.engine.http2.sending import BodySender
from penstock.engine.http2.settings import our_settings
from penstock.engine.http2.stream import Stream
from penstock.engine.http2.streams import Streams
from penstock.engine.http2.watch import Watch
from penstock.engine.http2.writing import FrameWriter
from penstock.engine.request import RequestHead

Pairs = Iterable[tuple[bytes, bytes]]


class Http2Connection:
    """The contract is in ARCHITECTURE.md.

    `close_wanted` is one of `engine.closing`. Of `send_*` that raised LocalProtocolError nothing was written.
    """

    __slots__ = (
        "_bodies",
        "_control",
        "_eof",
        "_farewell",
        "_has_left",
        "_is_deaf",
        "_max_strain_bytes",
        "_patience",
        "_pending",
        "_reader",
        "_responder",
        "_sender",
        "_streams",
        "_watch",
        "_writer",
        "close_wanted",
        "reading_paused",
    )

    def __init__(self, limits: Limits, defaults: ResponseDefaults) -> None:
        self.close_wanted = KEEP_OPEN
        self.reading_paused = False
        self._eof = self._has_left = self._is_deaf = False
        self._pending: list[Event] = []
        self._max_strain_bytes = limits.write_buffer_bytes
        self._streams = Streams()
        self._writer = FrameWriter(limits)
        self._patience = Patience(limits)
        self._sender = BodySender(limits, self._streams, self._writer, self._patience)
        self._responder = Responder(defaults, self._streams, self._writer, self._sender)
        self._farewell = Farewell(self._streams, self._writer)
        self._control = ControlReader(self._responder, self._patience, self._farewell)
        self._bodies = BodyReader(limits, self._streams, self._writer, self._patience)
        self._reader = RequestReader(limits, self._responder, self._control, self._bodies, self._patience)
        self._watch = Watch(limits, self._reader, self._control, self._bodies)
        self._writer.put(codes.SETTINGS, codes.NO_FLAGS, 0, our_settings(limits))
        self._bodies.open_connection()

    def upgrade_from_http1(self, settings: bytes, head: RequestHead) -> None:
        """Begin with a request that came over HTTP/1.1, as stream 1 (RFC 7540 section 3.2). `settings` is the
        decoded `HTTP2-Settings`. RemoteProtocolError when they are malformed: then nothing has happened.
        """
        if self._streams.opened or head.body_follows:
            raise LocalProtocolError("only a first and complete request can be upgraded to HTTP/2")
        try:
            self._control.apply(settings, 0, len(settings))
        except ConnectionBroken as error:
            raise RemoteProtocolError(error.reason, 400) from None
        pushing.adopt(self._streams.open(1), head, self._pending)

    # What comes from the peer.

    def receive_data(self, data: bytes) -> None:
        if not self._is_deaf:
            self._reader.frames.feed(data)

    def receive_eof(self) -> None:
        self._eof = True

    def events(self) -> list[Event]:
        events, self._pending = self._pending, []
        if self._is_deaf:
            return events
        self._bodies.forget_streams()
        try:
            self._reader.read(events)
        except ConnectionBroken as error:
            events.append(self._fault(error.reason, error.status))
            return events
        events.extend([StreamWritable(stream.stream_id) for stream in self._sender.freed()])
        if self._eof and not self._has_left:
            events.append(self._peer_closed())
        self._settle()
        return events

    @property
    def wants_pause(self) -> bool:
        """Whether the peer asks for more answers than it reads."""
        return self._writer.paused and self._writer.strain > self._max_strain_bytes

    def data_taken(self, stream_id: int, count: int) -> None:
        """The application took `count` octets of the body: the peer may send as many more."""
        stream = self._find(stream_id)
        if stream is not None and not self._is_deaf:
            self._bodies.data_taken(stream, count)

    # What goes to the peer.

    def send_continue(self, stream_id: int) -> None:
        """Tell a client that waits for it to send the body, once (RFC 9110 section 10.1.1)."""
        stream = self._find(stream_id)
        if stream is not None and stream.expects_continue and not stream.started:
            stream.expects_continue = False
            self._responder.inform(stream, 100, ())

    def send_informational(self, stream_id: int, status: int, fields: Pairs) -> None:
        stream = self._find(stream_id)
        if stream is not None:
            self._responder.inform(stream, status, fields)

    def send_response(self, stream_id: int, status: int, fields: Pairs, trailers_follow: bool) -> None:
        stream = self._find(stream_id)
        if stream is not None:
            self._responder.hold(stream, status, fields, trailers_follow)

    def send_data(self, stream_id: int, data: bytes | bytearray | memoryview, end: bool) -> None:
        stream = self._find(stream_id)
        if stream is not None:
            self._responder.send(stream, data, end)

    def send_trailers(self, stream_id: int, fields: Pairs) -> None:
        stream = self._find(stream_id)
        if stream is not None:
            self._responder.send_trailers(stream, fields)

    def send_refusal(self, stream_id: int, status: int, reason: str, fields: Pairs = ()) -> None:
        """A whole answer in plain text instead of a head that is not yet written."""
        stream = self._find(stream_id)
        if stream is not None:
            self._responder.refuse(stream, status, reason, fields)

    def accept_tunnel(self, stream_id: int, fields: Pairs) -> None:
        """200 at once for a CONNECT; the stream carries another protocol then (RFC 8441 section 5)."""
        stream = self._find(stream_id)
        if stream is not None:
            self._responder.accept(stream, fields)

    def push(self, stream_id: int, method: str, path: bytes, fields: Pairs) -> int | None:
        """Promise the response to a request that the peer has not sent (RFC 9113 section 8.4). None where
        that may not be now, or on a promised stream; LocalProtocolError for what may not be promised at all.
        """
        stream = self._find(stream_id) if stream_id & 1 else None
        if stream is None or stream.stage >= state.COMPLETE or not self.may_push():
            return None
        request = pushing.request_fields(stream, method, path, fields)
        return pushing.promise(self._responder, self._reader, stream, request, self._pending)

    def may_push(self) -> bool:
        """Whether the peer takes promises now."""
        peer = self._control.peer
        if not peer.allows_push or self._farewell.peer_leaves or self._farewell.stage != farewell.STAYING:
            return False
        streams = self._streams
        return streams.pushed < peer.max_streams and streams.last_promised < codes.MAX_STREAM_ID - 1

    def reset(self, stream_id: int, code: int) -> None:
        """Give the stream up, so that the client sees it is cut."""
        stream = self._find(stream_id)
        if stream is not None:
            self._responder.reset(stream, code)

    def set_priority(self, stream_id: int, urgency: int, incremental: bool) -> None:
        if not 0 <= urgency <= 7:
            raise LocalProtocolError(f"an urgency is a number from 0 to 7, not {urgency!r} (RFC 9218)")
        stream = self._find(stream_id)
        if stream is not None:
            self._sender.set_priority(stream, urgency << 1 | incremental)

    def is_writable(self, stream_id: int) -> bool:
        stream = self._find(stream_id)
        return stream is None or self._sender.is_writable(stream)

    def response_started(self, stream_id: int) -> bool:
        """Whether bytes of the final head were given out."""
        stream = self._find(stream_id)
        return stream is None or stream.started

    def body_bytes_sent(self, stream_id: int) -> int:
        """How many octets of the body were accepted, without any framing."""
        stream = self._find(stream_id)
        return 0 if stream is None else stream.body_bytes_sent

    @property
    def output_paused(self) -> bool:
        """Set by the caller while its transport is full: nothing but control frames leaves then."""
        return self._writer.paused

    @output_paused.setter
    def output_paused(self, paused: bool) -> None:
        self._writer.pause(paused)

    def data_to_send(self) -> list[bytes]:
        self._sender.pump()
        self._settle()
        return self._writer.take()

    # The end.

    def announce_close(self) -> None:
        if self._is_deaf:
            return
        if not self._control.has_settings and self._streams.opened == 0:
            self._farewell.leave(codes.NO_ERROR, b"")
        else:
            self._farewell.announce()
        self._settle()

    def abort(self) -> None:
        self._give_all_up()
        self._writer.drop()
        self._close(ABORT)

    # The clock.

    @property
    def next_deadline(self) -> float | None:
        return self._watch.next_deadline

    def handle_deadline(self, now: float) -> None:
        if self._is_deaf:
            return
        self._patience.pass_time(now)
        try:
            self._judge(now)
        except ConnectionBroken as error:
            self._pending.append(self._fault(error.reason, error.status))
        self._settle()

    def _judge(self, now: float) -> None:
        if self._farewell.stage == farewell.ANNOUNCED and self._watch.is_farewell_over(now):
            self._farewell.leave(codes.NO_ERROR, b"")
        if not self.reading_paused:
            self._watch.judge_connection(now)
            if self._watch.is_idle_over(now):
                self._farewell.leave(codes.NO_ERROR, b"")
        self._watch.judge_streams(now, self._responder, self.reading_paused, self._pending)

    # Where the halves meet.

    def _find(self, stream_id: int) -> Stream | None:
        """The stream, or None when it is over and forgotten."""
        stream = self._streams.find(stream_id)
        if stream is None and self._streams.state_of(stream_id) == state.IDLE:
            raise LocalProtocolError(f"there is no stream {stream_id}")
        return stream

    def _settle(self) -> None:
        """Let new streams in or not, and close when nothing is left to be done."""
        if self._farewell.stage == farewell.LEFT:
            self._reader.highest_id = self._farewell.last_id
        elif not self._has_left:
            return
        if self._streams.active == 0 and self._streams.pushed == 0 and not self._is_deaf:
            self._close(CLOSE)

    def _peer_closed(self) -> PeerClosed:
        """Without a peer that sends, only what the windows have room for can still be written."""
        self._has_left = True
        complete = not self._reader.frames.holds_some() and self._reader.block.stream_id == 0
        for stream in self._streams.live():
            complete = complete and stream.state != state.OPEN
        if not complete:
            self._give_all_up()
            self._close(CLOSE)
        return PeerClosed(complete)

    def _fault(self, reason: str, code: int) -> ConnectionFault:
        self._farewell.leave(code, reason.encode())
        self._give_all_up()
        self._close(LINGER)
        return ConnectionFault(reason, code)

    def _give_all_up(self) -> None:
        for stream in self._streams.live():
            stream.stage = state.GONE
            self._sender.drop(stream)

    def _close(self, wanted: int) -> None:
        self._is_deaf = True
        self._reader.frames.stop()
        self.close_wanted = max(self.close_wanted, wanted)
