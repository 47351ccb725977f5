"""How we leave without losing a request (RFC 9113 section 6.8).

The first GOAWAY names no stream, so that requests which are on the way are still served, and a PING follows
it. When its answer is here the peer has read the GOAWAY, and everything that it sent before; the second
GOAWAY names the last stream. A peer that does not answer is given a deadline instead.
"""

from penstock.engine.http2 import codes
from penstock.engine.http2.streams import Streams
from penstock.engine.http2.writing import FrameWriter

STAYING = 0
ANNOUNCED = 1
LEFT = 2

PING_PAYLOAD = b"farewell"


class Farewell:
    """`stage` is how far it is. `peer_leaves` tells that the peer has sent a GOAWAY: it takes no pushes."""

    __slots__ = ("_streams", "_writer", "last_id", "peer_leaves", "stage")

    def __init__(self, streams: Streams, writer: FrameWriter) -> None:
        self.stage = STAYING
        self.last_id = codes.MAX_STREAM_ID
        self.peer_leaves = False
        self._streams = streams
        self._writer = writer

    def announce(self) -> None:
        if self.stage == STAYING:
            self.stage = ANNOUNCED
            self._writer.put_goaway(codes.MAX_STREAM_ID, codes.NO_ERROR, b"")
            self._writer.put(codes.PING, codes.NO_FLAGS, 0, PING_PAYLOAD)

    def answered(self, payload: bytes) -> None:
        """An acknowledged PING."""
        if payload == PING_PAYLOAD and self.stage == ANNOUNCED:
            self.leave(codes.NO_ERROR, b"")

    def leave(self, code: int, reason: bytes) -> None:
        """The GOAWAY that names the last stream which is served."""
        self.stage = LEFT
        self.last_id = min(self.last_id, self._streams.last_id)
        self._writer.put_goaway(self.last_id, code, reason)
