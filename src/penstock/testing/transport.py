"""An asyncio transport without a socket, for tests of protocols: it keeps what is written and obeys.

The test plays the network and the client: `connect`, `feed`, `feed_eof`, `fill` and `take`, `lose`. As with a
real transport, nothing is read while reading is paused, `connection_lost` comes once and by the loop, behind
what waits to be written, and what is written after the end is dropped.
"""

import asyncio
import socket
from collections import deque
from collections.abc import Iterable
from typing import Any

HIGH_WATER_BYTES = 65536


class NoSocket:
    """What a fake has in a socket's place: a file goes through the fake itself, in parts."""

    family = socket.AF_INET

    def __init__(self) -> None:
        self.options: dict[int, Any] = {}

    def setsockopt(self, level: int, option: int, value: Any) -> None:
        self.options[option] = value

    def fileno(self) -> int:
        raise asyncio.SendfileNotAvailableError("a fake transport has no descriptor")


class FakeTransport(asyncio.Transport):
    """`written` is everything that has left; `ended` tells how it ended: "", "closed", "aborted", "lost"."""

    def __init__(
        self,
        protocol: Any,  # an asyncio.Protocol, by its methods: compiled ones cannot inherit from it
        *,
        client: Any = ("192.0.2.1", 50000),
        server: Any = ("192.0.2.2", 80),
    ) -> None:
        self.socket = NoSocket()
        super().__init__({"peername": client, "sockname": server, "socket": self.socket})
        self.written = bytearray()
        self.ended = ""
        self.eof_written = False
        self.reading = True
        self._protocol = protocol
        self._incoming: deque[bytes] = deque()  # b"" is the end
        self._eof_seen = False
        self._stuck = False
        self._broken: Exception | None = None
        self._waiting_bytes = 0
        self._high_bytes = HIGH_WATER_BYTES
        self._writing_paused = False
        self._lost = False

    @property
    def resets(self) -> bool:
        """Whether the close is to be seen as a reset (SO_LINGER of no time)."""
        return socket.SO_LINGER in self.socket.options

    # What the test does, as the network and the client.

    def connect(self) -> None:
        """The connection is accepted."""
        self._protocol.connection_made(self)

    def feed(self, data: bytes) -> None:
        """The client sends; it arrives at once, or when reading is resumed."""
        self._incoming.append(data)
        self._deliver()

    def feed_eof(self) -> None:
        """The client closes its half."""
        self._incoming.append(b"")
        self._deliver()

    def fill(self) -> None:
        """From now on the client takes nothing: what is written waits."""
        self._stuck = True

    def take(self, count: int | None = None) -> None:
        """The client takes `count` bytes of what waits; without a number all of it, and goes on reading."""
        if count is None:
            self._stuck = False
            self._waiting_bytes = 0
        else:
            self._waiting_bytes = max(0, self._waiting_bytes - count)
        if self._writing_paused and self._waiting_bytes <= self._high_bytes // 4:
            self._writing_paused = False
            self._protocol.resume_writing()
        if self.ended == "closed" and self._waiting_bytes == 0:
            self._lose_soon(None)

    def break_off(self) -> None:
        """The client has gone without a word: the next write finds out."""
        self._broken = BrokenPipeError("the client has gone")

    def lose(self, error: Exception | None = None) -> None:
        """The connection is gone."""
        self.ended = self.ended or "lost"
        self._tell_lost(error)

    # asyncio.Transport.

    def write(self, data: Any) -> None:
        if self.eof_written:
            raise RuntimeError("write() after write_eof()")
        if self.ended:
            return
        if self._broken is not None:
            self.ended = "lost"
            self._lose_soon(self._broken)
            return
        self.written += data
        if self._stuck:
            self._waiting_bytes += len(data)
            if self._waiting_bytes > self._high_bytes and not self._writing_paused:
                self._writing_paused = True
                self._protocol.pause_writing()

    def writelines(self, list_of_data: Iterable[Any]) -> None:
        self.write(b"".join(list_of_data))

    def write_eof(self) -> None:
        self.eof_written = True

    def can_write_eof(self) -> bool:
        return True

    def get_write_buffer_size(self) -> int:
        return self._waiting_bytes

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        self._high_bytes = HIGH_WATER_BYTES if high is None else high

    def pause_reading(self) -> None:
        self.reading = False

    def resume_reading(self) -> None:
        self.reading = True
        if self._eof_seen:  # as asyncio does: the end of the stream is there to be read again
            self._incoming.append(b"")
        if self._incoming:
            asyncio.get_running_loop().call_soon(self._deliver)

    def is_closing(self) -> bool:
        return bool(self.ended)

    def close(self) -> None:
        if not self.ended:
            self.ended = "closed"
            if self._waiting_bytes == 0:
                self._lose_soon(None)

    def abort(self) -> None:
        if self.ended in {"", "closed"} and not self._lost:
            self.ended = "aborted"
            self._waiting_bytes = 0
            self._lose_soon(None)

    # Below.

    def _deliver(self) -> None:
        while self._incoming and self.reading and not self.ended:
            if data := self._incoming.popleft():
                self._protocol.data_received(data)
            else:
                self._eof_seen = True
                if not self._protocol.eof_received():
                    self.close()

    def _lose_soon(self, error: Exception | None) -> None:
        asyncio.get_running_loop().call_soon(self._tell_lost, error)

    def _tell_lost(self, error: Exception | None) -> None:
        if not self._lost:
            self._lost = True
            self._protocol.connection_lost(error)
