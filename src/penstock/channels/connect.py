"""The way into every layer: a URL."""

import os
from typing import Any

from penstock.base.errors import SettingsError
from penstock.channels.interface import ChannelLayer
from penstock.channels.schemes import layer_class
from penstock.channels.url import LayerUrl, parse_url

VARIABLE = "PENSTOCK_CHANNEL_LAYER"  # of the environment: a URL
EMBEDDED = "local://"  # for several processes, and nothing to install


def connect(url: str | None = None, **options: Any) -> ChannelLayer:
    """The layer that `url` names: `memory://`, `local:///run/app.sock`, `redis://host:6379/0?prefix=chat`.
    Without one it is that of PENSTOCK_CHANNEL_LAYER in the environment, and without that `local://`, which
    connects all processes that this user runs from this folder.

    Settings are parameters of the URL or keywords; a keyword goes before. Nothing is reached before the layer
    is opened or used. Raises SettingsError, which names the setting.
    """
    parsed = parse_url(url) if url is not None else _by_default()
    layer: ChannelLayer = layer_class(parsed.scheme).from_url(parsed, **options)
    return layer


def _by_default() -> LayerUrl:
    try:
        return parse_url(os.environ.get(VARIABLE, EMBEDDED))
    except SettingsError as error:
        raise SettingsError("url", f"{VARIABLE} of the environment: {error.problem}") from None
