"""What the streams of an HTTP/2 connection need of it: its engine, and somebody who lets the engine speak.

A base class for the reason that `wire` gives.
"""

from penstock.bridge.facts import ConnectionFacts
from penstock.bridge.service import Service
from penstock.bridge.wire import Wire
from penstock.engine.http2.connection import Http2Connection


class Carrier:
    """`facts` are those of the wire, with the extensions of HTTP/2."""

    __slots__ = ("engine", "facts", "service", "wire")

    engine: Http2Connection
    facts: ConnectionFacts
    service: Service
    wire: Wire

    def spoken(self) -> None:
        """The engine was given something: let it leave. While a batch of events is handled this waits for the
        end of the batch, so that the answers to all its requests leave together.
        """
        raise NotImplementedError

    def share_bytes(self) -> int:
        """How much of a file a stream may hold at a time."""
        raise NotImplementedError

    def let_go(self, stream_id: int) -> None:
        """Nobody is left to be told of the stream."""
        raise NotImplementedError
