"""What a layer does at home: groups, delay and flush, each by one script, and what follows here from its
answer. Every coroutine here runs on the loop that the connections live on.
"""

import asyncio
import secrets
from typing import Any

from penstock.channels.messages import Frozen
from penstock.channels.policies import DROP_NEWEST
from penstock.channels.redis.places import owner_of
from penstock.channels.redis.station import Station
from penstock.channels.redis.statistics import Told, of_queues


class Traffic:
    def __init__(self, station: Station) -> None:
        self.station = station
        self._hide = station.veil.hide
        self._memberships = station.memberships
        self._histories = station.settings.histories()
        self._history_ms = round(station.settings.history_expiry * 1000)

    async def join(self, group: str, channel: str, history: int) -> None:
        station = self.station
        shard = station.shard_of_group(self._hide(group))
        about = "" if owner_of(channel) else station.about(group, channel)

        def joined(answer: list[Any]) -> None:
            place, payloads = answer
            if about:
                self._memberships.guests[group, channel] = about
            elif station.owns(channel):
                self._put_history(channel, payloads)
                self._memberships.join(group, channel, int(place), station.clock.now())

        words = self._hide(group), self._hide(channel), about or "1 raise 1", history
        await shard.call("join", *words, then=joined)
        shard.expect(station.settings.group_expiry)

    async def leave(self, group: str, channel: str) -> None:
        def left(_: Any) -> None:
            self._memberships.guests.pop((group, channel), None)
            self._memberships.leave(group, channel)

        hidden = self._hide(group)
        shard = self.station.shard_of_group(hidden)
        await shard.call("leave", "discarded", hidden, self._hide(channel), then=left)

    async def send(self, group: str, frozen: Frozen) -> bool:
        """Returns whether readers had better get a turn of the loop."""
        station = self.station
        policy = station.group_policies.of(group) or ""
        is_crowded = False

        def sent(place: int) -> None:
            nonlocal is_crowded
            is_crowded = station.fan_out(group, place, station.room.entry(frozen))

        most = self._history_ms, station.settings.max_history_bytes
        words = station.veil.wrap(frozen), policy, self._histories.of(group), *most
        hidden = self._hide(group)
        await station.shard_of_group(hidden).call("group_send", hidden, *words, then=sent)
        return is_crowded

    async def watch(self, group: str, channel: str) -> None:
        about = self.station.about(group, channel)
        shard = self.station.shard_of_group(self._hide(group))

        def watched(_: Any) -> None:
            self._memberships.watches[group, channel] = about

        await shard.call("watch", self._hide(group), self._hide(channel), about, then=watched)
        shard.expect(0)

    async def unwatch(self, group: str, channel: str) -> None:
        self._memberships.watches.pop((group, channel), None)
        hidden = self._hide(group)
        await self.station.shard_of_group(hidden).call("watch", hidden, self._hide(channel), "")

    async def send_later(self, channel: str, frozen: Frozen, seconds: float) -> str:
        """Returns a token, empty when too many wait."""
        station = self.station
        shard = station.shard_of_channel(self._hide(channel))
        token = f"{shard.number}.{secrets.token_hex(12)}"
        place = token, round(seconds * 1000), station.settings.max_delayed
        words = *place, self._hide(channel), *station.bounds(channel), station.veil.wrap(frozen)
        done = await shard.call("send_later", *words)
        shard.expect(seconds)
        return token if done else ""

    async def flush(self, absent: int = 0) -> None:
        """So many inboxes are of somebody who cannot answer now, nor say meanwhile that it lives."""
        station = self.station
        lease, answers = station.settings.lease_seconds, list[bytes]()
        with station.questions.asking() as question:
            told = sum([await shard.call("flush", question.token) for shard in station.shards]) - absent
            await question.hear(lease / 3 if absent else lease, lambda: len(answers) >= told, answers.append)

    async def statistics(self, channel: str, known: list[str]) -> list[dict[str, Any]]:
        """What Redis and every other process tell of a channel, or of all when none is named. Who is `known`
        is not asked. Who is on several shards is asked on each: it may be away from any of them, and what has
        come for it by one is told in its answer there. The latest answer counts.
        """
        station = self.station
        hidden = self._hide(channel) if channel else ""
        with station.questions.asking() as question:
            calls = (shard.call("statistics", hidden, question.token, *known) for shard in station.shards)
            found = await asyncio.gather(*calls)
            told = Told(process for _, processes in found for process in processes)
            seconds = station.settings.lease_seconds / 3  # or a loop held up by this loses its own lease
            await question.hear(seconds, told.is_whole, told.add)
        return [*(of_queues(each, station.settings.expiry) for each, _ in found), *told.statistics()]

    def _put_history(self, channel: str, payloads: list[bytes]) -> None:
        station = self.station
        for payload in payloads:
            if (frozen := station.opened(payload)) is not None:
                station.room.put(channel, station.room.entry(frozen), DROP_NEWEST)
