"""An asyncio transport without a socket, for tests of protocols: it keeps what was written and does what it
is told.

`FakeTransport` is given to `protocol.connection_made`; the test plays the network by calling the protocol's
methods, and `fill` and `take` play a client that stops reading and reads on.
"""

import asyncio
from collections.abc import Iterable
from typing import Any

HIGH_WATER_BYTES = 65536


class FakeTransport(asyncio.Transport):
    """`written` is everything that would have left; `ended` how it ended: "", "closed", "aborted"."""

    def __init__(
        self,
        protocol: asyncio.Protocol,
        *,
        client: Any = ("192.0.2.1", 50000),
        server: Any = ("192.0.2.2", 80),
    ) -> None:
        super().__init__({"peername": client, "sockname": server})
        self.written = bytearray()
        self.ended = ""
        self.eof_written = False
        self.reading = True
        self._protocol = protocol
        self._stuck = False
        self._waiting_bytes = 0
        self._high_bytes = HIGH_WATER_BYTES
        self._paused = False

    # What the test does, as the network and the client.

    def fill(self) -> None:
        """From now on the client takes nothing: what is written waits."""
        self._stuck = True

    def take(self) -> None:
        """The client takes all that waits, and goes on reading."""
        self._stuck = False
        self._waiting_bytes = 0
        if self._paused:
            self._paused = False
            self._protocol.resume_writing()

    def lose(self, error: Exception | None = None) -> None:
        """The connection is gone."""
        self.ended = self.ended or "lost"
        self._protocol.connection_lost(error)

    # asyncio.Transport.

    def write(self, data: Any) -> None:
        self.written += data
        if self._stuck:
            self._waiting_bytes += len(data)
            if self._waiting_bytes > self._high_bytes and not self._paused:
                self._paused = True
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

    def is_closing(self) -> bool:
        return bool(self.ended)

    def close(self) -> None:
        self.ended = self.ended or "closed"

    def abort(self) -> None:
        self.ended = self.ended or "aborted"
