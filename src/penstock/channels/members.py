"""Which channels are in which groups, and until when.

All memberships last equally long from when they were last renewed, so those of a group expire in the order
they stand in. Each group has one place in a heap, by the first of them: what has expired is found without
looking at what has not. Watches of groups are kept in the same way, in a table of their own.
"""

import heapq

SLACK = 64  # groups that may lie in the heap though they are gone, before it is tidied


class Members:
    """No lock: the layer holds one."""

    def __init__(self, expiry: float) -> None:
        self._expiry = expiry
        self._groups: dict[str, dict[str, float]] = {}
        self._groups_of: dict[str, set[str]] = {}
        self._due: list[tuple[float, str]] = []  # each group is in it, perhaps too early or more than once

    def __bool__(self) -> bool:
        return bool(self._groups)

    def add(self, group: str, channel: str, now: float) -> bool:
        """Returns whether it is new."""
        members = self._groups.get(group)
        if members is None:
            members = self._groups[group] = {}
            heapq.heappush(self._due, (now + self._expiry, group))
        is_new = members.pop(channel, None) is None
        members[channel] = now + self._expiry
        if is_new:
            self._groups_of.setdefault(channel, set()).add(group)
        return is_new

    def discard(self, group: str, channel: str) -> bool:
        """Returns whether it was one."""
        members = self._groups.get(group)
        if members is None or members.pop(channel, None) is None:
            return False
        groups = self._groups_of[channel]
        groups.discard(group)
        if not groups:
            del self._groups_of[channel]
        if not members:
            del self._groups[group]
            self._tidy()
        return True

    def of(self, group: str) -> list[str]:
        """The members, the longest not renewed first. The caller has expired what is due."""
        return list(self._groups.get(group, ()))

    def count(self, group: str) -> int:
        return len(self._groups.get(group, ()))

    def leave_all(self, channel: str) -> list[str]:
        """`channel` is in no group any more. Returns those that it was in."""
        groups = sorted(self._groups_of.get(channel, ()))
        for group in groups:
            self.discard(group, channel)
        return groups

    def next_expiry(self) -> float | None:
        """When `expire` may have something to do again; too early rather than too late."""
        return self._due[0][0] if self._due else None

    def expire(self, now: float) -> list[tuple[str, str]]:
        """Drop what was not renewed. Returns who has left what: pairs of group and channel."""
        departed = []
        while self._due and self._due[0][0] <= now:
            _, group = heapq.heappop(self._due)
            for channel in self._expired(group, now):
                self.discard(group, channel)
                departed.append((group, channel))
            if members := self._groups.get(group):
                heapq.heappush(self._due, (next(iter(members.values())), group))
        return departed

    def clear(self) -> None:
        self._groups.clear()
        self._groups_of.clear()
        self._due.clear()

    def _tidy(self) -> None:
        """Groups come and go in less than a day: those that have gone are not to fill the heap."""
        if len(self._due) > 2 * len(self._groups) + SLACK:
            self._due = [(next(iter(members.values())), group) for group, members in self._groups.items()]
            heapq.heapify(self._due)

    def _expired(self, group: str, now: float) -> list[str]:
        expired = []
        for channel, deadline in self._groups.get(group, {}).items():
            if deadline > now:
                break
            expired.append(channel)
        return expired
