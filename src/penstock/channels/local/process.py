"""One process's part of the layer: the channels that it reads, and what it has to tell a new hub.

`members` are the memberships of its own channels. They follow the frames of the hub alone, so that what is
sent to a group and who is a member of it are in one order. `added` and `watched` are those it asked for
besides: if the hub is lost, it asks the next one for all of them again.
"""

import asyncio
import logging
import threading
from collections.abc import Callable, Iterable
from typing import Any

from penstock.channels import background, codec, names
from penstock.channels.clock import Clock
from penstock.channels.entry import Entry
from penstock.channels.errors import ChannelLayerError, LayerUnavailable
from penstock.channels.listeners import Listeners
from penstock.channels.local import frames
from penstock.channels.local.calls import Calls
from penstock.channels.local.frames import Frame
from penstock.channels.local.link import Link
from penstock.channels.local.room import LocalRoom
from penstock.channels.local.settings import LocalSettings
from penstock.channels.local.share import Share, client_of
from penstock.channels.local.wants import Landed, Wants, box_name
from penstock.channels.mailbox import CLOSED, DROPPED
from penstock.channels.messages import Frozen, Message
from penstock.channels.notices import Gap, Reason
from penstock.channels.policies import DROP_NEWEST

LOGGER = logging.getLogger("penstock.channels")
FORGOTTEN = Gap("nothing was read for as long as messages last; the channel has left its groups")
CALLS_IN_A_ROW = 16  # of a hub in this process; then the loop gets a turn
MISSED_REASON = "the local layer dropped messages: {}"


class Process:
    def __init__(self, settings: LocalSettings, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        self._group_policies = settings.group_policies()
        self._lock = threading.RLock()
        self.client = names.new_client()
        self.mark = f".{self.client}!"  # in the names that `new_channel` makes here
        self.room = LocalRoom(settings, clock, self._forget_unread)
        self.listeners = Listeners(settings, self.room)
        self.link = Link(settings, self.client, clock, self._lock, self)
        self._calls = Calls()
        self._wants = Wants(self.room, self.link.post)
        self._members = Share(settings.group_expiry)
        self._added = Share(settings.group_expiry)
        self._watched = Share(settings.group_expiry)
        self._has_crowded_group = False
        self._calls_in_a_row = 0

    # What the layer asks for, on any loop.

    async def open(self) -> None:
        if not self.link.is_up:
            await background.on_loop(background.loop(), self.link.reach())

    async def close(self) -> None:
        await background.on_loop(background.loop(), self.link.close())
        with self._lock:
            self._calls.close()
            self.room.close()
            for share in (self._members, self._added, self._watched):
                share.clear()

    def forget(self) -> None:
        """In a forked child, which is a process of its own."""
        self.link.forget()

    def is_own(self, channel: str) -> bool:
        """Whether this process alone reads it."""
        return client_of(channel) == self.client

    async def call(self, kind: int, *arguments: object) -> Any:
        """Ask the hub, and wait for its answer."""
        if not self.link.is_up:
            await self.open()
        await self.link.seat.asked()
        if self.link.hub is not None:
            await self._give_a_turn()
        with self._lock:
            call = self._calls.begin(kind, arguments)
            self.link.post(call.frame)
        if call.future.done():
            return call.future.result()
        try:
            return await call.future
        finally:
            with self._lock:
                self._calls.forget(call)

    async def send(self, channel: str, frozen: Frozen) -> Any:
        """Returns what has become of it: a constant of `mailbox`."""
        self.room.inspect()
        hub = self.link.hub
        if self.room.is_crowded(channel) or (hub is not None and hub.is_crowded(channel)):
            await asyncio.sleep(0)
        if not self.is_own(channel):
            return await self.call(frames.SEND, channel, codec.pack(frozen))
        if not self.link.is_up:
            await self.open()
        return self._put(channel, frozen)

    async def group_send(self, group: str, frozen: Frozen) -> None:
        self.room.inspect()
        if self._has_crowded_group:
            await asyncio.sleep(0)
        await self.call(frames.GROUP_SEND, group, codec.pack(frozen))

    async def send_later(self, channel: str, frozen: Frozen, seconds: float) -> str | None:
        """None when there are too many."""
        token: str | None = await self.call(frames.SEND_LATER, channel, codec.pack(frozen), seconds)
        return token

    async def history(self, group: str, count: int | None) -> list[Message]:
        packed = await self.call(frames.GROUP_HISTORY, group, count) or ()
        return [frozen.thaw() for each in packed if (frozen := self._unpacked(each)) is not None]

    async def group_add(self, group: str, channel: str, history: int) -> None:
        await self.call(frames.GROUP_ADD, group, channel, history)
        if not self.is_own(channel):
            self._note(self._added, group, channel)

    async def group_discard(self, group: str, channel: str) -> None:
        with self._lock:
            self._added.discard(group, channel)
        await self.call(frames.GROUP_DISCARD, group, channel)

    async def group_watch(self, group: str, channel: str) -> None:
        await self.call(frames.GROUP_WATCH, group, channel)
        self._note(self._watched, group, channel)

    async def group_unwatch(self, group: str, channel: str) -> None:
        with self._lock:
            self._watched.discard(group, channel)
        await self.call(frames.GROUP_UNWATCH, group, channel)

    async def take(self, name: str, is_work: bool = False) -> tuple[str, Entry]:
        """The next message of a channel or a prefix, and which channel it is from."""
        await self.open()
        await self.link.seat.adopt()
        if self.is_own(name):
            return await self.room.take(name)
        key = (name, is_work)
        entry: Entry | None = None
        with self._lock:
            self._wants.join(key)
        try:
            channel, entry = await self.room.take(box_name(name, is_work))
        finally:
            with self._lock:
                self._wants.leave(key, entry)
        return channel, entry

    # What the link tells, with the lock held.

    def link_is_up(self, gap: Gap | None) -> None:
        """Who reads is told first: whatever comes from now on comes behind the gap."""
        if gap is not None:
            self.room.prepare(self._members.channels())
            self.listeners.tell(gap)
        now = self._clock.now()
        for share, kind in ((self._watched, frames.GROUP_WATCH), (self._added, frames.GROUP_ADD)):
            share.expire(now)
            for pair in share.pairs():
                self.link.post((kind, 0, *pair, 0) if kind == frames.GROUP_ADD else (kind, 0, *pair))
        self._members.expire(now)
        for pair in self._members.pairs():
            self.link.post((frames.GROUP_ADD, 0, *pair, 0))
        self._wants.ask_again()
        for frame in self._calls.frames():
            self.link.post(frame)

    def link_is_lost(self) -> None:
        self._calls.lost()

    def link_is_missing(self, error: LayerUnavailable) -> None:
        self._calls.close(error)

    def take_in(self, frame: Frame) -> None:
        kind, number, *arguments = frame
        HANDLERS[kind](self, number, *arguments)

    # Frames of the hub.

    def _beat(self, number: int) -> None:
        """The hub lives, as every frame tells."""

    def _answer(self, number: int, value: object = None) -> None:
        self._calls.answered(number, value)

    def _part(self, number: int, values: tuple[object, ...]) -> None:
        self._calls.part(number, values)

    def _deliver(self, number: int, channel: str, packed: bytes) -> None:
        frozen = self._unpacked(packed)
        outcome = DROPPED if frozen is None else self._put(channel, frozen)
        if number:
            self.link.post((frames.OUTCOME, 0, number, outcome))

    def _deliver_group(self, number: int, group: str, packed: bytes) -> None:
        frozen = self._unpacked(packed)
        if frozen is None:
            return
        self.room.inspect()
        self._members.expire(self._clock.now())
        policy = self._group_policies.of(group)
        fanout = self.room.put_to_all(self._members.of(group), self.room.entry(frozen), policy)
        self._has_crowded_group = fanout.crowded
        self._leave(fanout.closed, "closed")

    def _kept(self, number: int, channel: str, packed: bytes) -> None:
        if (frozen := self._unpacked(packed)) is not None:
            self.room.put(channel, self.room.entry(frozen), DROP_NEWEST)

    def _joined(self, number: int, group: str, channel: str) -> None:
        self._members.add(group, channel, self._clock.now())

    def _left(self, number: int, group: str, channel: str) -> None:
        self._members.discard(group, channel)

    def _taken(self, number: int, name: str, is_work: bool, channel: str, packed: bytes, *facts: Any) -> None:
        sent_at, deadline, attempt, lease = facts
        frozen = self._unpacked(packed)
        if frozen is not None:
            entry = Landed(frozen, packed, channel, (sent_at, deadline, attempt, lease))
            self._wants.land((name, is_work), entry)

    def _untaken(self, number: int, name: str, is_work: bool, count: int, gone: int) -> None:
        self._wants.untaken((name, is_work), count, gone)

    def _closed_channel(self, number: int, name: str, is_work: bool) -> None:
        self._wants.shut((name, is_work))

    def _empty(self, number: int) -> None:
        self.room.flush()
        for share in (self._members, self._added, self._watched):
            share.clear()
        self._wants.emptied()
        self.link.post((frames.OUTCOME, 0, number, None))

    def _tell_statistics(self, number: int, channel: str) -> None:
        """Of all channels when none is named."""
        told = self.room.channel_statistics(channel) if channel else self.room.statistics()
        self.link.post((frames.OUTCOME, 0, number, told))

    def _missed(self, number: int, reason: str) -> None:
        self.listeners.tell(Gap(MISSED_REASON.format(reason)))

    # Below.

    async def _give_a_turn(self) -> None:
        """The hub in this process answers at once: who only calls would keep the loop from writing it out."""
        self._calls_in_a_row += 1
        if self._calls_in_a_row >= CALLS_IN_A_ROW:
            self._calls_in_a_row = 0
            await asyncio.sleep(0)

    def _note(self, share: Share, group: str, channel: str) -> None:
        with self._lock:
            share.expire(now := self._clock.now())
            share.add(group, channel, now)

    def _put(self, channel: str, frozen: Frozen) -> int:
        outcome = self.room.put(channel, self.room.entry(frozen))
        if outcome == CLOSED:
            with self._lock:
                self._leave([channel], "closed")
        return outcome

    def _leave(self, channels: Iterable[str], reason: Reason) -> bool:
        """They are members of nothing any more. Returns whether they were of anything."""
        channels = list(channels)
        left = [group for channel in channels for group in self._members.leave_all(channel)]
        if channels:
            self.link.post((frames.LEAVE, 0, channels, reason))
        return bool(left)

    def _forget_unread(self, channel: str) -> None:
        """A member that nobody reads costs at every group send. If it comes back, it is told."""
        with self._lock:
            if self._leave([channel], "unread"):
                self.listeners.tell_channel(channel, FORGOTTEN)

    def _unpacked(self, packed: bytes) -> Frozen | None:
        try:
            return codec.unpack(packed, self._settings.max_message_bytes)
        except ChannelLayerError:
            LOGGER.exception("a message of another process was dropped")
            return None


HANDLERS: dict[int, Callable[..., None]] = {
    frames.BEAT: Process._beat,
    frames.ANSWER: Process._answer,
    frames.PART: Process._part,
    frames.DELIVER: Process._deliver,
    frames.DELIVER_GROUP: Process._deliver_group,
    frames.KEPT: Process._kept,
    frames.JOINED: Process._joined,
    frames.LEFT: Process._left,
    frames.TAKEN: Process._taken,
    frames.UNTAKEN: Process._untaken,
    frames.CLOSED_CHANNEL: Process._closed_channel,
    frames.EMPTY: Process._empty,
    frames.TELL_STATISTICS: Process._tell_statistics,
    frames.MISSED: Process._missed,
}
