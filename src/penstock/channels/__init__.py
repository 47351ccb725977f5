"""Channel layers: messages between tasks, threads, processes and machines, through channels and groups."""

from penstock.channels.connect import connect
from penstock.channels.errors import (
    ChannelClosed,
    ChannelFull,
    ChannelLayerError,
    CorruptMessage,
    InvalidMessage,
    InvalidName,
    LayerClosed,
    LayerUnavailable,
    MessageTooLarge,
)
from penstock.channels.interface import ChannelLayer, Delivery
from penstock.channels.names import dead_letter_channel
from penstock.channels.notices import Gap
from penstock.channels.settings import LayerSettings

__all__ = [
    "ChannelClosed",
    "ChannelFull",
    "ChannelLayer",
    "ChannelLayerError",
    "CorruptMessage",
    "Delivery",
    "Gap",
    "InvalidMessage",
    "InvalidName",
    "LayerClosed",
    "LayerSettings",
    "LayerUnavailable",
    "MessageTooLarge",
    "connect",
    "dead_letter_channel",
]
