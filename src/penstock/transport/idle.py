"""The handler of a connection that has none: before its first byte is understood, and when only its end is
awaited.
"""


class Idle:
    """Drops whatever comes."""

    def receive_data(self, data: bytes) -> None:
        """Nobody reads on."""

    def receive_eof(self) -> None:
        """The end was awaited."""

    def writing_resumed(self) -> None:
        """Nobody writes."""

    def connection_lost(self) -> None:
        """Nobody is left to be told."""

    def handle_deadline(self, now: float) -> None:
        """The connection watches its own end."""

    def drain(self) -> None:
        """There is nothing to finish."""
