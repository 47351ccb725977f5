"""Beside the server, on L0 only: applications of one interface on servers of another."""

from penstock.adapters.asgi2 import as_asgi2, as_asgi3
from penstock.adapters.asgi_to_wsgi.adapter import AsgiToWsgi
from penstock.adapters.asgi_to_wsgi.bounds import AsgiToWsgiBounds
from penstock.adapters.wsgi.settings import WsgiSettings
from penstock.adapters.wsgi_to_asgi import WsgiToAsgi

__all__ = [
    "AsgiToWsgi",
    "AsgiToWsgiBounds",
    "WsgiSettings",
    "WsgiToAsgi",
    "as_asgi2",
    "as_asgi3",
]
