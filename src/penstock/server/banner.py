"""The start-up line: where the server listens, what runs, on which loop, and whether the engines are
compiled.
"""

import asyncio
import logging
import os

from penstock.base.version import VERSION
from penstock.server.variant import engine_variant
from penstock.transport.loops import loop_name

LOGGER = logging.getLogger("penstock.server")


def log_started(addresses: list[str], application: str, loop: asyncio.AbstractEventLoop) -> None:
    """One line, written when connections are accepted; tools may wait for it and read the addresses."""
    LOGGER.info(
        "penstock %s serves %s on %s (process %d, %s, engines %s)",
        VERSION,
        application,
        " ".join(addresses),
        os.getpid(),
        loop_name(loop),
        engine_variant(),
    )
