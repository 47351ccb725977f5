"""What the layers for Channels share.

Channels makes a layer of `CONFIG` when it is first asked for, and keeps it. Its consumers, and code written
for channels_redis, expect its own exceptions, and a few attributes that no specification names.
"""

import contextlib
from collections.abc import Iterable, Iterator
from typing import Any

from channels.exceptions import ChannelFull as ChannelsFull
from channels.exceptions import MessageTooLarge as ChannelsTooLarge

from penstock.channels import errors, names
from penstock.channels.interface import ChannelLayer
from penstock.channels.messages import Message

# Keys of channels_redis that say how it works inside, and nothing of what is wanted.
IGNORED = frozenset({"random_prefix_length"})


class ChannelFull(errors.ChannelFull, ChannelsFull):  # type: ignore[misc] # Channels has no types
    """The channel is full, in the words of both."""


class MessageTooLarge(errors.MessageTooLarge, ChannelsTooLarge):  # type: ignore[misc] # as above
    """The message is too large, in the words of both."""


class ChannelsBackend(ChannelLayer):
    """Mixed into a layer. Notices are off unless `CONFIG` asks for them: a consumer without a handler for
    `channel.gap` would be ended by one.
    """

    ChannelFull = ChannelFull
    MessageTooLarge = MessageTooLarge

    async def send(self, channel: str, message: Message) -> None:
        with _in_words_of_channels():
            await super().send(channel, message)  # type: ignore[safe-super] # it is mixed into a layer

    async def group_send(self, group: str, message: Message) -> None:
        with _in_words_of_channels():
            await super().group_send(group, message)  # type: ignore[safe-super] # as above

    @property
    def channel_capacity(self) -> Any:
        return self.settings.channel_capacity

    async def close_pools(self) -> None:
        """What channels_redis calls closing; this layer can be used again after it, and opens by itself."""

    def require_valid_channel_name(self, name: str, receive: bool = False) -> bool:
        _ = names.check_readable(name) if receive else names.check_channel(name)
        return True

    def require_valid_group_name(self, name: str) -> bool:
        names.check_group(name)
        return True

    valid_channel_name = require_valid_channel_name
    valid_group_name = require_valid_group_name


@contextlib.contextmanager
def _in_words_of_channels() -> Iterator[None]:
    try:
        yield
    except errors.MessageTooLarge as error:
        raise MessageTooLarge(str(error)) from None


def settled(config: dict[str, Any], *unused: Iterable[str]) -> dict[str, Any]:
    """`CONFIG` as the settings of a layer: without what is None, and without notices unless asked for."""
    left_out = IGNORED.union(*unused)
    given = {key: value for key, value in config.items() if value is not None and key not in left_out}
    return {"notices": False, **given}
