"""Their half of the connection: the octets that came, and the request that is read from them.

What cannot be read yet (the response before it is not complete) stays in one buffer, so that pipelined
requests cost no more memory than their octets. A body that nobody wants any more is read and dropped up to a
limit.
"""

from penstock.base.asgi import Fields
from penstock.base.errors import RemoteProtocolError
from penstock.base.limits import Limits
from penstock.engine.http1 import body as bodies
from penstock.engine.http1 import framing, state
from penstock.engine.http1.body import Body, ChunkedBody, FixedBody
from penstock.engine.http1.events import Event, RequestEnd
from penstock.engine.http1.head import HeadReader

_NO_TRAILERS: Fields = []
_END = RequestEnd(_NO_TRAILERS)  # most requests end alike: one event for all of them


class RequestReader:
    """`state` is the state of their half, `requests` counts the heads that were complete, `body_octets` what
    was read of the bodies on this connection, framing included. While `dropping`, a body makes no events, and
    `drained` counts it.
    """

    __slots__ = (
        "_body",
        "_data",
        "_limits",
        "_max_body_bytes",
        "_position",
        "_waiting",
        "awaits_continue",
        "body_octets",
        "complete",
        "drained",
        "dropping",
        "head",
        "requests",
        "state",
    )

    def __init__(self, limits: Limits) -> None:
        self.head = HeadReader(limits)
        self.state = state.IDLE
        self.requests = 0
        self.body_octets = 0
        self.complete = False
        self.awaits_continue = False
        self.dropping = False
        self.drained = 0
        self._limits = limits
        self._max_body_bytes = bodies.NO_LIMIT if limits.max_body_bytes is None else limits.max_body_bytes
        self._body: Body | None = None
        self._data = b""
        self._position = 0
        self._waiting: bytearray | None = None

    def feed(self, data: bytes) -> None:
        if self.state == state.DEAF:
            return
        if self._position == len(self._data) and self._waiting is None:
            self._data = data
            self._position = 0
        elif self._waiting is None:
            self._waiting = bytearray(data)
        else:
            self._waiting += data

    def unread(self) -> int:
        """How many octets have come that were not looked at."""
        waiting = 0 if self._waiting is None else len(self._waiting)
        return len(self._data) - self._position + waiting

    def take_unread(self) -> bytes:
        """The octets that were not looked at, for the protocol that follows. Nothing is read after that."""
        rest = self._data[self._position :] + bytes(self._waiting or b"")
        self.stop()
        return rest

    def stop(self) -> None:
        """Read nothing more, and forget what is here."""
        self.state = state.their_next(self.state, state.STOP)
        self._data = b""
        self._position = 0
        self._waiting = self._body = None
        self.awaits_continue = False

    def next_request(self) -> None:
        """The last request is answered: be ready for the next."""
        self.state = state.their_next(self.state, state.NEXT_REQUEST)
        self.complete = self.dropping = self.awaits_continue = False
        self.drained = 0
        self.head.restart()

    def known_rest(self) -> int:
        """How many octets of the body are still to come, as far as the peer has told."""
        return 0 if self._body is None else self._body.known_rest()

    def read(self, events: list[Event]) -> bool:
        """Append what can be read up to the end of the present request; True directly behind its head.

        RemoteProtocolError is the peer's fault.
        """
        while self._has_data():
            if self._body is not None:
                self._read_body(self._body, events)
            elif self.state in (state.DONE, state.DEAF):
                return False
            elif self._read_head(events):
                return True
        return False

    def _has_data(self) -> bool:
        if self._position < len(self._data):
            return True
        self._position = 0
        if self._waiting is None:
            self._data = b""  # an idle connection does not hold on to what it has read
            return False
        self._data = bytes(self._waiting)
        self._waiting = None
        return True

    def _read_head(self, events: list[Event]) -> bool:
        position = self.head.read(self._data, self._position)
        if position >= 0:
            self._position = position
            self._begin(events)
            return True
        self._position = len(self._data)
        has_begun = self.head.has_begun()
        if has_begun and self.state == state.IDLE:
            self.state = state.their_next(self.state, state.HEAD_BEGINS)
        elif not has_begun and self.state == state.HEAD:
            self.state = state.their_next(self.state, state.EMPTY_LINE)
        return False

    def _begin(self, events: list[Event]) -> None:
        head = self.head.finish()
        size = self.head.framing.body_bytes
        if size > self._max_body_bytes:
            raise RemoteProtocolError(f"the body is longer than {self._max_body_bytes} bytes", 413)
        self.state = state.their_next(self.state, state.HEAD_COMPLETE)
        self.requests += 1
        events.append(head)
        if size == 0:
            self._complete(_NO_TRAILERS, events)
            return
        self.awaits_continue = self.head.framing.expects_continue
        self._body = ChunkedBody(self._limits) if size == framing.CHUNKED else FixedBody(size)

    def _read_body(self, body: Body, events: list[Event]) -> None:
        before = self._position
        self._position = body.read(self._data, before, [] if self.dropping else events)
        self.awaits_continue = False
        self.body_octets += self._position - before
        if self.dropping:
            self.drained += self._position - before
        if body.complete:
            self._complete(body.trailers, events)

    def _complete(self, trailers: Fields, events: list[Event]) -> None:
        self._body = None
        self.complete = True
        self.state = state.their_next(self.state, state.REQUEST_COMPLETE)
        if not self.dropping:
            events.append(RequestEnd(trailers) if trailers else _END)
