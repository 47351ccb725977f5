"""What threads log, for tests that have to wait for it: it may come behind the response."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from tests.adapters.wsgi_to_asgi.asgi_side import Signal


class Heard(logging.Handler):
    """Keeps the messages of one logger, each with its traceback below."""

    def __init__(self) -> None:
        super().__init__()
        self.messages: list[str] = []
        self.signal = Signal()

    def emit(self, record: logging.LogRecord) -> None:
        self.messages.append(self.format(record))
        self.signal.set()

    async def wait(self, text: str) -> str:
        """The first message with this text, past or future."""
        while True:
            for message in self.messages:
                if text in message:
                    return message
            await self.signal.wait()
            self.signal = Signal()  # a message that comes before this is in the list by now


@contextmanager
def heard(name: str = "penstock.application") -> Iterator[Heard]:
    handler = Heard()
    logger = logging.getLogger(name)
    logger.addHandler(handler)
    try:
        yield handler
    finally:
        logger.removeHandler(handler)
