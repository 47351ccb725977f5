"""The last messages of groups, for those who join later: so many of each, so many bytes of all together."""

from collections import OrderedDict, deque

from penstock.channels.messages import Frozen
from penstock.channels.names import shown
from penstock.channels.settings import MOST_COUNT, LayerSettings


def checked_count(count: object) -> int:
    """How many messages somebody asks for."""
    if isinstance(count, bool) or not isinstance(count, int):
        raise TypeError(f"got {shown(count)} for the history; expected a number of messages")
    return max(0, min(int(count), MOST_COUNT))


class History:
    """No lock: the layer holds one. Groups stand in the order in which they were last sent to."""

    def __init__(self, settings: LayerSettings) -> None:
        self._lengths = settings.histories()
        self._expiry = settings.history_expiry
        self._max_bytes = settings.max_history_bytes
        self._groups: OrderedDict[str, deque[tuple[float, Frozen]]] = OrderedDict()
        self._size_bytes = 0
        self.is_kept = bool(self._lengths) or self._lengths.default > 0

    def add(self, group: str, frozen: Frozen, now: float) -> None:
        if not (length := self._lengths.of(group)):
            return
        kept = self._groups.setdefault(group, deque())
        self._groups.move_to_end(group)
        kept.append((now + self._expiry, frozen))
        self._size_bytes += frozen.size_bytes
        if len(kept) > length:
            self._drop_first(kept)
        while self._size_bytes > self._max_bytes or self._is_oldest_expired(now):
            self._drop_oldest()

    def last(self, group: str, count: int | None, now: float) -> list[Frozen]:
        """The oldest first."""
        kept = [frozen for deadline, frozen in self._groups.get(group, ()) if deadline > now]
        return kept if count is None else kept[max(0, len(kept) - count) :]

    def clear(self) -> None:
        self._groups.clear()
        self._size_bytes = 0

    def _is_oldest_expired(self, now: float) -> bool:
        oldest = next(iter(self._groups.values()), None)
        return oldest is not None and oldest[0][0] <= now

    def _drop_oldest(self) -> None:
        """Of the group that was not sent to for longest."""
        group, kept = next(iter(self._groups.items()))
        self._drop_first(kept)
        if not kept:
            del self._groups[group]

    def _drop_first(self, kept: deque[tuple[float, Frozen]]) -> None:
        _, frozen = kept.popleft()
        self._size_bytes -= frozen.size_bytes
