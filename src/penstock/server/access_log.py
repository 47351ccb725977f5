"""The access log: one line for each exchange, written to a descriptor in blocks.

A `logging.Logger` call costs about as much as a whole request, so lines are collected here and written when a
block is full, once a second, and in the end. A reader that is slow or gone never reaches into a request: what
cannot be written waits, up to a bound, and what has to be dropped is counted and told to the server's log.
"""

import errno
import logging
import os
import select
import time
from typing import Any

from penstock.server.access_format import SPOILT, LineFormat
from penstock.server.access_text import Fields

LOGGER = logging.getLogger("penstock.server")

BLOCK_BYTES = 32768
MOST_WAITING_BYTES = 4194304  # for a reader that does not read: about forty thousand lines
CLOSE_SECONDS = 1.0


class AccessLog:
    """Writes to `descriptor`, which stays the caller's and may be blocking or not.

    Raises SettingsError for a format that cannot be read. Call `tick` once a second and `close` in the end.
    """

    def __init__(self, format: str, descriptor: int) -> None:
        self._format = LineFormat(format, time.time())
        self._render = self._format.render
        self._descriptor = descriptor
        self._lines: list[str] = []
        self._length = 0
        self._waiting = bytearray()
        self._gone = False
        self._troubled = False
        self._lost_lines = 0

    def record(
        self,
        scope: dict[str, Any],
        status: int,
        response_fields: Fields,
        body_bytes: int,
        duration_seconds: float,
    ) -> None:
        """Add the line of one exchange. Raises nothing, whatever the application has made of its scope."""
        try:
            line = self._render(scope, status, response_fields, body_bytes, duration_seconds)
        except SPOILT:
            line = self._format.render_spoilt(scope, status, response_fields, body_bytes, duration_seconds)
        self._lines.append(line)
        self._length += len(line)
        if self._length >= BLOCK_BYTES:
            self.flush()

    def tick(self, unix_seconds: float) -> None:
        """A second has passed: lines show the new time, and what was collected is written."""
        if self._lines or self._waiting:
            self.flush()
        self._format.clock.set(unix_seconds)

    def flush(self) -> None:
        """Write what the descriptor takes now; the rest waits for the next time."""
        self._collect()
        if self._waiting and not self._gone:
            self._write()

    def close(self) -> None:
        """Write what is left, wait a moment for a reader that is behind, and tell what was lost."""
        self.flush()
        deadline = time.monotonic() + CLOSE_SECONDS
        while self._waiting and self._wait_writable(deadline - time.monotonic()):
            self._write()
        self._give_up_waiting()
        if self._lost_lines:
            LOGGER.warning("the access log lost %d lines", self._lost_lines)
            self._lost_lines = 0

    def _collect(self) -> None:
        if self._gone or len(self._waiting) > MOST_WAITING_BYTES:
            self._lost_lines += len(self._lines)
        else:
            self._waiting += "".join(self._lines).encode()
        self._lines.clear()
        self._length = 0

    def _write(self) -> None:
        try:
            written = os.write(self._descriptor, self._waiting)
        except BlockingIOError:
            return
        except OSError as error:
            self._failed(error)
        else:
            del self._waiting[:written]
            self._troubled = False

    def _failed(self, error: OSError) -> None:
        """A reader that has gone does not come back; a full disk may have room again."""
        self._gone = error.errno in {errno.EPIPE, errno.EBADF}
        if not self._troubled:
            outlook = "no more lines are written" if self._gone else "lines wait until it takes them again"
            LOGGER.warning("the access log cannot be written (%s); %s", error.strerror, outlook)
        self._troubled = True
        if self._gone:
            self._give_up_waiting()

    def _give_up_waiting(self) -> None:
        self._lost_lines += self._waiting.count(b"\n")
        self._waiting.clear()

    def _wait_writable(self, seconds: float) -> bool:
        if seconds <= 0 or self._troubled:
            return False
        return bool(select.select((), (self._descriptor,), (), seconds)[1])
