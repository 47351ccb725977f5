"""The layer of one machine: several processes, a Unix socket between them, and no server to install."""

from penstock.channels.local.layer import LocalLayer
from penstock.channels.local.settings import LocalSettings

__all__ = ["LocalLayer", "LocalSettings"]
