"""The layer of one process, for Channels."""

from typing import Any

from penstock.channels.memory import MemoryLayer
from penstock.django.backend import ChannelsBackend, settled


class InMemoryChannelLayer(ChannelsBackend, MemoryLayer):
    def __init__(self, **config: Any) -> None:
        super().__init__(**settled(config))
