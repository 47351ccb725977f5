"""The response on each stream: its head, its body and its trailers in their order (RFC 9113 section 8.1).

The head is held until the first part of the body, so that it can still be replaced by a refusal, can name the
length of a body that is complete, and leaves with it. What is promised is kept: a part that breaks a
`content-length` is refused before a byte of it is written.
"""

from collections.abc import Iterable

from penstock.base.errors import LocalProtocolError
from penstock.engine import parts
from penstock.engine.defaults import ResponseDefaults
from penstock.engine.http2 import codes, response, state
from penstock.engine.http2.response import ResponseHead, informational_fields, read_head, trailer_fields
from penstock.engine.http2.sending import BodySender
from penstock.engine.http2.stream import Stream
from penstock.engine.http2.streams import Streams
from penstock.engine.http2.writing import FrameWriter

_PLAIN_TEXT = (b"content-type", b"text/plain; charset=utf-8")


class Responder:
    """`streams`, `writer` and `sender` are shown to those who read, since what they read changes them."""

    __slots__ = ("_defaults", "sender", "streams", "writer")

    def __init__(
        self, defaults: ResponseDefaults, streams: Streams, writer: FrameWriter, sender: BodySender
    ) -> None:
        self._defaults = defaults
        self.streams = streams
        self.writer = writer
        self.sender = sender

    def inform(self, stream: Stream, status: int, fields: Iterable[tuple[bytes, bytes]]) -> None:
        after = state.our_next(stream.stage, state.INFORM)
        checked = informational_fields(status, fields)
        if after != state.GONE:
            self._put_head(stream, checked, codes.NO_FLAGS)

    def hold(
        self, stream: Stream, status: int, fields: Iterable[tuple[bytes, bytes]], trailers_follow: bool
    ) -> None:
        """Check the head of the response and keep it for the first part of the body."""
        after = state.our_next(stream.stage, state.RESPOND)
        self._prepare(stream, read_head(status, fields, self._defaults))
        stream.trailers_follow = trailers_follow
        stream.sends_trailers = trailers_follow and stream.wants_trailers and stream.carries_body
        stream.stage = after

    def send(self, stream: Stream, data: bytes | bytearray | memoryview, end: bool) -> None:
        after = state.our_next(stream.stage, _part(stream, end))
        if after == state.GONE:
            return
        part = data if type(data) is bytes else parts.as_bytes(data)
        whole = len(part)
        _count(stream, whole, end)
        stream.stage = after
        size = whole if stream.carries_body else 0
        ends = end and not stream.sends_trailers
        head = stream.head
        if head is not None:
            ends_now = ends and size == 0
            self._write_head(stream, head, whole if end else response.UNKNOWN, ends_now)
            if ends_now:
                return
        if size > 0 or ends:
            self.sender.send(stream, part if size > 0 else b"", ends)

    def send_trailers(self, stream: Stream, fields: Iterable[tuple[bytes, bytes]]) -> None:
        after = state.our_next(stream.stage, state.TRAILERS)
        checked = trailer_fields(fields)
        stream.stage = after
        if after != state.GONE and stream.sends_trailers:
            stream.trailers = checked
            self.sender.send_trailers(stream)

    def refuse(self, stream: Stream, status: int, reason: str, fields: Iterable[tuple[bytes, bytes]]) -> None:
        """A whole response in plain text instead of a head that is not yet written."""
        after = state.our_next(stream.stage, state.REFUSE)
        head = read_head(status, [_PLAIN_TEXT, *fields], self._defaults)
        if after == state.GONE:
            return
        text = reason.encode() + b"\n"
        stream.sends_trailers = False
        self._prepare(stream, head)
        _count(stream, len(text), True)
        stream.stage = after
        self._write_head(stream, head, len(text), not stream.carries_body)
        if stream.carries_body:
            self.sender.send(stream, text, True)

    def accept(self, stream: Stream, fields: Iterable[tuple[bytes, bytes]]) -> None:
        """200 at once: what follows on the stream is no HTTP (RFC 8441 section 5)."""
        after = state.our_next(stream.stage, state.ACCEPT)
        head = read_head(200, fields, self._defaults)
        if after == state.GONE:
            return
        if not stream.is_tunnel:
            raise LocalProtocolError("only a CONNECT can be accepted as a tunnel")
        stream.stage = after
        stream.started = True
        self._put_head(stream, head.complete(response.UNKNOWN), codes.NO_FLAGS)

    def reset(self, stream: Stream, code: int) -> None:
        """RST_STREAM, unless the stream is over, or all are."""
        if not stream.is_over and stream.stage != state.GONE:
            self.writer.put_reset(stream.stream_id, code)
            self.give_up(stream, state.SENT_RESET)

    def give_up(self, stream: Stream, act: int) -> None:
        """A RST_STREAM was sent or received: nothing more of the response leaves."""
        stream.stage = state.GONE
        self.sender.drop(stream)
        self.streams.settle(stream, state.stream_next(stream.state, act))

    def _prepare(self, stream: Stream, head: ResponseHead) -> None:
        stream.head = head
        stream.length = head.length
        stream.carries_body = not (stream.is_head or head.status in (204, 304))

    def _write_head(self, stream: Stream, head: ResponseHead, whole: int, ends: bool) -> None:
        """`whole` is the size of the whole body when its first part is also the last, else UNKNOWN."""
        stream.head = None
        stream.started = True
        flags = codes.END_STREAM if ends else codes.NO_FLAGS
        self._put_head(stream, head.complete(_told_length(stream, head, whole)), flags)
        if ends:
            self.sender.end(stream)

    def _put_head(self, stream: Stream, fields: list[tuple[bytes, bytes]], flags: int) -> None:
        stream.state = state.stream_next(stream.state, state.SENT_HEADERS)
        self.writer.put_headers(stream.stream_id, fields, flags)


def _part(stream: Stream, end: bool) -> int:
    if not end:
        return state.PART
    return state.LAST_PART_BUT_TRAILERS if stream.trailers_follow else state.LAST_PART


def _told_length(stream: Stream, head: ResponseHead, whole: int) -> int:
    """The `content-length` of the head (RFC 9110 section 8.6). An empty part of a response without a body
    does not tell what it would have been.
    """
    if head.status == 204 or (head.status == 304 and head.length == response.UNKNOWN):
        return response.UNKNOWN
    if head.length != response.UNKNOWN or stream.sends_trailers:
        return head.length
    return whole if stream.carries_body or whole > 0 else response.UNKNOWN


def _count(stream: Stream, size: int, end: bool) -> None:
    """Keep the promise of a `content-length`: nothing of a part that breaks it is written."""
    if stream.carries_body:
        stream.body_bytes_sent = parts.kept_total(stream.body_bytes_sent, size, stream.length, end)
