"""Groups with all that goes with them: members, watchers who are told of them, and the last messages.

Nothing here sends: `tell(channel, message)` puts what watchers are told on its way, and whoever sends to a
group asks for its members. `lock` makes steps of several calls one: the history that a channel gets when it
joins and what is sent to it as a member have neither hole nor double. It is taken before a mailroom's.
"""

import threading
from collections.abc import Callable, Iterable

from penstock.channels.clock import Clock
from penstock.channels.history import History
from penstock.channels.members import Members
from penstock.channels.messages import Frozen, Message
from penstock.channels.notices import Reason, join_message, leave_message
from penstock.channels.schedule import Schedule
from penstock.channels.settings import LayerSettings

Tell = Callable[[str, Message], None]


class Groups:
    def __init__(self, settings: LayerSettings, clock: Clock, timers: Schedule, tell: Tell) -> None:
        self.lock = threading.RLock()
        self._clock = clock
        self._timers = timers
        self._tell = tell
        self._members = Members(settings.group_expiry)
        self._watches = Members(settings.group_expiry)
        self._history = History(settings)
        self._timer = ""  # a token, while watchers are to be told of memberships that expire

    def add(self, group: str, channel: str, history: int = 0) -> list[Frozen]:
        """Join, or renew. Returns the last `history` messages, which are to be in the channel first; none to
        a member, who has got them.
        """
        with self.lock:
            now = self.expire()
            if not self._members.add(group, channel, now):
                return []
            self._tell_watchers(group, join_message(group, channel))
            return self._history.last(group, history, now) if history > 0 else []

    def discard(self, group: str, channel: str) -> None:
        with self.lock:
            self.expire()
            if self._members.discard(group, channel):
                self._tell_watchers(group, leave_message(group, channel, "discarded"))

    def sent(self, group: str, frozen: Frozen) -> list[str]:
        """Keep what is sent to a group, and return to whom it is to go."""
        with self.lock:
            now = self.expire()
            if self._history.is_kept:
                self._history.add(group, frozen, now)
            return self._members.of(group)

    def leave_all(self, channels: Iterable[str], reason: Reason) -> int:
        """These channels are members and watchers of nothing any more. Returns how many memberships ended."""
        ended = 0
        with self.lock:
            for channel in channels:
                self._watches.leave_all(channel)
                for group in self._members.leave_all(channel):
                    self._tell_watchers(group, leave_message(group, channel, reason))
                    ended += 1
        return ended

    def channels(self, group: str) -> list[str]:
        with self.lock:
            self.expire()
            return self._members.of(group)

    def count(self, group: str) -> int:
        with self.lock:
            self.expire()
            return self._members.count(group)

    def history(self, group: str, count: int | None) -> list[Frozen]:
        with self.lock:
            return self._history.last(group, count, self._clock.now())

    def watch(self, group: str, channel: str) -> None:
        with self.lock:
            self._watches.add(group, channel, self.expire())
            self._expect_expiry()

    def unwatch(self, group: str, channel: str) -> None:
        with self.lock:
            self._watches.discard(group, channel)

    def clear(self) -> None:
        """Nobody is told. Whoever clears the timers as well does so first."""
        with self.lock:
            self._timers.cancel(self._timer)
            self._timer = ""
            self._members.clear()
            self._watches.clear()
            self._history.clear()

    def expire(self) -> float:
        """Let go who has not renewed, and tell those who watch. Returns the time that it is."""
        now = self._clock.now()
        with self.lock:
            self._watches.expire(now)
            for group, channel in self._members.expire(now):
                self._tell_watchers(group, leave_message(group, channel, "expired"))
        return now

    def _tell_watchers(self, group: str, message: Message) -> None:
        for watcher in self._watches.of(group):
            self._tell(watcher, message)
        self._expect_expiry()

    def _expect_expiry(self) -> None:
        """Without watchers, memberships expire when somebody asks for them; watchers want to know at once."""
        due = self._members.next_expiry()
        if self._watches and due is not None and not self._timer:
            self._timer = self._timers.at(due, self._expire_by_timer)

    def _expire_by_timer(self) -> None:
        with self.lock:
            self._timer = ""
            self.expire()
            self._expect_expiry()
