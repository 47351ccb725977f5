"""Their half: frames of streams, and the requests that they make up (RFC 9113 sections 5, 6 and 8).

Every fault is answered here as far as it reaches. One of a stream resets it, one that has a status of HTTP
is answered with a response, one of the connection leaves as `ConnectionBroken`. Whatever happens to a stream,
its field blocks are decoded and its octets are given back to the window of the connection.
"""

from penstock.base.asgi import Fields
from penstock.base.errors import RemoteProtocolError
from penstock.base.limits import Limits
from penstock.engine import octets
from penstock.engine.http2 import codes, state
from penstock.engine.http2.blocks import FieldBlock
from penstock.engine.http2.bodies import BodyReader
from penstock.engine.http2.control import ControlReader
from penstock.engine.http2.events import Event, RequestReceived, StreamRefused, StreamReset
from penstock.engine.http2.faults import ConnectionBroken, StreamBroken
from penstock.engine.http2.hpack.decoder import HpackDecoder
from penstock.engine.http2.hpack.errors import FieldListTooLong, HpackError
from penstock.engine.http2.patience import Patience
from penstock.engine.http2.reading import FrameReader
from penstock.engine.http2.request import RequestBuilder, check_trailers
from penstock.engine.http2.responding import Responder
from penstock.engine.http2.stream import Stream
from penstock.engine.http2.streams import Streams

_PRIORITY_BYTES = 5
_STREAM_ID = 0x7FFFFFFF


class RequestReader:
    """`highest_id` is the last stream that may still be opened. `block` is the field block under way."""

    __slots__ = (
        "_bodies",
        "_builder",
        "_control",
        "_decoder",
        "_max_fields",
        "_max_head_bytes",
        "_max_streams",
        "_patience",
        "_responder",
        "block",
        "frames",
        "highest_id",
    )

    def __init__(
        self,
        limits: Limits,
        responder: Responder,
        control: ControlReader,
        bodies: BodyReader,
        patience: Patience,
    ) -> None:
        self.frames = FrameReader()
        self.block = FieldBlock(limits)
        self.highest_id = codes.MAX_STREAM_ID
        self._builder = RequestBuilder(limits)
        self._decoder = HpackDecoder()
        self._responder = responder
        self._bodies = bodies
        self._control = control
        self._patience = patience
        self._max_streams = limits.max_concurrent_streams
        self._max_fields = limits.max_fields
        self._max_head_bytes = limits.max_head_bytes

    def streams(self) -> Streams:
        return self._responder.streams

    def read(self, events: list[Event]) -> None:
        """Append what the frames that are here tell. ConnectionBroken is the peer's fault."""
        frames = self.frames
        while frames.read():
            try:
                self._read_frame(events)
            except ConnectionBroken:
                raise
            except StreamBroken as error:
                self.break_stream(frames.stream_id, error.status, error.reason, events)
            except RemoteProtocolError as error:
                self.refuse(frames.stream_id, error.status, error.reason, events)

    def tell(self, stream: Stream, fields: Fields, ends: bool, events: list[Event]) -> None:
        """Append the request of a new stream."""
        received = RequestReceived.__new__(RequestReceived)
        received.stream_id = stream.stream_id
        received.head = self._builder.build(stream, fields, ends)
        stream.is_told = True
        events.append(received)
        if ends:
            self._bodies.append_end(stream, [], events)
        else:
            self._bodies.begin(stream)

    def break_stream(self, stream_id: int, code: int, reason: str, events: list[Event]) -> None:
        """A stream error. An idle stream cannot be reset (section 6.4): there the connection breaks."""
        stream = self._responder.streams.find(stream_id)
        if stream is None:
            if self._responder.streams.state_of(stream_id) == state.IDLE:
                raise ConnectionBroken(reason, code)
            return
        if stream.is_over:
            return
        self._responder.reset(stream, code)
        stream.is_told = False
        events.append(StreamReset(stream_id, code, False, reason))
        self._patience.given_up()

    def refuse(self, stream_id: int, status: int, reason: str, events: list[Event]) -> None:
        """Answer a request that cannot be served. Where a response is under way it can only be cut."""
        stream = self._responder.streams.find(stream_id)
        if stream is None or stream.is_over:
            return
        if stream.stage > state.HELD:
            self.break_stream(stream_id, codes.CANCEL, reason, events)
            return
        stream.is_told = False
        self._responder.refuse(stream, status, reason, ())
        events.append(StreamRefused(stream_id, status, reason))
        self._patience.given_up()

    # Frames.

    def _read_frame(self, events: list[Event]) -> None:
        frames = self.frames
        kind = frames.kind
        if self.block.stream_id and kind != codes.CONTINUATION:
            raise ConnectionBroken(
                f"a frame of type {kind} inside a field block (RFC 9113 section 6.10)", codes.PROTOCOL_ERROR
            )
        if not self._control.has_settings and (kind != codes.SETTINGS or frames.flags & codes.ACK):
            raise ConnectionBroken(
                "the first frame is no SETTINGS (RFC 9113 section 3.4)", codes.PROTOCOL_ERROR
            )
        if kind == codes.HEADERS:
            self._read_headers(events)
        elif kind == codes.DATA:
            self._bodies.read(frames, events)
        elif kind == codes.WINDOW_UPDATE:
            self._read_window_update()
        elif kind == codes.RST_STREAM:
            self._read_reset(events)
        elif kind == codes.CONTINUATION:
            self._read_continuation(events)
        elif kind == codes.PRIORITY:
            self._read_priority()
        elif kind == codes.PUSH_PROMISE:
            raise ConnectionBroken("a client cannot push (RFC 9113 section 8.4)", codes.PROTOCOL_ERROR)
        elif not self._control.read(frames):
            self._patience.idle_frame()  # of an unknown type (section 4.1)

    def _read_headers(self, events: list[Event]) -> None:
        frames = self.frames
        frames.need_stream()
        frames.unpad()
        if frames.flags & codes.HAS_PRIORITY:
            frames.skip_priority()
        part = octets.cut(frames.data, frames.start, frames.end)
        ends = frames.flags & codes.END_STREAM != 0
        if frames.flags & codes.END_HEADERS:
            self._read_block(frames.stream_id, ends, part, events)
        else:
            self.block.begin(frames.stream_id, ends, part)

    def _read_continuation(self, events: list[Event]) -> None:
        frames = self.frames
        self.block.go_on(frames.stream_id, octets.cut(frames.data, frames.start, frames.end))
        if frames.flags & codes.END_HEADERS:
            self._read_block(frames.stream_id, self.block.ends_stream, self.block.end(), events)

    def _read_block(self, stream_id: int, ends: bool, block: bytes, events: list[Event]) -> None:
        streams = self._responder.streams
        current = streams.state_of(stream_id)
        act = state.GOT_LAST_HEADERS if ends else state.GOT_HEADERS
        if current == state.IDLE:
            self._open(stream_id, act, block, events)
            return
        if current == state.CLOSED and streams.was_skipped(stream_id):
            raise ConnectionBroken(
                f"stream {stream_id} is opened behind {streams.last_id} (RFC 9113 section 5.1.1)",
                codes.PROTOCOL_ERROR,
            )
        fields = self._decode(block)
        after = state.stream_next(current, act)
        if after == state.RESET:
            self._patience.idle_frame()
        else:
            self._end_with_trailers(stream_id, after, fields, events)

    def _open(self, stream_id: int, act: int, block: bytes, events: list[Event]) -> None:
        streams = self._responder.streams
        stream = streams.open(stream_id)
        stream.state = state.stream_next(stream.state, act)
        fields = self._decode(block)
        if stream_id > self.highest_id or streams.active > self._max_streams:
            raise StreamBroken("more streams than are served", codes.REFUSED_STREAM)
        if fields is None:
            raise self._too_large()
        self.tell(stream, fields, act == state.GOT_LAST_HEADERS, events)
        stream.priority = self._control.early_priority(stream_id, stream.priority)

    def _end_with_trailers(
        self, stream_id: int, after: int, fields: Fields | None, events: list[Event]
    ) -> None:
        if fields is None:
            raise self._too_large()
        check_trailers(fields)
        stream = self._responder.streams.find(stream_id)
        if stream is not None:
            self._responder.streams.settle(stream, after)
            if stream.is_told:
                self._bodies.append_end(stream, fields, events)

    def _decode(self, block: bytes) -> Fields | None:
        """The fields, or None when they are more than the limits allow."""
        try:
            return self._decoder.decode(block, self._max_head_bytes, self._max_fields)
        except FieldListTooLong:
            return None
        except HpackError as error:
            raise ConnectionBroken(str(error), codes.COMPRESSION_ERROR) from None

    def _too_large(self) -> RemoteProtocolError:
        return RemoteProtocolError(
            f"the fields are longer than {self._max_head_bytes} bytes, or more than {self._max_fields}", 431
        )

    def _read_reset(self, events: list[Event]) -> None:
        frames = self.frames
        frames.need_stream()
        frames.need_size("RST_STREAM", 4)
        code = octets.integer(frames.data, frames.start, frames.end)
        stream = self._responder.streams.find(frames.stream_id)
        if stream is None or stream.is_over:
            state.stream_next(self._responder.streams.state_of(frames.stream_id), state.GOT_RESET)
            self._patience.idle_frame()
            return
        self._responder.give_up(stream, state.GOT_RESET)
        if stream.is_told:
            stream.is_told = False
            events.append(StreamReset(stream.stream_id, code, True, ""))
        self._patience.given_up()

    def _read_window_update(self) -> None:
        frames = self.frames
        frames.need_size("WINDOW_UPDATE", 4)
        increment = octets.integer(frames.data, frames.start, frames.end) & _STREAM_ID
        self._patience.idle_frame()
        if frames.stream_id == 0:
            if increment == 0:
                raise ConnectionBroken("WINDOW_UPDATE by nothing (section 6.9)", codes.PROTOCOL_ERROR)
            self._responder.sender.widen(increment)
            return
        state.stream_next(self._responder.streams.state_of(frames.stream_id), state.GOT_WINDOW_UPDATE)
        stream = self._responder.streams.find(frames.stream_id)
        if stream is None or stream.is_over:
            return
        if increment == 0:
            raise StreamBroken("WINDOW_UPDATE by nothing (section 6.9)", codes.PROTOCOL_ERROR)
        self._responder.sender.widen_stream(stream, increment)

    def _read_priority(self) -> None:
        """Deprecated: checked and ignored (section 5.3.2)."""
        frames = self.frames
        frames.need_stream()
        self._patience.idle_frame()
        if frames.end - frames.start != _PRIORITY_BYTES:
            raise StreamBroken("PRIORITY is not of 5 bytes (section 6.3)", codes.FRAME_SIZE_ERROR)
        frames.skip_priority()
