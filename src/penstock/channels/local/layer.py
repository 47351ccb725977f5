"""The local layer: messages between the processes of one machine.

The mailbox of a channel that `new_channel` made is in the process that made it; all others are in the hub
(`hub`), which is one of the processes. What goes from a process to itself goes there directly.
"""

import os
import weakref
from asyncio import get_running_loop
from typing import Any, Self

from penstock.base.errors import SettingsError
from penstock.channels import names
from penstock.channels.clock import Clock, clock_or_system
from penstock.channels.counts import total
from penstock.channels.history import checked_count
from penstock.channels.interface import ChannelLayer, Delivery
from penstock.channels.local import frames
from penstock.channels.local.desk import ACKNOWLEDGE, REJECT, RETRY
from penstock.channels.local.meeting import meeting_path
from penstock.channels.local.process import Process
from penstock.channels.local.settings import LocalSettings
from penstock.channels.local.wants import Landed
from penstock.channels.mailbox import CLOSED, FULL
from penstock.channels.messages import RESERVED_KEY, Message, freeze
from penstock.channels.notices import Listener
from penstock.channels.schedule import checked_seconds
from penstock.channels.url import LayerUrl
from penstock.channels.waking import Waiter


class LocalDelivery(Delivery):
    """Work that the hub has leased to this process."""

    __slots__ = ("_lease", "_process")

    def __init__(self, channel: str, message: Message, landed: Landed, process: Process) -> None:
        super().__init__(channel, message, landed.attempt)
        self._lease = landed.lease
        self._process = process

    async def ack(self) -> bool:
        return bool(await self._process.call(frames.END_WORK, self._lease, ACKNOWLEDGE, 0.0))

    async def retry(self, seconds: float = 0.0) -> bool:
        seconds = checked_seconds(seconds)
        return bool(await self._process.call(frames.END_WORK, self._lease, RETRY, seconds))

    async def reject(self) -> bool:
        return bool(await self._process.call(frames.END_WORK, self._lease, REJECT, 0.0))


class LocalLayer(ChannelLayer):
    """Without a `path` that of all processes which this user runs from the current folder (`meeting`)."""

    def __init__(self, path: str | None = None, *, clock: Clock | None = None, **settings: Any) -> None:
        self._own = LocalSettings.build(path=meeting_path() if path is None else path, **settings)
        super().__init__(self._own)
        self._clock = clock_or_system(clock)
        self._process = Process(self._own, self._clock)
        _LAYERS.add(self)

    @classmethod
    def from_url(cls, url: LayerUrl, **options: Any) -> Self:
        if url.hosts:
            raise SettingsError("url", "local:// reaches this machine alone; write local:///run/app.sock")
        return cls(**{"path": url.path or None, **LocalSettings.parse(url.parameters), **options})

    async def open(self) -> None:
        await self._process.open()

    async def close(self) -> None:
        await self._process.close()

    def add_listener(self, listener: Listener) -> None:
        self._process.listeners.add(listener)

    def remove_listener(self, listener: Listener) -> None:
        self._process.listeners.remove(listener)

    # Channels.

    async def send(self, channel: str, message: Message) -> None:
        channel = names.check_channel(channel)
        frozen = freeze(message, self.settings.max_message_bytes)
        outcome = await self._process.send(channel, frozen)
        if outcome in {FULL, CLOSED}:
            problem = "as many unread messages as it may" if outcome == FULL else "a reader that fell behind"
            raise self.ChannelFull(f"{channel} has {problem}; try later, or raise its capacity")

    async def receive(self, channel: str) -> Message:
        process = self._process
        room, link = process.room, process.link
        is_served_here = link.is_up and link.seat.guest_loop is get_running_loop()
        is_plain = type(channel) is str
        if is_plain and is_served_here and room.knows(channel) and process.mark in channel:  # mostly
            while isinstance(found := room.read(channel), Waiter):
                await found
                if (entry := found.take_entry()) is not None:
                    return entry.frozen.thaw()
            return found
        channel = names.check_readable(channel)
        name, entry = await self._process.take(channel)
        message = entry.frozen.thaw()
        if name != channel:
            message[RESERVED_KEY] = name
        return message

    async def new_channel(self, prefix: str = "specific") -> str:
        prefix = names.check_prefix(prefix)
        await self._process.open()  # who is told the name may send at once
        return names.new_name(prefix, self._process.client)

    async def receive_acked(self, channel: str) -> Delivery:
        channel = names.check_work_channel(channel)
        while True:
            _, entry = await self._process.take(channel, is_work=True)
            if isinstance(entry, Landed):  # else a notice, which is no work
                return LocalDelivery(channel, entry.frozen.thaw(), entry, self._process)

    # Groups.

    async def group_add(self, group: str, channel: str, *, history: int = 0) -> None:
        group, channel = names.check_membership(group, channel)
        await self._process.group_add(group, channel, checked_count(history))

    async def group_discard(self, group: str, channel: str) -> None:
        group, channel = names.check_membership(group, channel)
        await self._process.group_discard(group, channel)

    async def group_send(self, group: str, message: Message) -> None:
        group = names.check_group(group)
        await self._process.group_send(group, freeze(message, self.settings.max_message_bytes))

    async def group_channels(self, group: str) -> list[str]:
        return list(await self._process.call(frames.GROUP_CHANNELS, names.check_group(group)) or ())

    async def group_count(self, group: str) -> int:
        return int(await self._process.call(frames.GROUP_COUNT, names.check_group(group)))

    async def group_history(self, group: str, count: int | None = None) -> list[Message]:
        wanted = None if count is None else checked_count(count)
        return await self._process.history(names.check_group(group), wanted)

    async def group_watch(self, group: str, channel: str) -> None:
        group, channel = names.check_membership(group, channel)
        await self._process.group_watch(group, channel)

    async def group_unwatch(self, group: str, channel: str) -> None:
        group, channel = names.check_membership(group, channel)
        await self._process.group_unwatch(group, channel)

    # Delay.

    async def send_later(self, channel: str, message: Message, seconds: float) -> str:
        channel = names.check_channel(channel)
        frozen = freeze(message, self.settings.max_message_bytes)
        token = await self._process.send_later(channel, frozen, checked_seconds(seconds))
        if token is None:
            most = self._own.max_delayed
            raise self.ChannelFull(f"{most} messages wait for their time; raise max_delayed")
        return token

    async def cancel_later(self, token: str) -> bool:
        return isinstance(token, str) and bool(await self._process.call(frames.CANCEL_LATER, token))

    # The layer as a whole.

    async def flush(self) -> None:
        await self._process.call(frames.FLUSH)

    async def global_statistics(self) -> dict[str, Any]:
        return dict(await self._process.call(frames.STATISTICS))

    async def channel_statistics(self, channel: str) -> dict[str, Any]:
        channel = names.check_channel(channel)
        if self._process.is_own(channel):
            return self._process.room.channel_statistics(channel)
        told = await self._process.call(frames.CHANNEL_STATISTICS, channel)
        return total([told] if told else [])  # else its process has gone meanwhile

    def _begin_anew(self) -> None:
        """In a forked child: connections are the parent's, and so are the names that it made."""
        self._process.forget()
        self._process = Process(self._own, self._clock)


_LAYERS: weakref.WeakSet[LocalLayer] = weakref.WeakSet()


def _begin_all_anew() -> None:
    for layer in list(_LAYERS):
        layer._begin_anew()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_begin_all_anew)
