"""Bodies of requests: DATA, and the windows that hold it back (RFC 9113 sections 5.2, 6.1 and 8.1.1).

Octets go back to the peer when the application took them. Those that no application gets (padding, what comes
for a stream that is over) go back at once to the window of the connection: else a peer could close it for all
streams.
"""

from penstock.base.errors import RemoteProtocolError
from penstock.base.limits import Limits
from penstock.engine import octets
from penstock.engine.http2 import codes, state
from penstock.engine.http2.events import DataReceived, Event, RequestEnded
from penstock.engine.http2.faults import ConnectionBroken, StreamBroken
from penstock.engine.http2.patience import Patience
from penstock.engine.http2.reading import FrameReader
from penstock.engine.http2.stream import Stream
from penstock.engine.http2.streams import Streams
from penstock.engine.http2.window import ReceiveWindow
from penstock.engine.http2.writing import FrameWriter

_NO_LIMIT = 1 << 62


class BodyReader:
    __slots__ = ("_max_body_bytes", "_patience", "_stream_window_bytes", "_streams", "_window", "_writer")

    def __init__(self, limits: Limits, streams: Streams, writer: FrameWriter, patience: Patience) -> None:
        self._streams = streams
        self._writer = writer
        self._patience = patience
        self._window = ReceiveWindow(limits.connection_window_bytes)
        self._stream_window_bytes = limits.stream_window_bytes
        self._max_body_bytes = _NO_LIMIT if limits.max_body_bytes is None else limits.max_body_bytes

    def open_connection(self) -> None:
        """Tell the peer of a window that is larger than the initial one (section 6.9.2)."""
        if self._window.left > codes.INITIAL_WINDOW:
            self._writer.put_window_update(0, self._window.left - codes.INITIAL_WINDOW)

    def room(self) -> int:
        """What the peer may send on the whole connection."""
        return self._window.left

    def begin(self, stream: Stream) -> None:
        """A body follows on this stream."""
        stream.window = ReceiveWindow(self._stream_window_bytes)

    def read(self, frames: FrameReader, events: list[Event]) -> None:
        """A DATA frame."""
        frames.need_stream()
        size = frames.end - frames.start
        if not self._window.receive(size):
            raise ConnectionBroken(
                "more DATA than the window of the connection takes (RFC 9113 section 6.9.1)",
                codes.FLOW_CONTROL_ERROR,
            )
        frames.unpad()
        stream = self._streams.find(frames.stream_id)
        act = state.GOT_LAST_DATA if frames.flags & codes.END_STREAM else state.GOT_DATA
        before = 0 if stream is None else stream.untaken
        try:
            if stream is not None and stream.is_told and stream.state == state.OPEN:
                self._take(stream, frames, size, events)
            self._move(stream, frames.stream_id, act, events)
        finally:
            self._credit(size if stream is None else size + before - stream.untaken)

    def append_end(self, stream: Stream, trailers: list[tuple[bytes, bytes]], events: list[Event]) -> None:
        """The request is complete; StreamBroken when its body is shorter than was told."""
        if stream.untold_rest > 0:
            raise StreamBroken("less DATA than content-length tells (section 8.1.1)", codes.PROTOCOL_ERROR)
        end = RequestEnded.__new__(RequestEnded)
        end.stream_id = stream.stream_id
        end.trailers = trailers
        events.append(end)

    def data_taken(self, stream: Stream, count: int) -> None:
        count = min(count, stream.untaken)
        stream.untaken -= count
        self._credit(count)
        self._credit_stream(stream, count)

    def forget_streams(self) -> None:
        """Let go of those that are over, and give the peer back what nobody took of them."""
        untaken = self._streams.forget()
        if untaken > 0:
            self._credit(untaken)

    def _take(self, stream: Stream, frames: FrameReader, size: int, events: list[Event]) -> None:
        """Append the data of an open stream. `size` is that of the frame with its padding."""
        if stream.window is None or not stream.window.receive(size):
            raise StreamBroken(
                "more DATA than the window of the stream takes (RFC 9113 section 6.9.1)",
                codes.FLOW_CONTROL_ERROR,
            )
        length = frames.end - frames.start
        self._count(stream, length)
        if length > 0:
            data = DataReceived.__new__(DataReceived)
            data.stream_id = stream.stream_id
            data.data = octets.cut(frames.data, frames.start, frames.end)
            events.append(data)
            stream.untaken += length
        elif not frames.flags & codes.END_STREAM:
            self._patience.idle_frame()
        if size > length:
            self._credit_stream(stream, size - length)

    def _count(self, stream: Stream, length: int) -> None:
        stream.body_bytes_received += length
        if stream.untold_rest >= 0:
            stream.untold_rest -= length
            if stream.untold_rest < 0:
                stream.untold_rest = 0
                raise StreamBroken(
                    "more DATA than content-length tells (section 8.1.1)", codes.PROTOCOL_ERROR
                )
        if stream.body_bytes_received > self._max_body_bytes:
            raise RemoteProtocolError(f"the body is longer than {self._max_body_bytes} bytes", 413)

    def _move(self, stream: Stream | None, stream_id: int, act: int, events: list[Event]) -> None:
        """The stream's state behind the frame; the frame may have had no place there, or no reader."""
        if stream is None:
            state.stream_next(self._streams.state_of(stream_id), act)
            self._patience.idle_frame()
            return
        was_open = stream.is_told and stream.state == state.OPEN
        self._streams.settle(stream, state.stream_next(stream.state, act))
        if not was_open:
            self._patience.idle_frame()
        elif act == state.GOT_LAST_DATA:
            self.append_end(stream, [], events)

    def _credit(self, size: int) -> None:
        increment = self._window.give_back(size)
        if increment > 0:
            self._writer.put_window_update(0, increment)

    def _credit_stream(self, stream: Stream, size: int) -> None:
        """Only who may send more needs more room."""
        if stream.window is None or stream.state != state.OPEN:
            return
        increment = stream.window.give_back(size)
        if increment > 0:
            self._writer.put_window_update(stream.stream_id, increment)
