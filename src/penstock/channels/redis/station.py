"""This process's side of the layer: its shards, its mailroom, and what comes and goes between them.

Everything here but the mailroom is for one loop, the home of the connections. What scripts answer is acted
upon in the order of their answers, which is that in which Redis did it: so a member that has just joined gets
what is sent after that, and nothing before.
"""

import asyncio
import contextlib
import logging
from collections.abc import Iterable
from typing import Any

from penstock.channels import names
from penstock.channels.clock import Clock
from penstock.channels.counts import total
from penstock.channels.entry import Entry
from penstock.channels.errors import CorruptMessage, LayerUnavailable, MessageTooLarge
from penstock.channels.listeners import Listeners
from penstock.channels.mailbox import CLOSED, FULL
from penstock.channels.mailroom import Mailroom
from penstock.channels.messages import Frozen, freeze
from penstock.channels.notices import Gap, Reason
from penstock.channels.redis.arrivals import Arrivals
from penstock.channels.redis.demand import Demand
from penstock.channels.redis.fullness import Fullness
from penstock.channels.redis.gaps import Gaps
from penstock.channels.redis.home import Home
from penstock.channels.redis.hosts import Host
from penstock.channels.redis.memberships import Membership, Memberships
from penstock.channels.redis.places import owner_of, shard_of_channel
from penstock.channels.redis.questions import Questions
from penstock.channels.redis.ring import Ring
from penstock.channels.redis.settings import RedisSettings
from penstock.channels.redis.shard import Restored, Shard, Visitor
from penstock.channels.redis.statistics import Tally
from penstock.channels.redis.veil import Veil

LOGGER = logging.getLogger("penstock.channels")
FORSAKEN, SHUT = 4, 5  # what scripts say of a queue that nobody has read, and of one that a policy has closed
LEAVING: dict[int, Reason] = {FORSAKEN: "unread", SHUT: "closed"}
REJOINED = 200  # memberships in one call
UNREAD = Gap("nothing was read for as long as messages last; the channel has left its groups")


class Station(Visitor):
    def __init__(self, settings: RedisSettings, hosts: list[Host], clock: Clock, veil: Veil) -> None:
        self.settings = settings
        self.clock = clock
        self.client = names.new_client()
        self.mark = f".{self.client}!"  # in the names of its channels
        self.veil = veil
        self.tally = Tally(clock)
        self.room = Mailroom(settings, clock, lambda channel: self.home.post(self._forget_unread, channel))
        self.listeners = Listeners(settings, self.room)
        self.memberships = Memberships(settings.group_expiry)
        self.home = Home(self._move_in)
        self.questions = Questions()
        self.arrivals = Arrivals(self)
        self.demand = Demand(self.room, self.shard_of_channel, self.arrivals.open_record)
        self.group_policies = settings.group_policies()
        self._ring = Ring(len(hosts))
        self.shards = [
            Shard(number, host, (_base(settings, host, number), self.client), settings, clock, self)
            for number, host in enumerate(hosts)
        ]
        self._leaving: asyncio.Task[None] | None = None
        self._is_leaving = False
        self._gaps = Gaps(self.listeners, len(hosts))
        self._capacities = settings.capacities()
        self._policies = settings.policies()
        self.fullness = Fullness(settings, self.room, clock, lambda *mark: self.home.post(self._mark, *mark))

    # Where things are.

    def owns(self, channel: str) -> bool:
        return owner_of(channel) == self.client

    def shard_of_channel(self, hidden: str) -> Shard:
        return self.shards[shard_of_channel(self._ring, hidden)]

    def shard_of_group(self, hidden: str) -> Shard:
        return self.shards[self._ring.of(hidden)]

    def bounds(self, channel: str) -> tuple[int, str]:
        """The capacity and the policy of a queue."""
        return self._capacities.of(channel), self._policies.of(channel)

    def about(self, group: str, channel: str) -> str:
        """What the shard of a group has to know of a queue that is a member or watches."""
        hidden = self.veil.hide(channel)
        is_here = self.shard_of_channel(hidden) is self.shard_of_group(self.veil.hide(group))
        capacity, policy = self.bounds(channel)
        return f"{capacity} {policy} {is_here:d}"

    def statistics(self, channel: str) -> dict[str, Any]:
        """What is known here of one channel, or of all when none is named."""
        self.room.inspect()
        here = self.room.channel_statistics(channel) if channel else self.room.statistics()
        return total((here, self.tally.statistics(channel)))

    # Its life.

    async def wait_up(self) -> None:
        for shard in self.shards:
            await shard.wait_up()

    async def leave(self) -> None:
        """Give back what was not read, take the process out of Redis, close the connections."""
        self._is_leaving = True
        self.demand.give_all_back()
        self.room.close()
        try:
            for shard in self.shards:
                if shard.is_moving:
                    await shard.wait_up()
                while shard.is_up and not await shard.call("unregister"):
                    continue
        except LayerUnavailable as error:
            LOGGER.warning("left without being able to say so; the lease will end: %s", error)
        finally:
            for shard in self.shards:
                await shard.stop()

    def abandon(self) -> None:
        """Nobody has the layer any more, and nobody waits for this. Called in any thread, at any moment."""
        self.home.post_if_running(self._leave_alone)

    def _leave_alone(self) -> None:
        self._leaving = asyncio.get_running_loop().create_task(self.leave())

    def _move_in(self) -> None:
        for shard in self.shards:
            shard.start()

    # Putting, and what comes of it.

    def put(self, channel: str, entry: Entry) -> int:
        """A message for a channel of this process. Returns a constant of `mailbox`."""
        outcome = self.room.put(channel, entry)
        if outcome == CLOSED:
            self.home.post(self.drop_members, [channel], "closed")
        elif self.room.is_full(channel):
            self.fullness.note(channel)
        return outcome

    def put_late(self, channel: str, entry: Entry) -> None:
        """Where nobody can be told that there is no room."""
        if self.put(channel, entry) == FULL:
            self.room.count_drop(channel, "full")

    def fan_out(self, group: str, place: int, entry: Entry) -> bool:
        """To the members here. Returns whether readers had better get a turn of the loop."""
        channels = self.memberships.addressees(group, place, self.clock.now())
        fanout = self.room.put_to_all(channels, entry, self.group_policies.of(group))
        if fanout.closed:
            self.drop_members(fanout.closed, "closed")
        return fanout.crowded

    def drop_members(self, channels: Iterable[str], reason: Reason) -> int:
        """They leave all their groups and watch none. Returns how many memberships ended."""
        ended = 0
        for channel in channels:
            for group in self.memberships.leave_all(channel):
                hidden = self.veil.hide(group)
                self.shard_of_group(hidden).tell("leave", reason, hidden, self.veil.hide(channel))
                ended += 1
            for watch in [each for each in list(self.memberships.watches) if each[1] == channel]:
                del self.memberships.watches[watch]
                hidden = self.veil.hide(watch[0])
                self.shard_of_group(hidden).tell("watch", hidden, self.veil.hide(channel), "")
        return ended

    def _mark(self, channel: str, seconds: float) -> None:
        hidden = self.veil.hide(channel)
        self.shard_of_channel(hidden).tell("mark_full", hidden, round(seconds * 1000))

    def _forget_unread(self, channel: str) -> None:
        if self.drop_members([channel], "unread"):
            self.listeners.tell_channel(channel, UNREAD)

    # What shards tell.

    def entry_came(self, shard: Shard, identity: bytes, fields: list[bytes]) -> None:
        try:
            self.arrivals.take(shard, identity, fields)
        except (CorruptMessage, MessageTooLarge) as error:
            LOGGER.warning("dropped: %s", error)

    def forward(self, channel: bytes, capacity: bytes, policy: bytes, payload: bytes) -> None:
        shard = self.shard_of_channel(channel.decode())
        shard.tell("push_or_count", channel, capacity, policy, payload)

    def put_in_queues(self, outcomes: list[Any]) -> None:
        for channel, outcome in zip(outcomes[::2], outcomes[1::2], strict=True):
            if outcome in LEAVING:
                # Each knows groups of its own. One that is away is not told later: its reader may be back.
                for shard in self.shards if len(self.shards) > 1 else ():
                    if shard.is_up:
                        shard.tell("leave_all", channel, LEAVING[outcome])
            if outcome != FORSAKEN:
                with contextlib.suppress(CorruptMessage):  # a name of somebody with other keys
                    self.tally.note(self.veil.show(channel), outcome)

    async def restored(self, shard: Shard, how: Restored) -> None:
        if how.forgot:
            self.memberships.restart()
        if not how.is_first and how.lapsed:
            await self._rejoin(shard, how.forgot)
        self._gaps.note(shard.number, how)

    def came_up(self, shard: Shard) -> None:
        self.demand.renew(shard)
        self._gaps.tell(all(each.is_up for each in self.shards))

    def lost_entries(self, shard: Shard, count: int) -> None:
        self.listeners.tell(Gap(f"{count} entries found no place in this process's inbox (inbox_length)"))

    def wanted(self, shard: Shard) -> list[str]:
        return self.demand.keys(shard)

    def cut_off(self, shard: Shard) -> None:
        """Its loop is being closed: it goes on elsewhere. If it was to end there, its lease does."""
        if self._is_leaving:
            return
        self.home.leave(asyncio.get_running_loop())
        self.home.loop().call_soon_threadsafe(shard.start)

    async def _rejoin(self, shard: Shard, forgot: bool) -> None:
        """Redis knows nothing of this process any more; of queues only if it has lost everything."""
        joined = [(*each, "") for each in self._kept_by(shard, self.memberships.all())]
        if forgot:
            guests = self.memberships.guests
            joined += [(*each, guests[each]) for each in self._kept_by(shard, guests)]
        for start in range(0, len(joined), REJOINED):
            words = [
                word
                for group, channel, about in joined[start : start + REJOINED]
                for word in (self.veil.hide(group), self.veil.hide(channel), about)
            ]
            await shard.run("rejoin", tuple(words))
        for watch in self._kept_by(shard, self.memberships.watches):
            hidden = self.veil.hide(watch[0]), self.veil.hide(watch[1])
            await shard.run("watch", (*hidden, self.memberships.watches[watch]))

    def _kept_by(self, shard: Shard, memberships: Iterable[Membership]) -> list[Membership]:
        every = list(memberships)  # of watches and guests, a second process of `aside` may be adding
        return [each for each in every if self.shard_of_group(self.veil.hide(each[0])) is shard]

    # Messages.

    def freeze(self, message: object) -> Frozen:
        return freeze(message, self.settings.max_message_bytes)

    def opened(self, payload: bytes) -> Frozen | None:
        """None of what is no message: another's keys, a foreign program."""
        try:
            return self.veil.unwrap(payload)
        except (CorruptMessage, MessageTooLarge) as error:
            LOGGER.warning("dropped: %s", error)
            return None


def _base(settings: RedisSettings, host: Host, number: int) -> str:
    """What the keys of a shard begin with. Shards of a cluster differ by it."""
    return f"{{{settings.prefix}.{number}}}:" if host.is_cluster else f"{{{settings.prefix}}}:"
