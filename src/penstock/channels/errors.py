"""What can go wrong between a program and a channel layer, by who has to act on it.

A name or a message that no layer could carry is a `TypeError` as the specification wants it, raised before
any I/O. A full channel, a message that is too large and a closed channel are answers to one call; the layer
goes on. Layers raise the classes that are their attributes (`layer.ChannelFull`), so that an integration can
put subclasses in their place.
"""

from penstock.base.errors import PenstockError


class ChannelLayerError(PenstockError):
    """The base of everything that a channel layer raises, but for settings, which raise `SettingsError`."""


class InvalidName(ChannelLayerError, TypeError):
    """No channel or no group can have this name."""


class InvalidMessage(ChannelLayerError, TypeError):
    """The message is no dict, or holds something that cannot be sent to another process."""


class MessageTooLarge(ChannelLayerError):
    """The message is larger than `max_message_bytes`."""


class ChannelFull(ChannelLayerError):
    """The channel holds as many unread messages as its capacity allows: try later, or give up."""


class ChannelClosed(ChannelLayerError):
    """Raised to the reader of a channel whose policy is `close` when it has fallen too far behind.

    What waited for it is gone, and so are its memberships. The next `receive` waits for new messages.
    """


class LayerClosed(ChannelLayerError):
    """The layer was used after, or while, `close` was called."""


class LayerUnavailable(ChannelLayerError, ConnectionError):
    """Whatever stands behind the layer does not answer; it goes on trying to reach it."""


class CorruptMessage(ChannelLayerError):
    """Bytes that came from another process are no message: a foreign program, another key, or a fault."""
