"""The channels of one process, `name!` and whatever comes behind it, read as one.

The specification's servers receive from `name!` for all their connections, consumers each from their own full
name. Only a family that somebody reads as a whole keeps track of which of its channels have messages; they
take turns, so that a busy one hides no quiet one.
"""

from collections import OrderedDict

from penstock.channels.entry import Entry
from penstock.channels.mailbox import Mailbox
from penstock.channels.readers import Readers


class Family:
    __slots__ = ("_is_read", "_ready", "boxes", "prefix", "readers", "row")

    def __init__(self, prefix: str) -> None:
        self.prefix = prefix
        self.boxes: dict[str, Mailbox] = {}
        self.readers = Readers()
        self.row = 0
        self._ready: OrderedDict[str, Mailbox] = OrderedDict()
        self._is_read = False

    @property
    def is_needed(self) -> bool:
        return bool(self.boxes or self.readers)

    def arrived(self, box: Mailbox) -> None:
        """There is a message in `box` that none of its own readers waits for."""
        self._ready[box.name] = box

    def discard(self, box: Mailbox) -> None:
        del self.boxes[box.name]
        self._ready.pop(box.name, None)

    def take(self, now: float) -> tuple[str, Entry] | None:
        """The next message of the next channel that has one."""
        if not self._is_read:
            self._is_read = True
            self._ready.update((name, box) for name, box in self.boxes.items() if box)
        while self._ready:
            name, box = self._ready.popitem(last=False)
            entry = box.take(now)
            if len(box):
                self._ready[name] = box
            if entry is not None:
                return name, entry
        return None
