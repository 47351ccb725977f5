"""The start-up line: what runs, of which interface, where the server listens, on which loop, and whether the
engines are compiled.
"""

import asyncio
import logging
import os

from penstock.base.version import VERSION
from penstock.server.variant import engine_variant
from penstock.transport.loops import loop_name

LOGGER = logging.getLogger("penstock.server")


INTERFACES = {"asgi3": "ASGI 3", "asgi2": "ASGI 2", "wsgi": "WSGI"}


def log_started(
    addresses: list[str], application: str, interface: str, loop: asyncio.AbstractEventLoop
) -> None:
    """One line, written when connections are accepted; tools may wait for it and read the addresses."""
    LOGGER.info(
        "penstock %s serves %s (%s) on %s (process %d, %s, engines %s)",
        VERSION,
        application,
        INTERFACES[interface],
        " ".join(addresses),
        os.getpid(),
        loop_name(loop),
        engine_variant(),
    )
