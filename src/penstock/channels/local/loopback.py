"""Between the hub and the process that it runs in: frames without a socket."""

from collections import deque
from collections.abc import Callable

from penstock.channels.local.frames import Frame

Handler = Callable[[Frame], None]


class Loopback:
    """A `Line` to the process. What is posted while a frame is handled comes behind it, as on a wire. The
    lock of the layer is held.
    """

    def __init__(self, to_process: Handler) -> None:
        self._to_process = to_process
        self._frames: deque[tuple[Handler, Frame]] = deque()
        self._is_busy = False
        self._is_closed = False
        self.backlog_bytes = 0

    def post(self, frame: Frame) -> None:
        self.carry(self._to_process, frame)

    def carry(self, handler: Handler, frame: Frame) -> None:
        self._frames.append((handler, frame))
        if self._is_busy:
            return
        self._is_busy = True
        try:
            while self._frames and not self._is_closed:
                handle, first = self._frames.popleft()
                handle(first)
        finally:
            self._is_busy = False

    def close(self) -> None:
        self._is_closed = True
