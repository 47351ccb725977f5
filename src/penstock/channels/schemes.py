"""The layers that `connect` knows, by the scheme of their URL.

A layer's module is imported when its scheme is first used: Redis is asked for by nobody who does not use it.
Packages add their own through the entry point group `penstock.channel_layers`: the name is the scheme, the
object a `ChannelLayer` with `from_url`.
"""

from importlib import import_module
from importlib.metadata import entry_points
from typing import Any

from penstock.base.errors import SettingsError

ENTRY_POINTS = "penstock.channel_layers"
OURS = {
    "memory": "penstock.channels.memory:MemoryLayer",
    "local": "penstock.channels.local:LocalLayer",
    "redis": "penstock.channels.redis:RedisLayer",
    "rediss": "penstock.channels.redis:RedisLayer",
    "redis+sentinel": "penstock.channels.redis:RedisLayer",
    "rediss+sentinel": "penstock.channels.redis:RedisLayer",
    "redis+cluster": "penstock.channels.redis:RedisLayer",
    "rediss+cluster": "penstock.channels.redis:RedisLayer",
}
EXTRAS = {"local": "local", "redis": "redis", "rediss": "redis"}


def layer_class(scheme: str) -> Any:
    """The class whose layers `scheme` names. Raises SettingsError for an unknown one."""
    if scheme in OURS:
        module, _, name = OURS[scheme].partition(":")
        return getattr(_imported(scheme, module), name)
    for entry in entry_points(group=ENTRY_POINTS, name=scheme):
        return entry.load()
    raise SettingsError("url", f"got the scheme {scheme!r}; expected one of {', '.join(sorted(OURS))}")


def _imported(scheme: str, module: str) -> Any:
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        if str(error.name).startswith("penstock"):
            raise
        if error.name == "fcntl":
            raise SettingsError("url", "local:// needs Unix; take redis:// here, or memory://") from None
        extra = EXTRAS[scheme.partition("+")[0]]
        problem = f"{scheme}:// needs the package {error.name!r}; install penstock[{extra}]"
        raise SettingsError("url", problem) from None
