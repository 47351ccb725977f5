"""The hub: the one process of a layer through which the others reach each other.

It keeps who is a member of what, the messages of channels that any process may read, and what is delayed. A
channel whose name tells its process (`names.new_name`) has its mailbox there: the hub hands the message on,
and answers the sender when that process has. A group send goes to each process that has members, once. No
I/O and no loop: frames come in by `handle` and go out by `Peer.post`, with the layer's lock held.
"""

import itertools
from collections.abc import Callable, Iterable
from threading import RLock
from typing import Any

from penstock.channels import codec
from penstock.channels.clock import Clock
from penstock.channels.counts import total
from penstock.channels.entry import Entry
from penstock.channels.groups import Groups
from penstock.channels.local import frames
from penstock.channels.local.desk import Desk
from penstock.channels.local.frames import Frame, batches
from penstock.channels.local.peer import Line, Peer
from penstock.channels.local.room import HubRoom
from penstock.channels.local.rounds import Round
from penstock.channels.local.settings import LocalSettings
from penstock.channels.local.share import Sealed, Share, client_of
from penstock.channels.mailbox import ACCEPTED, CLOSED, FULL
from penstock.channels.messages import Frozen, Message, freeze
from penstock.channels.notices import Gap, Reason
from penstock.channels.policies import DROP_NEWEST
from penstock.channels.schedule import Schedule

DEFERRED = object()  # the answer comes later
USES_ROOM = frozenset({frames.SEND, frames.GROUP_SEND, frames.GROUP_ADD, frames.TAKE})
FORGOTTEN = Gap("nothing was read for as long as messages last; the channel has left its groups")


class Hub:
    def __init__(self, settings: LocalSettings, clock: Clock, lock: RLock) -> None:
        self._settings = settings
        self._clock = clock
        self._lock = lock
        self._peers: dict[str, Peer] = {}
        self._own = Share(settings.group_expiry)  # members that are channels of no process
        self._group_policies = settings.group_policies()
        self._timers = Schedule(clock)
        self._delayed = Schedule(clock)
        self._room = HubRoom(settings, clock, self._forget_unread, self._arrived)
        self._groups = Groups(settings, clock, self._timers, self._tell)
        self._groups.lock = lock  # one for all: a timer of the groups sends, and a send asks the groups
        self._desk = Desk(settings, clock, self._room, self._timers)
        self._handed_on: dict[int, tuple[Peer, int, Peer]] = {}  # from whom, their number, to whom
        self._rounds: dict[int, Round] = {}
        self._numbers = itertools.count(1)

    # Processes.

    def welcome(self, client: str, line: Line, now: float) -> Peer:
        """A process is there. One that comes back has lost its former connection, known or not."""
        if client in self._peers:
            self.leave(self._peers[client], "lost")
        settings = self._settings
        peer = Peer(client, line, now, settings.group_expiry, settings.max_backlog_bytes)
        self._peers[client] = peer
        return peer

    def leave(self, peer: Peer, reason: Reason) -> None:
        """It is gone, and with it all that it reads."""
        if self._peers.get(peer.client) is not peer:
            return
        del self._peers[peer.client]
        peer.close()
        self._groups.leave_all(peer.channels(), reason)
        self._desk.leave(peer)
        for number, (origin, theirs, home) in list(self._handed_on.items()):
            if home is peer:
                del self._handed_on[number]
                origin.post((frames.ANSWER, theirs, ACCEPTED))
        for number, round_ in list(self._rounds.items()):
            if round_.gone(peer.client):
                del self._rounds[number]

    def beat(self, now: float) -> None:
        """Tell everybody that the hub lives; let go who has not said so for too long."""
        for peer in list(self._peers.values()):
            if now - peer.heard_at > self._settings.lease_seconds:
                self.leave(peer, "lost")
            else:
                peer.tell_missed()
                peer.post((frames.BEAT, 0))

    def excuse(self, now: float) -> None:
        """The hub stood still itself: what the others said meanwhile was not heard yet."""
        for peer in self._peers.values():
            peer.heard_at = now

    def close(self) -> None:
        for peer in list(self._peers.values()):
            peer.close()
        self._peers.clear()
        for schedule in (self._delayed, self._timers):
            schedule.clear()
        self._room.close()
        self._groups.clear()

    def handle(self, peer: Peer, frame: Frame) -> None:
        """Raises one of MEANINGLESS on a frame that has no meaning."""
        kind, number, *arguments = frame
        if kind in USES_ROOM:
            self._room.inspect()
        answer = HANDLERS[kind](self, peer, number, *arguments)
        if number and answer is not DEFERRED:
            peer.post((frames.ANSWER, number, answer))

    def is_crowded(self, channel: str) -> bool:
        return self._room.is_crowded(channel)

    # What processes ask for: (peer, number, ...) -> answer.

    def _beat(self, peer: Peer, number: int) -> None:
        """Whoever sends anything is heard of."""

    def _bye(self, peer: Peer, number: int) -> None:
        self.leave(peer, "discarded")

    def _send(self, peer: Peer, number: int, channel: str, packed: bytes) -> object:
        return self._route(channel, Sealed(packed), peer, number)

    def _group_send(self, peer: Peer, number: int, group: str, packed: bytes) -> None:
        sealed = Sealed(packed)
        self._groups.sent(group, sealed)
        now = self._clock.now()
        for each in list(self._peers.values()):
            each.share.expire(now)
            if each.share.count(group):
                each.post_message((frames.DELIVER_GROUP, 0, group, packed))
        self._own.expire(now)
        if self._own.count(group):
            policy = self._group_policies.of(group)
            fanout = self._room.put_to_all(self._own.of(group), self._room.entry(sealed), policy)
            self._leave_all(fanout.closed, "closed")

    def _group_add(self, peer: Peer, number: int, group: str, channel: str, history: int) -> None:
        kept = self._groups.add(group, channel, history)
        home = self._home(channel)
        now = self._clock.now()
        if home is None:
            self._own.add(group, channel, now)
            for frozen in kept:
                self._room.put(channel, self._room.entry(frozen), DROP_NEWEST)
            return
        home.share.add(group, channel, now)
        for frozen in kept:
            home.post((frames.KEPT, 0, channel, _packed(frozen)))
        home.post((frames.JOINED, 0, group, channel))

    def _group_discard(self, peer: Peer, number: int, group: str, channel: str) -> None:
        self._groups.discard(group, channel)
        home = self._home(channel)
        (self._own if home is None else home.share).discard(group, channel)
        if home is not None:
            home.post((frames.LEFT, 0, group, channel))

    def _leave(self, peer: Peer, number: int, channels: Iterable[str], reason: Reason) -> None:
        self._leave_all(channels, reason)

    def _group_channels(self, peer: Peer, number: int, group: str) -> None:
        self._answer_in_parts(peer, number, self._groups.channels(group))

    def _group_count(self, peer: Peer, number: int, group: str) -> int:
        return self._groups.count(group)

    def _group_history(self, peer: Peer, number: int, group: str, count: int | None) -> None:
        self._answer_in_parts(peer, number, [_packed(each) for each in self._groups.history(group, count)])

    def _group_watch(self, peer: Peer, number: int, group: str, channel: str) -> None:
        self._groups.watch(group, channel)
        if (home := self._home(channel)) is not None:
            home.watches.add(group, channel, self._clock.now())

    def _group_unwatch(self, peer: Peer, number: int, group: str, channel: str) -> None:
        self._groups.unwatch(group, channel)
        if (home := self._home(channel)) is not None:
            home.watches.discard(group, channel)

    def _send_later(self, peer: Peer, number: int, channel: str, packed: bytes, seconds: float) -> str | None:
        """None when as many wait as may."""
        if len(self._delayed) >= self._settings.max_delayed:
            return None
        when = self._clock.now() + seconds
        return self._delayed.at(when, lambda: self._send_late(channel, Sealed(packed)))

    def _cancel_later(self, peer: Peer, number: int, token: str) -> bool:
        return self._delayed.cancel(token)

    def _flush(self, peer: Peer, number: int) -> object:
        """Answered when everybody has emptied what they have."""
        self._delayed.clear()
        self._timers.clear()
        self._desk.clear()
        self._groups.clear()
        self._own.clear()
        self._room.flush()
        for each in self._peers.values():
            each.share.clear()
            each.watches.clear()
        return self._ask_all(Round(peer, number, self._peers), frames.EMPTY)

    def _statistics(self, peer: Peer, number: int) -> object:
        """Answered when everybody has told theirs."""
        ours = self._room.statistics()
        telling = Round(peer, number, self._peers, ours, lambda so_far, theirs: total((so_far, theirs)))
        return self._ask_all(telling, frames.TELL_STATISTICS, "")

    def _channel_statistics(self, peer: Peer, number: int, channel: str) -> object:
        home = self._home(channel)
        if home is None:
            return self._room.channel_statistics(channel)
        return self._hand_on(home, peer, number, frames.TELL_STATISTICS, channel)

    def _take(self, peer: Peer, number: int, name: str, is_work: bool, count: int) -> None:
        self._desk.claim(peer, name, is_work, count)

    def _untake(self, peer: Peer, number: int, name: str, is_work: bool, count: int) -> None:
        self._desk.unclaim(peer, name, is_work, count)

    def _give_back(
        self,
        peer: Peer,
        number: int,
        channel: str,
        packed: bytes,
        sent_at: float,
        deadline: float,
        attempt: int,
        lease: int,
    ) -> None:
        self._desk.give_back(channel, Entry(Sealed(packed), sent_at, deadline, attempt), lease)

    def _end_work(self, peer: Peer, number: int, lease: int, how: int, seconds: float) -> bool:
        return self._desk.end_work(lease, how, seconds)

    def _outcome(self, peer: Peer, number: int, ours: int, outcome: object) -> None:
        """Of what was handed on, or of what everybody was asked."""
        if (round_ := self._rounds.get(ours)) is not None:
            if round_.answered(peer.client, outcome):
                del self._rounds[ours]
        elif (waiting := self._handed_on.pop(ours, None)) is not None:
            origin, theirs, _ = waiting
            origin.post((frames.ANSWER, theirs, outcome))

    # Below.

    def _home(self, channel: str) -> Peer | None:
        """The process that has the mailbox; None for this one."""
        client = client_of(channel)
        return self._peers.get(client) if client else None

    def _route(self, channel: str, sealed: Sealed, origin: Peer | None, number: int) -> object:
        """Put or hand on. Returns what has become of it, or DEFERRED."""
        home = self._home(channel)
        if home is not None and origin is not None:
            return self._hand_on(home, origin, number, frames.DELIVER, channel, sealed.packed)
        if home is not None:
            return home.post_message((frames.DELIVER, 0, channel, sealed.packed))
        outcome = self._room.put(channel, self._room.entry(sealed))
        if outcome == CLOSED:
            self._leave_all([channel], "closed")
        return outcome

    def _hand_on(self, home: Peer, origin: Peer, number: int, kind: int, *arguments: object) -> object:
        ours = next(self._numbers)
        self._handed_on[ours] = (origin, number, home)  # first: this very process answers at once
        if home.post_message((kind, ours, *arguments)):
            return DEFERRED
        del self._handed_on[ours]
        return FULL

    def _send_late(self, channel: str, sealed: Sealed) -> None:
        """Its time has come. Nobody can be told that there is no room."""
        with self._lock:
            if self._route(channel, sealed, None, 0) == FULL and self._home(channel) is None:
                self._room.count_drop(channel, "full")

    def _tell(self, watcher: str, message: Message) -> None:
        packed = codec.pack(freeze(message, self._settings.max_message_bytes))
        with self._lock:
            self._route(watcher, Sealed(packed), None, 0)

    def _leave_all(self, channels: Iterable[str], reason: Reason) -> int:
        """These are members of nothing any more, and their processes are told."""
        channels = list(channels)
        for channel in channels:
            home = self._home(channel)
            share = self._own if home is None else home.share
            for group in share.leave_all(channel):
                if home is not None:
                    home.post((frames.LEFT, 0, group, channel))
            if home is not None:
                home.watches.leave_all(channel)
        return self._groups.leave_all(channels, reason)

    def _forget_unread(self, channel: str) -> None:
        with self._lock:
            if self._leave_all([channel], "unread") and self._settings.notices:
                packed = codec.pack(freeze(FORGOTTEN.message(), self._settings.max_message_bytes))
                self._room.put_anyway(channel, self._room.entry(Sealed(packed), is_notice=True))

    def _arrived(self, channel: str) -> None:
        with self._lock:
            self._desk.arrived(channel)

    def _ask_all(self, asked: Round, kind: int, *arguments: object) -> object:
        number = next(self._numbers)
        self._rounds[number] = asked  # first: this very process answers at once
        for each in list(self._peers.values()):
            each.post((kind, number, *arguments))
        return DEFERRED

    def _answer_in_parts(self, peer: Peer, number: int, values: list[Any]) -> None:
        for part in batches(values, len):
            peer.post((frames.PART, number, part))


def _packed(frozen: Frozen) -> bytes:
    return frozen.packed if isinstance(frozen, Sealed) else codec.pack(frozen)


HANDLERS: dict[int, Callable[..., object]] = {
    frames.BEAT: Hub._beat,
    frames.BYE: Hub._bye,
    frames.SEND: Hub._send,
    frames.GROUP_SEND: Hub._group_send,
    frames.GROUP_ADD: Hub._group_add,
    frames.GROUP_DISCARD: Hub._group_discard,
    frames.LEAVE: Hub._leave,
    frames.GROUP_CHANNELS: Hub._group_channels,
    frames.GROUP_COUNT: Hub._group_count,
    frames.GROUP_HISTORY: Hub._group_history,
    frames.GROUP_WATCH: Hub._group_watch,
    frames.GROUP_UNWATCH: Hub._group_unwatch,
    frames.SEND_LATER: Hub._send_later,
    frames.CANCEL_LATER: Hub._cancel_later,
    frames.FLUSH: Hub._flush,
    frames.STATISTICS: Hub._statistics,
    frames.CHANNEL_STATISTICS: Hub._channel_statistics,
    frames.TAKE: Hub._take,
    frames.UNTAKE: Hub._untake,
    frames.GIVE_BACK: Hub._give_back,
    frames.END_WORK: Hub._end_work,
    frames.OUTCOME: Hub._outcome,
}
