"""Penstock: the whole of ASGI in one package. These are its public names; docs/ describes each."""

from penstock.base.errors import (
    ApplicationLoadError,
    BindError,
    ClientDisconnected,
    LifespanFailed,
    LocalProtocolError,
    PenstockError,
    RemoteProtocolError,
    SettingsError,
)
from penstock.base.limits import Limits
from penstock.base.version import VERSION as __version__
from penstock.server.run import run
from penstock.server.server import Server
from penstock.server.settings import Settings

__all__ = [
    "ApplicationLoadError",
    "BindError",
    "ClientDisconnected",
    "LifespanFailed",
    "Limits",
    "LocalProtocolError",
    "PenstockError",
    "RemoteProtocolError",
    "Server",
    "Settings",
    "SettingsError",
    "__version__",
    "run",
]
