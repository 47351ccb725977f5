"""A server with an event loop of its own: what `penstock run` and `penstock.run` have in common."""

import asyncio
from typing import Any

from penstock.server.logs import configure_logging
from penstock.server.memory import keep_freed_memory
from penstock.server.server import Server
from penstock.server.settings import Settings
from penstock.transport.loops import new_loop


def run(app: Any, settings: Settings | None = None, *, name: str = "", **values: Any) -> None:
    """Serve `app` until SIGTERM or SIGINT, then drain and return.

    `values` are settings and limits by name, such as `bind=("0.0.0.0:80",)` or `max_body_bytes=2**20`; they
    stand instead of `settings`. Raises SettingsError, BindError and LifespanFailed.
    """
    if settings is not None and values:
        raise TypeError(f"give either settings or {', '.join(values)}, not both")
    chosen = settings or Settings.build(**values)
    configure_logging(chosen.log_level)
    keep_freed_memory()
    with asyncio.Runner(loop_factory=lambda: new_loop(chosen.uvloop)) as runner:
        runner.run(_serve(app, chosen, name))


async def _serve(app: Any, settings: Settings, name: str) -> None:
    await Server(app, settings, name=name).serve()
