"""What comes in the inbox of this process, entry by entry."""

from collections.abc import Callable
from typing import Any, Protocol

from penstock.channels.clock import Clock
from penstock.channels.entry import Entry
from penstock.channels.mailroom import Mailroom
from penstock.channels.messages import Frozen
from penstock.channels.redis.demand import CLOSED, HEAD, Demand, Taken
from penstock.channels.redis.fullness import Fullness
from penstock.channels.redis.memberships import Memberships
from penstock.channels.redis.questions import Questions
from penstock.channels.redis.settings import RedisSettings
from penstock.channels.redis.shard import Shard
from penstock.channels.redis.statistics import answer_of
from penstock.channels.redis.veil import Veil


class Reception(Protocol):
    """Where it is brought to."""

    client: str
    veil: Veil
    room: Mailroom
    clock: Clock
    settings: RedisSettings
    memberships: Memberships
    demand: Demand
    fullness: Fullness
    questions: Questions

    def opened(self, payload: bytes) -> Frozen | None: ...
    def statistics(self, channel: str) -> dict[str, Any]: ...
    def put_late(self, channel: str, entry: Entry) -> None: ...
    def fan_out(self, group: str, place: int, entry: Entry) -> bool: ...


NOTHING = Frozen({}, 0, True)


class Arrivals:
    def __init__(self, station: Reception) -> None:
        self._station = station
        self._kinds: dict[bytes, Callable[[Shard, bytes, list[bytes]], None]] = {
            b"c": self._for_channel,
            b"g": self._for_group,
            b"q": self._from_queue,
            b"j": self._joined,
            b"l": self._left,
            b"f": self._flush,
            b"s": self._tell_statistics,
            b"a": self._answered,
        }

    def take(self, shard: Shard, identity: bytes, fields: list[bytes]) -> None:
        """Raises CorruptMessage, MessageTooLarge. What this version does not know is left out."""
        if (kind := self._kinds.get(fields[0])) is not None:
            kind(shard, identity, fields)

    def open_record(self, shard: Shard, channel: str, token: str, record: bytes) -> tuple[str, Taken] | None:
        """What a queue gave, and the channel that it is for. Work that cannot be read keeps its lease."""
        station = self._station
        now = station.clock.now()
        name = station.veil.show(channel.encode())
        if record == CLOSED:
            return name, Taken(NOTHING, (now, now + station.settings.expiry), 1, (channel, token, record))
        deadline, attempt = HEAD.unpack_from(record)
        frozen = station.opened(record[HEAD.size :])
        if frozen is None:
            return None
        ends = now + station.settings.expiry if token else deadline / 1000 - shard.ahead
        return name, Taken(frozen, (now, ends), attempt, (channel, token, record))

    # The kinds of entries.

    def _for_channel(self, shard: Shard, identity: bytes, fields: list[bytes]) -> None:
        _, channel, _, payload = fields
        self._station.put_late(self._station.veil.show(channel), self._entry(shard, identity, payload))

    def _for_group(self, shard: Shard, identity: bytes, fields: list[bytes]) -> None:
        _, group, _, place, _, payload = fields
        entry = self._entry(shard, identity, payload)
        self._station.fan_out(self._station.veil.show(group), int(place), entry)

    def _from_queue(self, shard: Shard, identity: bytes, fields: list[bytes]) -> None:
        _, channel, _, wanted, _, token, _, record = fields
        self._station.demand.came(shard, wanted.decode(), channel.decode(), token.decode(), record)

    def _joined(self, shard: Shard, identity: bytes, fields: list[bytes]) -> None:
        _, group, _, channel, _, place = fields
        show, now = self._station.veil.show, self._station.clock.now()
        self._station.memberships.join(show(group), show(channel), int(place), now)

    def _left(self, shard: Shard, identity: bytes, fields: list[bytes]) -> None:
        _, group, _, channel = fields
        self._station.memberships.leave(self._station.veil.show(group), self._station.veil.show(channel))

    def _flush(self, shard: Shard, identity: bytes, fields: list[bytes]) -> None:
        _, token, _, asker = fields
        self._station.room.flush()
        self._station.fullness.clear()
        self._station.memberships.clear()
        self._station.demand.forget_held()
        shard.tell("answer_asker", asker, token, "")

    def _tell_statistics(self, shard: Shard, identity: bytes, fields: list[bytes]) -> None:
        _, channel, _, token, _, asker = fields
        station = self._station
        told = station.statistics(station.veil.show(channel) if channel else "")
        shard.tell("answer_asker", asker, token, answer_of(station.client, station.clock.now(), told))

    def _answered(self, shard: Shard, identity: bytes, fields: list[bytes]) -> None:
        _, token, _, answer = fields
        self._station.questions.answered(token.decode(), answer)

    def _entry(self, shard: Shard, identity: bytes, payload: bytes) -> Entry:
        """It expires by the server's clock, on which it was sent when its identity says."""
        station = self._station
        now = station.clock.now()
        age = now + shard.ahead - int(identity.partition(b"-")[0]) / 1000
        return Entry(station.veil.unwrap(payload), now, now + station.settings.expiry - max(0.0, age))
