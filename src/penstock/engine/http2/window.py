"""Our windows: what the peer may still send of bodies (RFC 9113 section 5.2 and 6.9).

Octets go back to the peer when the application has taken them, and in batches: an update for each frame would
cost more than it carries. Half a window at a time keeps a fast sender going, since it gets the first half
back while it sends the second.
"""

from penstock.engine.http2 import codes


class ReceiveWindow:
    """The window of a stream or of the connection. `left` is what the peer may send now."""

    __slots__ = ("_batch", "_owed", "left")

    def __init__(self, size: int) -> None:
        """The peer may use the initial window of the RFC until it has read our settings, and none is larger
        than 2^31-1.
        """
        self.left = min(max(size, codes.INITIAL_WINDOW), codes.MAX_WINDOW)
        self._batch = min(size, codes.MAX_WINDOW) // 2
        self._owed = 0

    def receive(self, size: int) -> bool:
        """Count what came, padding included; False when the peer had no right to send so much."""
        self.left -= size
        return self.left >= 0

    def give_back(self, size: int) -> int:
        """The increment of the update that is due now, 0 for none."""
        self._owed += size
        if self._owed == 0 or self._owed < self._batch:
            return 0
        increment = self._owed
        self.left += increment
        self._owed = 0
        return increment
