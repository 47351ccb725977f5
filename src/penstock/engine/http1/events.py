"""What the peer did, as the HTTP/1.1 engine tells it.

A request is one `RequestHead`, any number of `BodyPart` and one `RequestEnd`. `PeerFault` and `PeerClosed`
may come at any place; after either no request follows. Events are plain records: whoever gets one may keep
it.
"""

from penstock.base.asgi import Fields
from penstock.engine.request import RequestHead


class BodyPart:
    """A part of the request's body, never empty, without any framing."""

    __slots__ = ("data",)

    def __init__(self, data: bytes) -> None:
        self.data = data


class RequestEnd:
    """The request is complete. `trailers` are the fields behind a chunked body (RFC 9112 section 7.1.2)."""

    __slots__ = ("trailers",)

    def __init__(self, trailers: Fields) -> None:
        self.trailers = trailers


class PeerFault:
    """The peer broke the protocol or a limit. `answered` tells whether it has got `status` for that, which is
    only possible before a response.
    """

    __slots__ = ("answered", "reason", "status")

    def __init__(self, reason: str, status: int, answered: bool) -> None:
        self.reason = reason
        self.status = status
        self.answered = answered


class PeerClosed:
    """The peer sends no more. `complete` is False when a head or a body was cut short."""

    __slots__ = ("complete",)

    def __init__(self, complete: bool) -> None:
        self.complete = complete


Event = RequestHead | BodyPart | RequestEnd | PeerFault | PeerClosed
