"""Penstock: the whole of ASGI in one package."""

from penstock.base.version import VERSION as __version__

__all__ = ["__version__"]
