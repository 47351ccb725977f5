"""The event loop: uvloop where it is installed, asyncio's own elsewhere, or what the user asks for."""

import asyncio
import importlib
import sys

from penstock.base.errors import SettingsError


def new_loop(uvloop: bool | None) -> asyncio.AbstractEventLoop:
    """A loop for `asyncio.Runner(loop_factory=...)`.

    True insists on uvloop and raises SettingsError without it; None takes it if it can be imported.
    """
    if uvloop is False:
        return asyncio.new_event_loop()
    try:
        loop: asyncio.AbstractEventLoop = importlib.import_module("uvloop").new_event_loop()
    except ImportError as error:
        if uvloop is None:
            return asyncio.new_event_loop()
        raise SettingsError(
            "uvloop", f"it cannot be imported ({error}); install it or choose --no-uvloop"
        ) from error
    return loop


def loop_name(loop: asyncio.AbstractEventLoop) -> str:
    """The package that the loop comes from, with its version unless it is Python's: `uvloop 0.22.1`."""
    package = type(loop).__module__.partition(".")[0]
    version = getattr(sys.modules.get(package), "__version__", "")
    return f"{package} {version}".rstrip()
