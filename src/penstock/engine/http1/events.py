"""What the peer did, as the HTTP/1.1 engine tells it.

A request is one `RequestHead`, any number of `BodyPart` and one `RequestEnd`. `PeerFault` and `PeerClosed`
may come at any place; after either no request follows. Events are plain records: whoever gets one may keep
it.
"""

from penstock.base.asgi import Fields


class RequestHead:
    """The request line and the fields, checked (RFC 9112 sections 3 and 5).

    `method` is upper-case, as ASGI wants it. `raw_path` is the path of the target as it came and `path` the
    same with its percent escapes decoded, `query_string` what stands behind the first `?`. `fields` have
    lower-case names in the order received. `upgrade` is the lower-case `Upgrade` field when `Connection`
    names it, else empty.
    """

    __slots__ = (
        "body_follows",
        "fields",
        "http_version",
        "method",
        "path",
        "query_string",
        "raw_path",
        "upgrade",
        "wants_trailers",
    )

    def __init__(
        self,
        method: str,
        raw_path: bytes,
        path: str,
        query_string: bytes,
        http_version: str,
        fields: Fields,
        upgrade: bytes = b"",
        body_follows: bool = False,
        wants_trailers: bool = False,
    ) -> None:
        self.method = method
        self.raw_path = raw_path
        self.path = path
        self.query_string = query_string
        self.http_version = http_version
        self.fields = fields
        self.upgrade = upgrade
        self.body_follows = body_follows
        self.wants_trailers = wants_trailers


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
    """The peer broke the protocol or a limit; `status` is the answer that it gets when that can still be."""

    __slots__ = ("reason", "status")

    def __init__(self, reason: str, status: int) -> None:
        self.reason = reason
        self.status = status


class PeerClosed:
    """The peer sends no more. `complete` is False when a head or a body was cut short."""

    __slots__ = ("complete",)

    def __init__(self, complete: bool) -> None:
        self.complete = complete


Event = RequestHead | BodyPart | RequestEnd | PeerFault | PeerClosed
