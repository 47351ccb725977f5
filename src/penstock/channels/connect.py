"""The way into every layer: a URL."""

import os
from typing import Any

from penstock.base.errors import SettingsError
from penstock.channels.interface import ChannelLayer
from penstock.channels.schemes import layer_class
from penstock.channels.url import parse_url

VARIABLE = "PENSTOCK_CHANNEL_LAYER"  # of the environment: a URL
EMBEDDED = "local://"  # for several processes, and nothing to start


def connect(url: str | None = None, **options: Any) -> ChannelLayer:
    """The layer that `url` names: `memory://`, `local:///run/app.sock`, `redis://host:6379/0?prefix=chat`.
    Without one it is that of PENSTOCK_CHANNEL_LAYER in the environment, and without that `local://`, which
    connects all processes that this user runs from this folder.

    Settings are parameters of the URL or keywords; a keyword goes before. Nothing is reached before the layer
    is opened or used. Raises SettingsError, which names the setting.
    """
    if url is None:
        return _by_default(options)
    parsed = parse_url(url)
    layer: ChannelLayer = layer_class(parsed.scheme).from_url(parsed, **options)
    return layer


def _by_default(options: dict[str, Any]) -> ChannelLayer:
    """An empty variable is one that was not set."""
    url = os.environ.get(VARIABLE)
    if not url:
        return connect(EMBEDDED, **options)
    try:
        return connect(url, **options)
    except SettingsError as error:
        raise SettingsError(error.setting, f"{error.problem} ({VARIABLE} of the environment)") from None
