"""A stream of HTTP/2 that carries another protocol (RFC 8441), as the wire of that protocol.

END_STREAM is the end of a half, RST_STREAM the reset (RFC 8441 section 5). Reading is paused by keeping the
octets of the stream's window: what is on its way still comes, a window of it at most.
"""

from penstock.base.errors import ClientDisconnected
from penstock.bridge.carrier import Carrier
from penstock.bridge.waiting import Bell
from penstock.bridge.wire import Handler, Wire
from penstock.engine.closing import ABORT
from penstock.engine.http2 import codes


class Tunnel(Wire):
    """What comes before `open` is kept: the client need not wait for the answer."""

    __slots__ = (
        "_bell",
        "_carrier",
        "_closing",
        "_early",
        "_gone",
        "_peer_ended",
        "_reading_paused",
        "_stream_id",
        "_untaken",
        "is_open",
    )

    def __init__(self, carrier: Carrier, stream_id: int) -> None:
        self.facts = carrier.facts
        self.writable = True
        self.is_open = False  # and there is no handler
        self._carrier = carrier
        self._stream_id = stream_id
        self._bell = Bell()
        self._early: list[bytes] = []
        self._closing = self._gone = self._peer_ended = self._reading_paused = False
        self._untaken = 0

    # What the stream tells.

    def open(self, handler: Handler) -> None:
        """The protocol begins: `handler` gets what comes, and what came."""
        self.handler = handler
        self.is_open = True
        early, self._early = self._early, []
        for data in early:
            self.receive_data(data)

    def receive_data(self, data: bytes) -> None:
        if not self.is_open:
            self._early.append(data)
            return
        if not self._closing:
            self.handler.receive_data(data)
        self._untaken += len(data)
        if not self._reading_paused:
            self._take()

    def receive_eof(self) -> None:
        self._peer_ended = True
        if self._closing:
            self._let_go()
        else:
            self.handler.receive_eof()

    def writing_resumed(self) -> None:
        self.writable = True
        self._bell.ring()
        self.handler.writing_resumed()

    def connection_lost(self) -> None:
        self._closing = self._gone = self.writable = True
        self._bell.ring()
        self.handler.connection_lost()

    def handle_deadline(self, now: float) -> None:
        """A peer that does not end its half behind ours is the engine's affair."""
        if not self._closing:
            self.handler.handle_deadline(now)

    # What the protocol asks for.

    def write(self, pieces: list[bytes]) -> None:
        if self._closing:
            return
        engine = self._carrier.engine
        data = pieces[0] if len(pieces) == 1 else b"".join(pieces)
        engine.send_data(self._stream_id, data, False)
        self.writable = engine.is_writable(self._stream_id)
        self._carrier.spoken()

    def flush(self) -> None:
        """Nothing is held back here."""

    def close(self, wanted: int) -> None:
        if self._closing:
            return
        self._closing = True
        if wanted == ABORT:
            self._carrier.engine.reset(self._stream_id, codes.CANCEL)
        else:
            self._carrier.engine.send_data(self._stream_id, b"", True)
        if wanted == ABORT or self._peer_ended:
            self._let_go()
        self.resume_reading()
        self._carrier.spoken()

    def pause_reading(self) -> None:
        self._reading_paused = True

    def resume_reading(self) -> None:
        self._reading_paused = False
        if self._untaken > 0:
            self._take()
            self._carrier.spoken()

    async def wait_writable(self) -> None:
        while not self.writable:
            await self._bell.wait()
        if self._gone:
            raise ClientDisconnected("the client went away, or took nothing for too long")

    # Below.

    def _take(self) -> None:
        """Give the peer back what it may send."""
        untaken, self._untaken = self._untaken, 0
        self._carrier.engine.data_taken(self._stream_id, untaken)

    def _let_go(self) -> None:
        self._carrier.let_go(self._stream_id)
        self.connection_lost()
