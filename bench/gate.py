"""Holds a sender back until what it has sent has arrived everywhere."""

import asyncio
from time import perf_counter

from bench.layer_programs import PATIENCE_SECONDS


class Gate:
    """Each of several readers notes when it has had one more message, or one more lot of them."""

    def __init__(self, readers: int) -> None:
        self.last_at = 0.0
        self._messages = [0] * readers
        self._wanted = 0
        self._opened: asyncio.Future[None] | None = None

    def note(self, reader: int) -> None:
        self._messages[reader] += 1
        self.last_at = perf_counter()
        if self._opened is not None and not self._opened.done() and self._passed():
            self._opened.set_result(None)

    async def wait(self, messages: int) -> None:
        """Until every reader has had so many. Raises TimeoutError when nothing comes any more."""
        self._wanted = messages
        if self._passed():
            return
        self._opened = asyncio.get_running_loop().create_future()
        while not self._opened.done():
            noted_at = self.last_at
            await asyncio.wait([self._opened], timeout=PATIENCE_SECONDS)
            if self.last_at == noted_at:
                raise TimeoutError(f"{self._wanted} messages were sent, {min(self._messages)} came")

    def _passed(self) -> bool:
        return min(self._messages) >= self._wanted
