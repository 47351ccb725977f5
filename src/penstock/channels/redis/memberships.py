"""The groups that channels of this process are in: whom to hand a group's message to.

Redis knows the same, for the others. Each membership remembers its place in the order of the shard's messages
when it began: what was sent before is not for it, though it may arrive later.
"""

from penstock.channels.members import Members

Membership = tuple[str, str]


class Memberships:
    """For one loop. Names are as the application gives them."""

    def __init__(self, expiry: float) -> None:
        self._members = Members(expiry)
        self._places: dict[Membership, int] = {}
        self._last_place: dict[str, int] = {}  # by group: who joined last
        self.watches: dict[Membership, str] = {}  # and about the watcher, if it is a queue
        self.guests: dict[Membership, str] = {}  # queues that were made members here, and about them

    def __len__(self) -> int:
        return len(self._places)

    def join(self, group: str, channel: str, place: int, now: float) -> None:
        if self._members.add(group, channel, now):
            self._places[group, channel] = place
            self._last_place[group] = max(place, self._last_place.get(group, 0))

    def leave(self, group: str, channel: str) -> None:
        if self._members.discard(group, channel):
            self._forget(group, channel)

    def leave_all(self, channel: str) -> list[str]:
        """Returns the groups that it was in."""
        groups = self._members.leave_all(channel)
        for group in groups:
            self._forget(group, channel)
        return groups

    def addressees(self, group: str, place: int, now: float) -> list[str]:
        """Whom the message at `place` is for."""
        for gone in self._members.expire(now):
            self._forget(*gone)
        channels = self._members.of(group)
        if place > self._last_place.get(group, 0):
            return channels
        return [channel for channel in channels if place > self._places[group, channel]]

    def all(self) -> list[Membership]:
        return list(self._places)

    def restart(self) -> None:
        """Redis has forgotten the order and begins anew."""
        self._places = dict.fromkeys(self._places, 0)
        self._last_place.clear()

    def clear(self) -> None:
        self._members.clear()
        self._places.clear()
        self._last_place.clear()
        self.watches.clear()
        self.guests.clear()

    def _forget(self, group: str, channel: str) -> None:
        self._places.pop((group, channel), None)
        if not self._members.count(group):
            self._last_place.pop(group, None)
