"""The way into every layer: a URL."""

from typing import Any

from penstock.channels.interface import ChannelLayer
from penstock.channels.schemes import layer_class
from penstock.channels.url import parse_url


def connect(url: str, **options: Any) -> ChannelLayer:
    """The layer that `url` names: `memory://`, `local:///run/app.sock`, `redis://host:6379/0?prefix=chat`.

    Settings are parameters of the URL or keywords; a keyword goes before. Nothing is reached before the layer
    is opened or used. Raises SettingsError, which names the setting.
    """
    parsed = parse_url(url)
    layer: ChannelLayer = layer_class(parsed.scheme).from_url(parsed, **options)
    return layer
