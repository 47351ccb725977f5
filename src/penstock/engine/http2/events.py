"""What the peer did, as the HTTP/2 engine tells it (RFC 9113 section 8).

A request is one `RequestReceived`, any number of `DataReceived` and one `RequestEnded`; those of different
streams come interleaved. A stream may end at any place with `StreamReset` or `StreamRefused`, and nothing of
it follows. `ConnectionFault` and `PeerClosed` concern all streams, and are the last event.
"""

from penstock.base.asgi import Fields
from penstock.engine.request import RequestHead


class RequestReceived:
    """A new stream with the head of its request. Its fields begin with `host`, and cookie crumbs are joined.

    `head.upgrade` is `b"websocket"` for an extended CONNECT of that protocol (RFC 8441), else empty. A
    request that `push` promised has an even `stream_id` and comes like any other.
    """

    __slots__ = ("head", "stream_id")

    def __init__(self, stream_id: int, head: RequestHead) -> None:
        self.stream_id = stream_id
        self.head = head


class DataReceived:
    """A part of the request's body, never empty. `data_taken` gives its octets back to the peer's window."""

    __slots__ = ("data", "stream_id")

    def __init__(self, stream_id: int, data: bytes) -> None:
        self.stream_id = stream_id
        self.data = data


class RequestEnded:
    """The request is complete; `trailers` are the fields behind its body."""

    __slots__ = ("stream_id", "trailers")

    def __init__(self, stream_id: int, trailers: Fields) -> None:
        self.stream_id = stream_id
        self.trailers = trailers


class StreamReset:
    """The stream is over before its time, by RST_STREAM (RFC 9113 section 5.4.2).

    `by_peer` tells whether the peer gave it up or the engine had to; `reason` is a sentence for the log, and
    empty for what peers do every day.
    """

    __slots__ = ("by_peer", "code", "reason", "stream_id")

    def __init__(self, stream_id: int, code: int, by_peer: bool, reason: str) -> None:
        self.stream_id = stream_id
        self.code = code
        self.by_peer = by_peer
        self.reason = reason


class StreamRefused:
    """The engine has answered a request with this status by itself: the peer broke a rule of HTTP or a limit.

    It comes instead of a `RequestReceived`, or in the middle of the body of one.
    """

    __slots__ = ("reason", "status", "stream_id")

    def __init__(self, stream_id: int, status: int, reason: str) -> None:
        self.stream_id = stream_id
        self.status = status
        self.reason = reason


class StreamWritable:
    """`is_writable` was False for this stream, and is True again."""

    __slots__ = ("stream_id",)

    def __init__(self, stream_id: int) -> None:
        self.stream_id = stream_id


class ConnectionFault:
    """The peer broke the protocol or was too much; the engine has sent GOAWAY with `code`, and all streams
    are over (RFC 9113 section 5.4.1).
    """

    __slots__ = ("code", "reason")

    def __init__(self, reason: str, code: int) -> None:
        self.reason = reason
        self.code = code


class PeerClosed:
    """The peer sends no more. `complete` is False when it cut a request or a frame short: all streams are
    over. Else the responses under way may still be sent, as far as the windows reach.
    """

    __slots__ = ("complete",)

    def __init__(self, complete: bool) -> None:
        self.complete = complete


Event = (
    RequestReceived
    | DataReceived
    | RequestEnded
    | StreamReset
    | StreamRefused
    | StreamWritable
    | ConnectionFault
    | PeerClosed
)
