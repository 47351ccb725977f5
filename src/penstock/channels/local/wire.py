"""Frames over a Unix socket: gathered, and written once in a turn of the loop.

`post` may be called in any thread with the layer's lock held, and so are the callbacks. Nothing here waits:
what the socket does not take stays in `backlog_bytes`, which whoever posts keeps bounded.
"""

import socket
from collections import deque
from collections.abc import Callable
from threading import RLock

from penstock.channels.local.frames import BadFrame, Frame, FrameReader, build
from penstock.channels.local.seat import Seat
from penstock.channels.waking import running_loop

READ_BYTES = 64 << 10  # at once, for which malloc need not map memory; then other sockets get their turn
WRITE_BYTES = 256 << 10  # joined for one write: more than a socket takes at once would be copied in vain


class Wire:
    """`on_frame(frame)` is called for each that comes, `on_lost(reason)` once, unless it is closed before."""

    def __init__(
        self,
        connection: socket.socket,
        seat: Seat,
        lock: RLock,
        max_frame_bytes: int,
        on_frame: Callable[[Frame], None],
        on_lost: Callable[[str], None],
    ) -> None:
        connection.setblocking(False)
        self._socket = connection
        self._descriptor = connection.fileno()
        self._seat = seat
        self._lock = lock
        self._reader = FrameReader(max_frame_bytes)
        self._on_frame = on_frame
        self._on_lost = on_lost
        self._pieces: deque[bytes] = deque()
        self._is_flush_due = False
        self.backlog_bytes = 0
        self.is_closed = False

    def start(self) -> None:
        self._seat.watch(self._descriptor, self._read)

    def post(self, frame: Frame) -> None:
        if self.is_closed:
            return
        piece = build(frame)
        self._pieces.append(piece)
        self.backlog_bytes += len(piece)
        if not self._is_flush_due:
            self._is_flush_due = True
            here = running_loop()
            if here is not None:
                here.call_soon(self.flush)
            else:
                self._seat.soon(self.flush)

    def flush(self) -> None:
        """Write what waits, as far as the socket takes it."""
        with self._lock:
            self._is_flush_due = False
            if self.is_closed or not self._pieces:
                return
            waiting = self._next()
            try:
                written = self._socket.send(waiting)
            except (BlockingIOError, InterruptedError):
                written = 0
            except OSError as error:
                self._lose(f"the connection broke: {error}")
                return
            self._written(waiting, written)

    def close(self) -> None:
        """Nobody is told."""
        with self._lock:
            if not self.is_closed:
                self.is_closed = True
                self._seat.release(self._descriptor, self._socket.close)

    def forget(self) -> None:
        """In a forked child: the loops that know the socket stayed behind."""
        self.is_closed = True
        self._socket.close()

    def _next(self) -> bytes:
        pieces = [self._pieces.popleft()]
        size = len(pieces[0])
        while self._pieces and size < WRITE_BYTES:
            pieces.append(self._pieces.popleft())
            size += len(pieces[-1])
        return b"".join(pieces)

    def _written(self, waiting: bytes, written: int) -> None:
        self.backlog_bytes -= written
        if written < len(waiting):
            self._pieces.appendleft(waiting[written:])
        if self._pieces:
            self._is_flush_due = True
            self._seat.watch_writable(self._descriptor, self.flush)
        else:
            self._seat.unwatch_writable(self._descriptor)

    def _read(self) -> None:
        with self._lock:
            if self.is_closed:
                return
            try:
                data = self._socket.recv(READ_BYTES)
            except (BlockingIOError, InterruptedError):
                return
            except OSError as error:
                self._lose(f"the connection broke: {error}")
                return
            if data:
                self._take_in(data)
            else:
                self._lose("the other side closed the connection")

    def _take_in(self, data: bytes) -> None:
        try:
            for frame in self._reader.feed(data):
                if self.is_closed:
                    return
                self._on_frame(frame)
        except BadFrame as error:
            self._lose(str(error))

    def _lose(self, reason: str) -> None:
        self.close()
        self._on_lost(reason)
