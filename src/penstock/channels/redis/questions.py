"""What one process asks all others: an entry in each inbox, answered in the inbox of the asker."""

import asyncio
import contextlib
import secrets
from collections.abc import Callable, Iterator


class Question:
    """`token` goes with it and comes back with every answer."""

    def __init__(self) -> None:
        self.token = secrets.token_hex(12)
        self.came: asyncio.Queue[bytes] = asyncio.Queue()

    async def hear(
        self, seconds: float, is_enough: Callable[[], bool], take: Callable[[bytes], None]
    ) -> None:
        """Take answers until it `is_enough`, or for that time: who does not answer is left out."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while not is_enough():
                    take(await self.came.get())


class Questions:
    """Those that wait for answers. For one loop, that of the inbox."""

    def __init__(self) -> None:
        self._open: dict[str, Question] = {}

    @contextlib.contextmanager
    def asking(self) -> Iterator[Question]:
        question = Question()
        self._open[question.token] = question
        try:
            yield question
        finally:
            del self._open[question.token]

    def answered(self, token: str, answer: bytes) -> None:
        """One that nobody waits for any more is late, or forged."""
        if (question := self._open.get(token)) is not None:
            question.came.put_nowait(answer)
