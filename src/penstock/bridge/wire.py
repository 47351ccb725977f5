"""A connection as the bridge sees it: `Wire`, which `transport.connection` implements for sockets and
`testing` without one.

This and `HttpStream` and `Exchange` are base classes instead of protocols because they stand between compiled
modules: a call through them costs a few nanoseconds where one through Python's attribute lookup costs forty.
"""

from collections.abc import AsyncGenerator, Awaitable
from typing import Protocol

from penstock.bridge.facts import ConnectionFacts


class Handler(Protocol):
    """Who gets what a wire brings. It is replaced when the protocol of the connection changes."""

    def receive_data(self, data: bytes) -> None: ...

    def receive_eof(self) -> None: ...

    def writing_resumed(self) -> None: ...

    def connection_lost(self) -> None: ...

    def handle_deadline(self, now: float) -> None: ...

    def drain(self) -> None: ...


class Wire:
    """`writable` is False while the client takes too little of what waits for it."""

    __slots__ = ("facts", "handler", "writable")

    def __init__(self, facts: ConnectionFacts, handler: Handler) -> None:
        self.facts = facts
        self.handler = handler
        self.writable = True

    def write(self, pieces: list[bytes]) -> None:
        """Take what is to be sent, in order; the list is the wire's from now on. It leaves when the turn of
        the loop ends, at the latest. Dropped when the connection is closing.
        """
        raise NotImplementedError

    def flush(self) -> None:
        """Let what was taken leave now."""
        raise NotImplementedError

    def close(self, wanted: int) -> None:
        """End the connection: CLOSE, LINGER or ABORT of `engine.closing`."""
        raise NotImplementedError

    def pause_reading(self) -> None:
        raise NotImplementedError

    def resume_reading(self) -> None:
        raise NotImplementedError

    def wait_writable(self) -> Awaitable[None]:
        """Return when the client has taken enough; ClientDisconnected when it is gone."""
        raise NotImplementedError

    def open_file(self, path: str) -> Awaitable[tuple[int, int]]:
        """Open a regular file for sending: its descriptor, which the caller closes, and its size in bytes."""
        raise NotImplementedError

    def send_file(self, descriptor: int, offset: int | None, count: int) -> Awaitable[None]:
        """Send exactly `count` bytes of an open file behind what was written. ClientDisconnected when the
        client goes.
        """
        raise NotImplementedError

    def read_file(
        self, descriptor: int, offset: int | None, count: int, part_bytes: int
    ) -> AsyncGenerator[bytes, None]:
        """The same bytes in parts, each no larger than `part_bytes`, read without holding up the loop."""
        raise NotImplementedError
