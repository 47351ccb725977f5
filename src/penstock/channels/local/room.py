"""A mailroom whose messages may go on to another process, and come back from there."""

from collections.abc import Callable, Iterable

from penstock.channels.clock import Clock
from penstock.channels.entry import Entry
from penstock.channels.mailroom import Fanout, Mailroom
from penstock.channels.policies import Policy
from penstock.channels.settings import LayerSettings


class LocalRoom(Mailroom):
    """Channels of this process, and messages that the hub has handed to its readers."""

    def take_nowait(self, name: str) -> tuple[str, Entry] | None:
        """As `take`, without waiting."""
        with self._lock:
            source = self._source(name, now := self._now())
            found = source.take(now)
        return (name, found) if isinstance(found, Entry) else found

    def put_first(self, channel: str, entry: Entry) -> None:
        """What was taken and not read, in front of all others."""
        with self._lock:
            box = self._box(channel, self._now())
            box.put_first(entry)
            self._arrived(box)

    def withdraw(self, channel: str, entry: Entry) -> bool:
        """Take this one back, if nobody has taken it."""
        with self._lock:
            box = self._boxes.get(channel)
            return box is not None and box.withdraw(entry)

    def prepare(self, channels: Iterable[str]) -> None:
        """Have a mailbox for each, so that `announce` reaches who has joined a group and not read yet."""
        with self._lock:
            for channel in channels:
                self._box(channel, self._now())

    def shut(self, channel: str) -> None:
        """Its reader is raised ChannelClosed, once."""
        with self._lock:
            box = self._box(channel, self._now())
            box.closed = True
            self._arrived(box)


class HubRoom(LocalRoom):
    """Channels that any process may read. Their readers are elsewhere: `on_arrival(channel)` is told of
    every message that comes, by whatever way, without a lock held.
    """

    def __init__(
        self,
        settings: LayerSettings,
        clock: Clock,
        on_unread: Callable[[str], None],
        on_arrival: Callable[[str], None],
    ) -> None:
        super().__init__(settings, clock, on_unread)
        self._on_arrival = on_arrival

    def put(self, channel: str, entry: Entry, policy: Policy | None = None) -> int:
        outcome = super().put(channel, entry, policy)
        self._on_arrival(channel)
        return outcome

    def put_to_all(self, channels: Iterable[str], entry: Entry, policy: Policy | None) -> Fanout:
        channels = list(channels)
        fanout = super().put_to_all(channels, entry, policy)
        for channel in channels:
            self._on_arrival(channel)
        return fanout

    def put_anyway(self, channel: str, entry: Entry) -> None:
        super().put_anyway(channel, entry)
        self._on_arrival(channel)

    def put_first(self, channel: str, entry: Entry) -> None:
        super().put_first(channel, entry)
        self._on_arrival(channel)
