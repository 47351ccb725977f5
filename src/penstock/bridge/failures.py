"""What becomes of an exception that an application raises: it is logged with its traceback, unless it only
tells that the client has gone.
"""

import logging
from typing import Any

from penstock.base.errors import ClientDisconnected

LOGGER = logging.getLogger("penstock.application")
PEERS = logging.getLogger("penstock.server")


def is_disconnect(error: BaseException) -> bool:
    """Whether nothing but `ClientDisconnected` is in it: task groups wrap what they let through in exception
    groups.
    """
    if isinstance(error, BaseExceptionGroup):
        return error.split(ClientDisconnected)[1] is None
    return isinstance(error, ClientDisconnected)


def report(error: BaseException, scope: dict[str, Any]) -> None:
    """Log an application's failure, naming the request it failed in."""
    what = f"{scope.get('method', scope['type'])} {scope.get('path', '')}"
    LOGGER.error("the application failed in %s", ascii(what.strip()), exc_info=error)


def report_fault(reason: str, client: tuple[str, int] | None) -> None:
    """Log what a peer did wrong, for whoever looks; it is the peer's fault and no warning."""
    PEERS.debug("%s: %s", "unix" if client is None else client[0], ascii(reason))
