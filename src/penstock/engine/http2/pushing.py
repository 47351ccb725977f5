"""Requests that no HEADERS brought: those that we promise (RFC 9113 section 8.4), and the one that came over
HTTP/1.1 (RFC 7540 section 3.2).
"""

from collections.abc import Iterable

from penstock.base.asgi import Fields
from penstock.base.errors import LocalProtocolError, RemoteProtocolError
from penstock.engine.http2 import state
from penstock.engine.http2.events import Event, RequestEnded, RequestReceived
from penstock.engine.http2.receiving import RequestReader
from penstock.engine.http2.responding import Responder
from penstock.engine.http2.response import our_fields
from penstock.engine.http2.stream import Stream
from penstock.engine.request import RequestHead

_LEFT_BEHIND = frozenset(
    b"connection http2-settings keep-alive proxy-connection te transfer-encoding upgrade".split()
)


def request_fields(stream: Stream, method: str, path: bytes, fields: Iterable[tuple[bytes, bytes]]) -> Fields:
    """The fields of a promised request: scheme and authority are those of the one that is answered."""
    if method not in ("GET", "HEAD"):
        raise LocalProtocolError(f"a promised request has to be safe: GET or HEAD, not {method!r}")
    if not isinstance(path, bytes) or not path.startswith(b"/"):
        raise LocalProtocolError(f"the path of a promised request begins with a slash: {path!r}")
    pseudo = [
        (b":method", method.encode()),
        (b":scheme", stream.scheme),
        (b":authority", stream.authority),
        (b":path", path),
    ]
    return pseudo + [field for field in our_fields(fields) if field[0] != b"host"]


def promise(
    responder: Responder, reader: RequestReader, parent: Stream, request: Fields, events: list[Event]
) -> int:
    """Promise the request on the stream `parent`; the new stream's number. Its request is appended."""
    stream = responder.streams.promise()
    told: list[Event] = []
    try:
        reader.tell(stream, request, True, told)
    except RemoteProtocolError as error:
        stream.stage = state.GONE
        responder.streams.settle(stream, state.stream_next(stream.state, state.SENT_RESET))
        raise LocalProtocolError(f"the promised request is not good: {error.reason}") from None
    stream.priority = parent.priority
    responder.writer.put_promise(parent.stream_id, stream.stream_id, request)
    events.extend(told)
    return stream.stream_id


def adopt(stream: Stream, head: RequestHead, events: list[Event]) -> None:
    """Let the stream carry a complete request of HTTP/1.1, without the fields that belong to that."""
    fields = [field for field in head.fields if field[0] not in _LEFT_BEHIND]
    stream.state = state.stream_next(stream.state, state.GOT_LAST_HEADERS)
    stream.is_told = True
    stream.is_head = head.method == "HEAD"
    stream.scheme = b"http"
    stream.authority = next((value for name, value in fields if name == b"host"), b"")
    told = RequestHead(head.method, head.raw_path, head.path, head.query_string, "2", fields)
    events.append(RequestReceived(stream.stream_id, told))
    events.append(RequestEnded(stream.stream_id, []))
