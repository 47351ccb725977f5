"""One HTTP/1.1 connection on the server's side: their half and ours, where they meet (RFC 9112 section 9).

A request opens our half; when the response is complete and the request read or dropped, the next one is
parsed. Whatever the peer gets wrong is answered while an answer is still possible, and ends the connection.
"""

from collections.abc import Iterable

from penstock.base.errors import LocalProtocolError, RemoteProtocolError
from penstock.base.limits import Limits
from penstock.engine.closing import ABORT, CLOSE, KEEP_OPEN, LINGER
from penstock.engine.defaults import ResponseDefaults
from penstock.engine.http1 import deadlines, state
from penstock.engine.http1.deadlines import Deadlines
from penstock.engine.http1.events import Event, PeerClosed, PeerFault
from penstock.engine.http1.reading import RequestReader
from penstock.engine.http1.writing import ResponseWriter

Pairs = Iterable[tuple[bytes, bytes]]


class Http1Connection:
    """The contract is in ARCHITECTURE.md.

    `close_wanted` is one of `engine.closing`. Of `send_*` that raised LocalProtocolError nothing was written;
    where no head was written before, `send_refusal` still works, and `abort` always does.
    """

    __slots__ = (
        "_deadlines",
        "_eof",
        "_max_drain_bytes",
        "_pending",
        "_read_buffer_bytes",
        "_reader",
        "_writer",
        "close_wanted",
    )

    def __init__(self, limits: Limits, defaults: ResponseDefaults) -> None:
        self.close_wanted = KEEP_OPEN
        self._reader = RequestReader(limits)
        self._writer = ResponseWriter(defaults)
        self._deadlines = Deadlines(limits)
        self._pending: PeerFault | None = None
        self._eof = False
        self._max_drain_bytes = limits.max_drain_bytes
        self._read_buffer_bytes = limits.read_buffer_bytes

    # What comes from the peer.

    def receive_data(self, data: bytes) -> None:
        self._reader.feed(data)

    def receive_eof(self) -> None:
        self._eof = True

    def events(self) -> list[Event]:
        events: list[Event] = []
        if self._pending is not None:
            events.append(self._pending)
            self._pending = None
        if self._reader.state != state.DEAF:
            try:
                self._advance(events)
            except RemoteProtocolError as error:
                events.append(self._fault(error.reason, error.status))
        return events

    def awaits_peer(self) -> bool:
        """Whether `events` will find nothing before more comes from the peer: asking again can be spared."""
        return self._pending is None and not self._eof and self._reader.unread() == 0

    @property
    def wants_pause(self) -> bool:
        return self._reader.unread() > self._read_buffer_bytes

    @property
    def request_complete(self) -> bool:
        return self._reader.complete

    # What goes to the peer.

    def send_continue(self) -> None:
        """Tell a client that waits for it to send the body, once (RFC 9110 section 10.1.1)."""
        if self._reader.awaits_continue and not self._writer.started:
            self._writer.inform(100, ())
            self._reader.awaits_continue = False

    def send_informational(self, status: int, fields: Pairs) -> None:
        self._writer.inform(status, fields)

    def send_response(self, status: int, fields: Pairs, trailers_follow: bool) -> None:
        self._writer.hold(status, fields, trailers_follow)

    def send_data(self, data: bytes | bytearray | memoryview, end: bool) -> None:
        if self._reader.state == state.BODY:
            self._foresee_close(end)
        self._writer.send(data, end)
        if end:
            self._settle()

    def begin_file_part(self, count: int) -> bool:
        """False when there is nothing that the caller has to write: no bytes, or no body on the wire."""
        if self._reader.state == state.BODY:
            self._foresee_close(False)
        return self._writer.begin_file(count)

    def end_file_part(self, end: bool) -> None:
        self._writer.end_file(end)
        if end:
            self._settle()

    def send_trailers(self, fields: Pairs) -> None:
        self._writer.send_trailers(fields)
        self._settle()

    def send_refusal(self, status: int, reason: str, fields: Pairs = ()) -> None:
        self._writer.refuse(status, reason, fields, self._reader.head.is_head())
        self._close(LINGER)

    def switch_protocols(self, fields: Pairs) -> bytes:
        """`fields` are those of the 101, `upgrade` among them; `connection: Upgrade` is added here."""
        if not self._reader.complete or not self._reader.head.framing.upgrade:
            raise LocalProtocolError("only a complete request that asks for an upgrade can switch protocols")
        self._writer.switch(fields)
        return self._reader.take_unread()

    def announce_close(self) -> None:
        self._writer.keep_alive = False
        if self._is_idle():
            self._close(CLOSE)
        elif self._writer.state == state.COMPLETE and not self._reader.complete:
            self._close(LINGER)

    def abort(self) -> None:
        self._writer.abort()
        self._close(ABORT)

    def data_to_send(self) -> list[bytes]:
        return self._writer.take()

    @property
    def response_started(self) -> bool:
        return self._writer.started

    @property
    def response_complete(self) -> bool:
        return self._writer.state == state.COMPLETE

    @property
    def body_bytes_sent(self) -> int:
        return self._writer.body_bytes_sent

    # The clock.

    @property
    def next_deadline(self) -> float | None:
        return self._deadlines.next_deadline

    @property
    def reading_paused(self) -> bool:
        """Set by the caller while it does not read from the peer: a body is not judged by such time."""
        return self._deadlines.reading_paused

    @reading_paused.setter
    def reading_paused(self, paused: bool) -> None:
        self._deadlines.pause(paused)

    def handle_deadline(self, now: float) -> None:
        phase = self._phase()
        if not self._deadlines.is_over(now, phase, self._reader.requests, self._reader.body_octets):
            return
        if phase == deadlines.BODY:
            self._pending = self._fault("the body of the request comes too slowly", 408)
        elif phase == deadlines.HEAD and self._reader.state == state.HEAD:
            self._pending = self._fault("the head of the request took too long", 408)
        else:
            self._close(CLOSE)

    def _phase(self) -> int:
        """Whom the connection waits for: the peer, unless what it sent was not looked at or not answered."""
        theirs = self._reader.state
        if theirs == state.BODY:
            return deadlines.NOBODY if self._reader.awaits_continue else deadlines.BODY
        if theirs == state.HEAD or (theirs == state.IDLE and self._reader.requests == 0):
            return deadlines.HEAD
        return deadlines.REST if self._is_idle() else deadlines.NOBODY

    def _is_idle(self) -> bool:
        """Between requests, with nothing of the next one here."""
        if self._reader.unread() > 0:
            return False
        if self._writer.state == state.COMPLETE:
            return self._reader.state == state.DONE
        return self._reader.state == state.IDLE

    # Where the halves meet.

    def _advance(self, events: list[Event]) -> None:
        reader = self._reader
        while True:
            if reader.state == state.DONE and self._writer.state == state.COMPLETE:
                reader.next_request()
                self._writer.next()
            if reader.read(events):
                self._open_response()
                reader.read(events)
            if not reader.dropping:
                break
            if reader.drained > self._max_drain_bytes:
                self._close(LINGER)
                return
            if reader.state != state.DONE:
                break
        if self._eof and reader.unread() == 0:
            events.append(self._peer_closed())

    def _open_response(self) -> None:
        head = self._reader.head
        framing = head.framing
        self._writer.open(head.http11, head.is_head(), framing.keep_alive, framing.wants_trailers)

    def _peer_closed(self) -> PeerClosed:
        """A client may close its half behind a complete request and still read the response."""
        ours = self._writer.state
        complete = self._reader.state in (state.IDLE, state.DONE)
        self._writer.keep_alive = False
        if ours in (state.WAITING, state.COMPLETE):
            self._close(CLOSE)
        elif complete:
            self._reader.stop()
        else:
            self._close(ABORT if self._writer.started else CLOSE)
            self._writer.abort()
        return PeerClosed(complete)

    def _fault(self, reason: str, status: int) -> PeerFault:
        """Answer what the peer got wrong, as far as the response in progress lets an answer through."""
        ours = self._writer.state
        answered = ours in (state.WAITING, state.OPEN, state.HELD)
        if answered:
            self._writer.refuse(status, reason, (), self._reader.head.is_head())
            self._close(LINGER)
        elif ours == state.COMPLETE:
            self._close(LINGER)
        else:
            self._writer.abort()
            self._close(ABORT)
        return PeerFault(reason, status, answered)

    def _foresee_close(self, end: bool) -> None:
        """Let the head say `close` when it is clear that the rest of the body will not be read."""
        if self._writer.state == state.HELD and not self._may_drain(end):
            self._writer.keep_alive = False

    def _may_drain(self, end: bool) -> bool:
        """Whether the rest of the body may be dropped. A client that waits for a 100 may never send it."""
        if self._reader.awaits_continue:
            return False
        return not end or self._reader.known_rest() <= self._max_drain_bytes

    def _settle(self) -> None:
        """When the response is complete: what becomes of the rest of the request, and of the connection."""
        reader = self._reader
        if self._writer.state != state.COMPLETE:
            return
        if self._writer.keep_alive and reader.complete:
            return
        if self._writer.keep_alive and self._may_drain(True):
            reader.dropping = True
        elif reader.complete and reader.unread() == 0:
            self._close(CLOSE)
        else:
            self._close(LINGER)

    def _close(self, wanted: int) -> None:
        self._reader.stop()
        self.close_wanted = max(self.close_wanted, wanted)
