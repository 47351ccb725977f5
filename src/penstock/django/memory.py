"""The layer of one process, for Channels."""

from typing import Any

from penstock.channels.memory import MemoryLayer
from penstock.django.backend import ChannelsBackend, settled


class InMemoryChannelLayer(ChannelsBackend, MemoryLayer):
    def __init__(
        self,
        expiry: float | None = None,
        group_expiry: float | None = None,
        capacity: int | None = None,
        channel_capacity: Any = None,
        **config: Any,
    ) -> None:
        """In the order in which the layer of Channels has them; its defaults are ours."""
        bounds = {"capacity": capacity, "channel_capacity": channel_capacity}
        super().__init__(**settled({"expiry": expiry, "group_expiry": group_expiry, **bounds, **config}))
