"""The layer of one machine, for Channels: `CONFIG` has the `path` of its socket."""

from typing import Any

from penstock.channels.local import LocalLayer
from penstock.django.backend import ChannelsBackend, settled


class LocalChannelLayer(ChannelsBackend, LocalLayer):
    def __init__(self, path: str = "", **config: Any) -> None:  # without one it is refused by its name
        super().__init__(path, **settled(config))
