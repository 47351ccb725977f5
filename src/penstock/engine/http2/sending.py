"""Bodies of ours under flow control (RFC 9113 section 5.2, RFC 9218 section 10).

What the windows of the stream and of the connection take, and the caller has room for, leaves at once. The
rest waits with its stream. Streams that could send wait in a queue for each urgency: the first sends a frame
and goes behind the others if the client wants it incrementally, else it sends all that is there.
"""

from penstock.base.errors import LocalProtocolError
from penstock.base.limits import Limits
from penstock.engine import octets
from penstock.engine.http2 import codes, priorities, state
from penstock.engine.http2.faults import ConnectionBroken, StreamBroken
from penstock.engine.http2.patience import Patience
from penstock.engine.http2.stream import Stream
from penstock.engine.http2.streams import Streams
from penstock.engine.http2.writing import FrameWriter

_SMALL_BYTES = 4096  # parts below are put together, so that many tiny ones take no more than their octets
_ALL_STREAMS = 16  # what may wait on a connection, in buffers of one stream


class BodySender:
    """`window` is what the peer takes on the whole connection now, `total` what waits on all streams."""

    __slots__ = (
        "_has_drained",
        "_max_stream_bytes",
        "_max_total_bytes",
        "_patience",
        "_queued",
        "_queues",
        "_streams",
        "_waiting",
        "_writer",
        "total",
        "window",
    )

    def __init__(self, limits: Limits, streams: Streams, writer: FrameWriter, patience: Patience) -> None:
        self.window = codes.INITIAL_WINDOW
        self.total = 0
        self._streams = streams
        self._writer = writer
        self._patience = patience
        # Lists, because they are short and mostly empty: eight deques are 6 kB for every idle connection.
        self._queues: list[list[Stream]] = [[] for _ in range(priorities.URGENCIES)]
        self._queued = 0
        self._waiting: list[Stream] = []
        self._has_drained = False
        self._max_stream_bytes = limits.write_buffer_bytes
        self._max_total_bytes = limits.write_buffer_bytes * _ALL_STREAMS

    # What the response says.

    def send(self, stream: Stream, data: bytes, ends: bool) -> None:
        """A part of the body; `ends` when END_STREAM goes with its last octet."""
        size = len(data)
        if self._may_pass(stream, size):
            flags = codes.END_STREAM if ends else codes.NO_FLAGS
            self._count(stream, size)
            self._writer.put_data(stream.stream_id, data, 0, size, flags)
            if ends:
                self.end(stream)
        elif size > 0 or ends:
            self._keep(stream, data, size)
            stream.ends = ends

    def send_trailers(self, stream: Stream) -> None:
        """The stream's `trailers`, behind what waits."""
        if stream.pending == 0:
            self._put_trailers(stream)

    def end(self, stream: Stream) -> None:
        """END_STREAM was sent. A request that nobody needs to its end any more is stopped (section 8.1); only
        tunnels have two directions of their own.
        """
        self._patience.answered()
        after = state.stream_next(stream.state, state.SENT_LAST)
        if after == state.HALF_LOCAL and not stream.is_tunnel:
            stream.state = after
            after = state.stream_next(after, state.SENT_RESET)
            self._writer.put_reset(stream.stream_id, codes.NO_ERROR)
        self._streams.settle(stream, after)

    def drop(self, stream: Stream) -> None:
        """Nothing more of the stream is sent."""
        if stream.is_queued:
            self._unqueue(stream)
        if stream.pending > 0:
            self.total -= stream.pending
            self._has_drained = True
        stream.pending = 0
        stream.parts = stream.trailers = stream.head = None
        stream.waits = False

    def set_priority(self, stream: Stream, priority: int) -> None:
        if stream.priority == priority:
            return
        was_queued = stream.is_queued
        if was_queued:
            self._unqueue(stream)
        stream.priority = priority
        if was_queued:
            self._queue(stream)

    # What the peer says.

    def widen(self, increment: int) -> None:
        """A WINDOW_UPDATE for the connection."""
        self.window += increment
        if self.window > codes.MAX_WINDOW:
            raise ConnectionBroken(
                "the window of the connection is above 2^31-1 (RFC 9113 section 6.9.1)",
                codes.FLOW_CONTROL_ERROR,
            )

    def widen_stream(self, stream: Stream, increment: int) -> None:
        """A WINDOW_UPDATE for a stream."""
        stream.send_window += increment
        if stream.send_window > codes.MAX_WINDOW:
            raise StreamBroken(
                "the window of the stream is above 2^31-1 (RFC 9113 section 6.9.1)", codes.FLOW_CONTROL_ERROR
            )
        self._queue(stream)

    def move_windows(self, initial: int) -> None:
        """Another SETTINGS_INITIAL_WINDOW_SIZE changes every window by the difference (section 6.9.2)."""
        moved = initial - self._streams.initial_send_window
        self._streams.initial_send_window = initial
        for stream in self._streams.live():
            stream.send_window += moved
            if stream.send_window > codes.MAX_WINDOW:
                raise ConnectionBroken(
                    "SETTINGS_INITIAL_WINDOW_SIZE makes a window larger than 2^31-1", codes.FLOW_CONTROL_ERROR
                )
            if stream.send_window > 0:
                self._queue(stream)
            elif stream.is_queued:
                self._unqueue(stream)

    # What the caller takes.

    def pump(self) -> None:
        """Write what the windows and the caller have room for."""
        while self._queued > 0 and self.window > 0 and self._writer.budget > 0 and not self._writer.paused:
            self._write_first(self._first())

    def is_writable(self, stream: Stream) -> bool:
        if stream.pending == 0:
            return True
        if stream.pending < self._max_stream_bytes and self.total < self._max_total_bytes:
            return True
        if not stream.waits:
            stream.waits = True
            self._waiting.append(stream)
        return False

    def freed(self) -> list[Stream]:
        """The streams that are writable again, each once."""
        if not self._has_drained or not self._waiting:
            return []
        self._has_drained = False
        free = [stream for stream in self._waiting if self._is_free(stream)]
        self._waiting = [stream for stream in self._waiting if stream.waits and not self._is_free(stream)]
        for stream in free:
            stream.waits = False
        return free

    # Below.

    def _is_free(self, stream: Stream) -> bool:
        """Half of what made the stream wait is gone: else it would wait again at once."""
        if not stream.waits:
            return False
        if stream.pending == 0:
            return True
        return stream.pending <= self._max_stream_bytes // 2 and self.total <= self._max_total_bytes // 2

    def _may_pass(self, stream: Stream, size: int) -> bool:
        """Whether a part may leave at once, past the queues."""
        if stream.pending > 0 or stream.is_queued:
            return False
        if size == 0:
            return True  # it needs no window
        return (
            self._queued == 0
            and size <= codes.FRAME_BYTES
            and size <= stream.send_window
            and size <= self.window
            and self._writer.budget > 0
            and not self._writer.paused
        )

    def _keep(self, stream: Stream, data: bytes, size: int) -> None:
        if stream.parts is None:
            stream.parts = []
        last = len(stream.parts) - 1
        if last > 0 and size + len(stream.parts[last]) <= _SMALL_BYTES:
            stream.parts[last] += data
        elif size > 0:
            stream.parts.append(data)
        stream.pending += size
        self.total += size
        self._queue(stream)

    def _queue(self, stream: Stream) -> None:
        if stream.pending > 0 and stream.send_window > 0 and not stream.is_queued:
            stream.is_queued = True
            self._queued += 1
            self._queues[stream.priority >> 1].append(stream)

    def _unqueue(self, stream: Stream) -> None:
        stream.is_queued = False
        self._queued -= 1
        self._queues[stream.priority >> 1].remove(stream)

    def _first(self) -> Stream:
        for queue in self._queues:
            if queue:
                return queue[0]
        raise LocalProtocolError("a stream is counted as queued and is in no queue")

    def _write_first(self, stream: Stream) -> None:
        size = min(codes.FRAME_BYTES, stream.pending, stream.send_window, self.window)
        is_last = size == stream.pending
        flags = codes.END_STREAM if is_last and stream.ends else codes.NO_FLAGS
        self._write_part(stream, size, flags)
        stream.pending -= size
        self.total -= size
        self._has_drained = True
        self._count(stream, size)
        if is_last or stream.send_window <= 0:
            self._unqueue(stream)
        elif stream.priority & 1:
            queue = self._queues[stream.priority >> 1]
            queue.append(queue.pop(0))
        if is_last:
            self._written(stream)

    def _write_part(self, stream: Stream, size: int, flags: int) -> None:
        waiting = stream.parts or []
        first = waiting[0]
        start = stream.at
        if len(first) - start > size:
            stream.at = start + size
            self._writer.put_data(stream.stream_id, first, start, start + size, flags)
        elif len(first) - start == size:
            stream.at = 0
            del waiting[0]
            self._writer.put_data(stream.stream_id, first, start, start + size, flags)
        else:
            self._writer.put_data(stream.stream_id, _gather(stream, waiting, size), 0, size, flags)

    def _count(self, stream: Stream, size: int) -> None:
        stream.send_window -= size
        stream.octets_sent += size
        self.window -= size
        self._patience.part_sent()

    def _written(self, stream: Stream) -> None:
        """All that waited has left."""
        stream.parts = None
        if stream.ends:
            self.end(stream)
        elif stream.trailers is not None:
            self._put_trailers(stream)

    def _put_trailers(self, stream: Stream) -> None:
        trailers = stream.trailers or []
        stream.trailers = None
        if trailers:
            self._writer.put_headers(stream.stream_id, trailers, codes.END_STREAM)
        else:
            self._writer.put_data(stream.stream_id, b"", 0, 0, codes.END_STREAM)
        self.end(stream)


def _gather(stream: Stream, waiting: list[bytes], size: int) -> bytes:
    """The first `size` octets of several parts."""
    pieces = []
    while size > 0:
        first = waiting[0]
        end = min(len(first), stream.at + size)
        pieces.append(octets.cut(first, stream.at, end))
        size -= end - stream.at
        if end == len(first):
            del waiting[0]
            stream.at = 0
        else:
            stream.at = end
    return octets.join(pieces)
