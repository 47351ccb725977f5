"""What becomes of an exception that an application raises and that the WSGI server cannot be told: it is
logged with its traceback, unless it only says that the client has gone.
"""

import asyncio
import logging
from typing import Any

from penstock.base.errors import ClientDisconnected, raised_for

LOGGER = logging.getLogger("penstock.application")
DEPARTURES = (ClientDisconnected, asyncio.CancelledError)


def report(error: BaseException, scope: dict[str, Any]) -> None:
    """Log an application's failure, naming the request it failed in."""
    what = ascii(f"{scope['method']} {scope['path']}")
    LOGGER.error("the application failed in %s", what, exc_info=error)


def report_unheard(error: BaseException, scope: dict[str, Any]) -> None:
    """The same where the response had ended before."""
    if not _follows_departure(error):
        report(error, scope)


def _follows_departure(error: BaseException) -> bool:
    """Whether it, or each error in a group, was raised for the client's departure: frameworks raise errors of
    their own in its place.
    """
    if isinstance(error, BaseExceptionGroup):
        return all(_follows_departure(each) for each in error.exceptions)
    return any(isinstance(each, DEPARTURES) for each in raised_for(error))
