"""The layer of many processes on many machines, through Redis."""

import asyncio
import os
import weakref
from collections.abc import Coroutine
from dataclasses import replace
from functools import partial
from typing import Any, Self, TypeVar

from penstock.base.errors import SettingsError
from penstock.channels import background, names
from penstock.channels.clock import Clock, MonotonicClock
from penstock.channels.counts import total
from penstock.channels.entry import Entry
from penstock.channels.errors import InvalidName, LayerClosed
from penstock.channels.history import checked_count
from penstock.channels.interface import ChannelLayer, Delivery
from penstock.channels.mailbox import CLOSED, FULL
from penstock.channels.messages import RESERVED_KEY, Frozen, Message
from penstock.channels.notices import Listener
from penstock.channels.redis.aside import Aside
from penstock.channels.redis.demand import ACKED, Taken
from penstock.channels.redis.hosts import Host, hosts_of_url, read_hosts
from penstock.channels.redis.places import owner_of
from penstock.channels.redis.sealed import SealedVeil
from penstock.channels.redis.settings import RedisSettings
from penstock.channels.redis.station import Station
from penstock.channels.redis.traffic import Traffic
from penstock.channels.redis.veil import Veil
from penstock.channels.redis.work import RedisDelivery
from penstock.channels.schedule import checked_seconds
from penstock.channels.sync import SyncLayer
from penstock.channels.url import LayerUrl
from penstock.channels.waking import Waiter

T = TypeVar("T")


class RedisLayer(ChannelLayer):
    """`settings` are those of `RedisSettings`. The process's part of it, a `Station`, begins with the first
    use: a process that was forked makes one of its own.
    """

    def __init__(self, **settings: Any) -> None:
        own = RedisSettings.build(**settings)
        super().__init__(own)
        self._own = own
        self._hosts = _spread(read_hosts(own), own)
        self._veil = _veil(own)
        self._clock = MonotonicClock()
        self._listeners: list[Listener] = []
        self._made: Traffic | None = None
        self._aside: Aside | None = None  # of `_made`
        self._open_station: Station | None = None  # of `_made`, until the layer is closed
        self._dropped: weakref.finalize[..., Any] | None = None  # is done when nobody has the layer any more
        self._is_closed = False
        self.sync = SyncLayer(self, self._run_sync)
        _LAYERS.add(self)

    @classmethod
    def from_url(cls, url: LayerUrl, **options: Any) -> Self:
        return cls(**{"hosts": hosts_of_url(url), **RedisSettings.parse(url.parameters), **options})

    # Its life.

    async def open(self) -> None:
        station = self._way().station
        await station.home.run(station.wait_up())

    async def close(self) -> None:
        if self._is_closed:
            return
        self._traffic()
        self._is_closed = True
        self._open_station = None
        self._forget_station()
        if self._aside is not None:
            await self._aside.leave()

    def add_listener(self, listener: Listener) -> None:
        self._listeners.append(listener)
        self._station().listeners.add(listener)

    def remove_listener(self, listener: Listener) -> None:
        if listener in self._listeners:
            self._listeners.remove(listener)
        if self._made is not None:
            self._made.station.listeners.remove(listener)

    # Channels.

    async def send(self, channel: str, message: Message) -> None:
        station = self._station()
        if type(channel) is not str or not station.room.knows(channel):
            channel = names.check_channel(channel)
        frozen = station.freeze(message)
        station.room.inspect()
        owner = owner_of(channel)
        if owner == station.client:
            await self._send_here(station, channel, frozen)
        elif owner:
            await self._post(self._way().station, channel, frozen)
        else:
            await self._push(self._way().station, channel, frozen)

    async def receive(self, channel: str) -> Message:
        station = self._open_station or self._station()
        room = station.room
        is_home = station.home.place is asyncio.get_running_loop()
        is_plain = type(channel) is str
        if is_plain and is_home and room.knows(channel) and station.mark in channel:  # mostly
            while isinstance(found := room.read(channel), Waiter):
                await found
                if (entry := found.take_entry()) is not None:
                    return entry.frozen.thaw()
            if station.fullness.marked:
                station.fullness.eased(channel)
            return found
        channel = names.check_readable(channel)
        name, entry = await self._take(station, channel)
        if station.fullness.marked:
            station.fullness.eased(name)
        message = entry.frozen.thaw()
        if name != channel:
            message[RESERVED_KEY] = name
        return message

    async def new_channel(self, prefix: str = "specific") -> str:
        return names.new_name(names.check_prefix(prefix), self._station().client)

    async def receive_acked(self, channel: str) -> Delivery:
        channel = names.check_work_channel(channel)
        station = self._way().station
        while True:
            _, entry = await self._take_from_queue(station, channel, round(self.settings.ack_seconds * 1000))
            if isinstance(entry, Taken):
                return RedisDelivery(self._way, channel, entry)

    # Groups.

    async def group_add(self, group: str, channel: str, *, history: int = 0) -> None:
        group, channel = names.check_membership(group, channel)
        way = self._way()
        way.station.room.inspect()
        await way.station.home.run(way.join(group, channel, checked_count(history)))

    async def group_discard(self, group: str, channel: str) -> None:
        group, channel = names.check_membership(group, channel)
        way = self._way()
        await way.station.home.run(way.leave(group, channel))

    async def group_send(self, group: str, message: Message) -> None:
        group = names.check_group(group)
        way = self._way()
        frozen = way.station.freeze(message)
        way.station.room.inspect()
        if await way.station.home.run(way.send(group, frozen)):
            await asyncio.sleep(0)

    async def group_channels(self, group: str) -> list[str]:
        hidden = await self._call_group("members", names.check_group(group), "list")
        return [self._veil.show(each) for each in hidden]

    async def group_count(self, group: str) -> int:
        return int(await self._call_group("members", names.check_group(group), "count"))

    async def group_history(self, group: str, count: int | None = None) -> list[Message]:
        group = names.check_group(group)
        payloads = await self._call_group("history", group, -1 if count is None else checked_count(count))
        station = self._station()
        opened = [station.opened(payload) for payload in payloads]
        return [frozen.thaw() for frozen in opened if frozen is not None]

    async def group_watch(self, group: str, channel: str) -> None:
        group, channel = names.check_membership(group, channel)
        way = self._way()
        await way.station.home.run(way.watch(group, channel))

    async def group_unwatch(self, group: str, channel: str) -> None:
        group, channel = names.check_membership(group, channel)
        way = self._way()
        await way.station.home.run(way.unwatch(group, channel))

    # Delay.

    async def send_later(self, channel: str, message: Message, seconds: float) -> str:
        channel = names.check_channel(channel)
        way = self._way()
        frozen = way.station.freeze(message)
        delay = checked_seconds(seconds)
        token = await way.station.home.run(way.send_later(channel, frozen, delay))
        if not token:
            most = self.settings.max_delayed
            raise self.ChannelFull(f"{most} messages wait for their time; raise max_delayed")
        return str(token)

    async def cancel_later(self, token: str) -> bool:
        number = token.partition(".")[0] if isinstance(token, str) else ""
        station = self._way().station
        shard = next((each for each in station.shards if str(each.number) == number), None)
        return shard is not None and bool(await station.home.run(shard.call("cancel_later", token)))

    # The layer as a whole.

    async def flush(self) -> None:
        way, station = self._way(), self._station()
        held_up = 0 if way.station is station else sum(shard.is_up for shard in station.shards)
        await way.station.home.run(way.flush(held_up))

    async def global_statistics(self) -> dict[str, Any]:
        return await self._statistics("")

    async def channel_statistics(self, channel: str) -> dict[str, Any]:
        return await self._statistics(names.check_channel(channel))

    # Below.

    async def _statistics(self, channel: str) -> dict[str, Any]:
        """Of this process, of Redis, and of all others that answer before their lease would end."""
        way = self._way()
        ours = [self._station()] if self._aside is None else self._aside.stations()
        known = [station.client for station in ours]
        told = await way.station.home.run(way.statistics(channel, known))
        return total([*told, *(station.statistics(channel) for station in ours)])

    def _station(self) -> Station:
        return self._traffic().station

    def _traffic(self) -> Traffic:
        if self._is_closed:
            raise LayerClosed("the layer is closed; nothing more can be sent or received")
        if self._made is None:
            begin = partial(_begin, self._own, self._hosts, self._clock, self._veil)
            self._made = begin()
            self._aside = Aside(self._made, begin)
            self._open_station = station = self._made.station
            self._dropped = weakref.finalize(self, self._aside.abandon)
            self._dropped.atexit = False  # the lease ends without us
            for listener in self._listeners:
                station.listeners.add(listener)
        return self._made

    def _way(self) -> Traffic:
        """Where something can be done that needs connections."""
        traffic = self._traffic()
        return traffic if self._aside is None else self._aside.way()

    def _run_sync(self, coroutine: Coroutine[Any, Any, T], seconds: float | None = None) -> T:
        run = background.run if self._aside is None else self._aside.run
        return run(coroutine, seconds)

    def _begin_anew(self) -> None:
        """In a forked child: the connections are the parent's."""
        self._forget_station()
        self._made = self._aside = self._open_station = None

    def _forget_station(self) -> None:
        if self._dropped is not None:
            self._dropped.detach()

    async def _call_group(self, script: str, group: str, *words: Any) -> Any:
        station = self._way().station
        hidden = self._veil.hide(group)
        return await station.home.run(station.shard_of_group(hidden).call(script, hidden, *words))

    async def _send_here(self, station: Station, channel: str, frozen: Frozen) -> None:
        station.home.loop()
        if station.room.is_crowded(channel):
            await asyncio.sleep(0)
        self._judge(channel, station.put(channel, station.room.entry(frozen)))

    async def _post(self, station: Station, channel: str, frozen: Frozen) -> None:
        """To a process that is no more, a message is lost as to one that does not read."""
        hidden = self._veil.hide(channel)
        shard = station.shard_of_channel(hidden)
        outcome = await station.home.run(shard.call("post", hidden, self._veil.wrap(frozen)))
        if outcome == FULL:
            station.tally.note(channel, outcome)
        self._judge(channel, outcome)

    async def _push(self, station: Station, channel: str, frozen: Frozen) -> None:
        hidden = self._veil.hide(channel)
        shard = station.shard_of_channel(hidden)
        payload = self._veil.wrap(frozen)
        outcome = await station.home.run(shard.call("push", hidden, *station.bounds(channel), payload))
        station.tally.note(channel, outcome)
        self._judge(channel, outcome)

    def _judge(self, channel: str, outcome: int) -> None:
        if outcome in {FULL, CLOSED}:
            problem = "as many unread messages as it may" if outcome == FULL else "a reader that fell behind"
            raise self.ChannelFull(f"{channel} has {problem}; try later, or raise its capacity")

    async def _take(self, station: Station, channel: str) -> tuple[str, Entry]:
        owner = owner_of(channel)
        if not owner:
            return await self._take_from_queue(self._way().station, channel, 0)
        if owner != station.client:
            raise InvalidName(f"{channel} was made by another process, which alone can receive from it")
        station.home.loop()
        return await station.room.take(channel)

    async def _take_from_queue(self, station: Station, channel: str, ack: int) -> tuple[str, Entry]:
        name = channel + ACKED if ack else channel
        hidden = self._veil.hide(channel)
        station.home.post(station.demand.join, name, hidden, ack)
        took = False
        try:
            found, entry = await station.room.take(name)
            took = isinstance(entry, Taken)
        finally:
            station.home.post(station.demand.leave, hidden, ack, took)
        if isinstance(entry, Taken) and entry.says_closed:
            behind = station.bounds(channel)[0]
            raise self.ChannelClosed(f"{channel} was closed: its readers fell {behind} messages behind")
        return found, entry


_LAYERS: weakref.WeakSet[RedisLayer] = weakref.WeakSet()


def _begin_all_anew() -> None:
    for layer in list(_LAYERS):
        layer._begin_anew()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_begin_all_anew)


def _begin(settings: RedisSettings, hosts: list[Host], clock: Clock, veil: Veil) -> Traffic:
    return Traffic(Station(settings, hosts, clock, veil))


def _spread(hosts: list[Host], settings: RedisSettings) -> list[Host]:
    """A cluster is several shards at one address."""
    if not any(host.is_cluster for host in hosts):
        return hosts
    if len(hosts) > 1:
        raise SettingsError("hosts", "got a cluster beside others; expected one cluster alone")
    return [replace(hosts[0]) for _ in range(settings.shards)]


def _veil(settings: RedisSettings) -> Veil:
    keys = settings.keys()
    if not keys:
        return Veil(settings.max_message_bytes)
    return SealedVeil(settings.max_message_bytes, keys, settings.key_of_names())
