"""What becomes of an exception that an application raises: it is logged with its traceback, unless it only
tells that the client has gone.

That is told by `ClientDisconnected`, and frameworks that catch it raise an error of their own in its place.
Such an error may as well be a mistake in the application's cleaning up, so it is told in one line.
"""

import logging
from typing import Any

from penstock.base.errors import ClientDisconnected, raised_for

LOGGER = logging.getLogger("penstock.application")
PEERS = logging.getLogger("penstock.server")


def report(error: BaseException, scope: dict[str, Any]) -> None:
    """Log an application's failure, naming the request it failed in."""
    if _is_disconnect(error):
        return
    what = ascii(f"{scope.get('method') or scope.get('type')} {scope.get('path', '')}")
    if _follows_disconnect(error):
        LOGGER.info("the client had gone in %s, and the application raised %s", what, ascii(error))
    else:
        LOGGER.error("the application failed in %s", what, exc_info=error)


def report_fault(reason: str, client: tuple[str, int] | None) -> None:
    """Log what a peer did wrong, for whoever looks; it is the peer's fault and no warning."""
    PEERS.debug("%s: %s", "unix" if client is None else client[0], ascii(reason))


def _is_disconnect(error: BaseException) -> bool:
    """Whether nothing but `ClientDisconnected` is in it: task groups wrap what they let through."""
    if isinstance(error, BaseExceptionGroup):
        return error.split(ClientDisconnected)[1] is None
    return isinstance(error, ClientDisconnected)


def _follows_disconnect(error: BaseException) -> bool:
    """Whether it, or each error in a group, was raised while `ClientDisconnected` was handled."""
    if isinstance(error, BaseExceptionGroup):
        return all(_follows_disconnect(each) for each in error.exceptions)
    return any(isinstance(each, ClientDisconnected) for each in raised_for(error))
