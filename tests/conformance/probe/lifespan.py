"""Behaviours that compare a request with the lifespan that began before it."""

import asyncio
from typing import Any

from tests.conformance.probe.app import GREETING
from tests.conformance.probe.steps import answer


async def compare(scope: Any, receive: Any, send: Any, report: Any) -> None:
    """Notes the events and scope of the lifespan, whether its loop is this one, and the context variable it
    set.
    """
    report.note("lifespan", scope["state"]["lifespan"][:2])
    report.note("same loop", scope["state"]["loop"] == id(asyncio.get_running_loop()))
    report.note("greeting", GREETING.get(None))
    await answer(send)
