"""The layer of one process: everything in memory, nothing to wait for.

For programs of one process and for tests. It is deterministic: given a clock that a test moves, and a seed,
the same calls do the same. Several loops and threads may share one layer; two layers share nothing.
"""

import asyncio
import math
from dataclasses import dataclass
from typing import Any, Self

from penstock.base.errors import SettingsError
from penstock.channels import names
from penstock.channels.clock import Clock, clock_or_system
from penstock.channels.groups import Groups
from penstock.channels.history import checked_count
from penstock.channels.interface import ChannelLayer, Delivery
from penstock.channels.listeners import Listeners
from penstock.channels.mailbox import CLOSED, FULL
from penstock.channels.mailroom import Mailroom
from penstock.channels.messages import Frozen, Message, freeze
from penstock.channels.notices import Gap, Listener
from penstock.channels.policies import DROP_NEWEST
from penstock.channels.resilience import Resilience, TroubledRoom
from penstock.channels.schedule import Schedule, checked_seconds
from penstock.channels.settings import LayerSettings, option
from penstock.channels.url import LayerUrl
from penstock.channels.waking import Waiter
from penstock.channels.work import Works

FORGOTTEN = Gap("nothing was read for as long as messages last; the channel has left its groups")


@dataclass(frozen=True, kw_only=True)
class MemorySettings(LayerSettings):
    """Those of its own are of the resilience mode; docs/channels.md describes it."""

    seed: int = option(0, "of the resilience mode: the same seed makes the same trouble", 0, math.inf)
    drop: float = option(0.0, "the share of messages that never arrive", 0)
    delay: float = option(0.0, "the share of messages that arrive later", 0)
    delay_seconds: float = option(1.0, "how much later at most")
    reorder: float = option(0.0, "the share of messages that change places with others", 0)


class MemoryLayer(ChannelLayer):
    def __init__(self, *, clock: Clock | None = None, **settings: Any) -> None:
        own = MemorySettings.build(**settings)
        super().__init__(own)
        self._clock = clock_or_system(clock)
        self._client = names.new_client()
        self._group_policies = own.group_policies()
        self._delayed = Schedule(self._clock)
        self._timers = Schedule(self._clock)
        self._room = Mailroom(own, self._clock, self._forget_unread)
        self._listeners = Listeners(own, self._room)
        self._groups = Groups(own, self._clock, self._timers, self._tell)
        self._works = Works(own, self._room, self._timers)
        self._way_in = self._make_way_in(own)
        self._has_crowded_group = False

    @classmethod
    def from_url(cls, url: LayerUrl, **options: Any) -> Self:
        if url.hosts or url.path.strip("/"):
            raise SettingsError("url", "memory:// is this process and takes no address; leave it out")
        return cls(**{**MemorySettings.parse(url.parameters), **options})

    async def open(self) -> None:
        """Nothing has to be reached."""

    async def close(self) -> None:
        self._room.close()
        self._clear()

    def add_listener(self, listener: Listener) -> None:
        """There are no gaps in memory: it is never called."""
        self._listeners.add(listener)

    def remove_listener(self, listener: Listener) -> None:
        self._listeners.remove(listener)

    # Channels.

    async def send(self, channel: str, message: Message) -> None:
        if type(channel) is not str or not self._room.knows(channel):
            channel = names.check_channel(channel)
        frozen = freeze(message, self.settings.max_message_bytes)
        self._room.inspect()
        if self._room.is_crowded(channel):
            await asyncio.sleep(0)
        outcome = self._put(channel, frozen)
        if outcome in {FULL, CLOSED}:
            problem = "as many unread messages as it may" if outcome == FULL else "a reader that fell behind"
            raise self.ChannelFull(f"{channel} has {problem}; try later, or raise its capacity")

    async def receive(self, channel: str) -> Message:
        if type(channel) is not str or not self._room.knows(channel):
            channel = names.check_readable(channel)
        while isinstance(found := self._room.read(channel), Waiter):
            await found
            if (entry := found.take_entry()) is not None:
                return entry.frozen.thaw()
        return found

    async def new_channel(self, prefix: str = "specific") -> str:
        return names.new_name(names.check_prefix(prefix), self._client)

    async def receive_acked(self, channel: str) -> Delivery:
        channel = names.check_work_channel(channel)
        _, entry = await self._room.take(channel)
        return self._works.lease(channel, entry, self._clock.now())

    # Groups.

    async def group_add(self, group: str, channel: str, *, history: int = 0) -> None:
        group, channel = names.check_membership(group, channel)
        kept = checked_count(history)
        self._room.inspect()
        with self._groups.lock:
            for frozen in self._groups.add(group, channel, kept):
                self._room.put(channel, self._room.entry(frozen), DROP_NEWEST)

    async def group_discard(self, group: str, channel: str) -> None:
        group, channel = names.check_membership(group, channel)
        self._groups.discard(group, channel)

    async def group_send(self, group: str, message: Message) -> None:
        group = names.check_group(group)
        frozen = freeze(message, self.settings.max_message_bytes)
        self._room.inspect()
        if self._has_crowded_group:
            await asyncio.sleep(0)
        policy = self._group_policies.of(group)
        with self._groups.lock:
            channels = self._groups.sent(group, frozen)
            fanout = self._way_in.put_to_all(channels, self._room.entry(frozen), policy)
            self._groups.leave_all(fanout.closed, "closed")
        self._has_crowded_group = fanout.crowded

    async def group_channels(self, group: str) -> list[str]:
        return self._groups.channels(names.check_group(group))

    async def group_count(self, group: str) -> int:
        return self._groups.count(names.check_group(group))

    async def group_history(self, group: str, count: int | None = None) -> list[Message]:
        group, wanted = names.check_group(group), None if count is None else checked_count(count)
        return [frozen.thaw() for frozen in self._groups.history(group, wanted)]

    async def group_watch(self, group: str, channel: str) -> None:
        group, channel = names.check_membership(group, channel)
        self._groups.watch(group, channel)

    async def group_unwatch(self, group: str, channel: str) -> None:
        group, channel = names.check_membership(group, channel)
        self._groups.unwatch(group, channel)

    # Delay.

    async def send_later(self, channel: str, message: Message, seconds: float) -> str:
        channel = names.check_channel(channel)
        frozen = freeze(message, self.settings.max_message_bytes)
        if len(self._delayed) >= self.settings.max_delayed:
            raise self.ChannelFull(f"{len(self._delayed)} messages wait for their time; raise max_delayed")
        when = self._clock.now() + checked_seconds(seconds)
        return self._delayed.at(when, lambda: self._put_late(channel, frozen))

    async def cancel_later(self, token: str) -> bool:
        return isinstance(token, str) and self._delayed.cancel(token)

    # The layer as a whole.

    async def flush(self) -> None:
        with self._groups.lock:
            self._clear()
            self._room.flush()

    async def global_statistics(self) -> dict[str, Any]:
        return self._room.statistics()

    async def channel_statistics(self, channel: str) -> dict[str, Any]:
        return self._room.channel_statistics(names.check_channel(channel))

    # Below.

    def _make_way_in(self, own: MemorySettings) -> Mailroom | TroubledRoom:
        """Through which messages come into the room: with trouble on the way, if any was asked for."""
        if not (own.drop or own.delay or own.reorder):
            return self._room
        resilience = Resilience(own.seed, own.drop, own.delay, own.delay_seconds, own.reorder)
        return TroubledRoom(self._room, resilience, self._timers, self._closed)

    def _put(self, channel: str, frozen: Frozen) -> int:
        outcome = self._way_in.put(channel, self._room.entry(frozen))
        if outcome == CLOSED:
            self._closed(channel)
        return outcome

    def _put_late(self, channel: str, frozen: Frozen) -> None:
        """Its time has come. Nobody can be told that there is no room."""
        if self._put(channel, frozen) == FULL:
            self._room.count_drop(channel, "full")

    def _closed(self, channel: str) -> None:
        self._groups.leave_all([channel], "closed")

    def _tell(self, watcher: str, message: Message) -> None:
        frozen = freeze(message, self.settings.max_message_bytes)
        fanout = self._room.put_to_all([watcher], self._room.entry(frozen), None)
        self._groups.leave_all(fanout.closed, "closed")

    def _forget_unread(self, channel: str) -> None:
        """A member that nobody reads costs at every group send: it was forgotten, or is stuck. If it comes
        back to read, it is told that it has to join again.
        """
        if self._groups.leave_all([channel], "unread"):
            self._listeners.tell_channel(channel, FORGOTTEN)

    def _clear(self) -> None:
        self._delayed.clear()
        self._timers.clear()
        self._works.clear()
        self._groups.clear()
