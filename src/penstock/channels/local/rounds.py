"""What a process has asked all others through the hub: it is answered when each has answered or is gone."""

from collections.abc import Callable, Iterable
from typing import Any

from penstock.channels.local.frames import ANSWER
from penstock.channels.local.peer import Peer

Fold = Callable[[Any, Any], Any]  # what has come until now, and one answer more


def nothing(so_far: Any, answer: Any) -> Any:
    """It is enough that everybody has answered."""


class Round:
    """`clients` are asked; `so_far` is what the answer begins with."""

    def __init__(
        self, asker: Peer, number: int, clients: Iterable[str], so_far: Any = None, fold: Fold = nothing
    ) -> None:
        self._asker = asker
        self._number = number
        self._so_far = so_far
        self._fold = fold
        self._waiting = set(clients)

    def answered(self, client: str, answer: Any) -> bool:
        """Returns whether it was the last. What `fold` raises is the fault of who answered."""
        so_far = self._fold(self._so_far, answer)
        if client in self._waiting:
            self._so_far = so_far
        return self.gone(client)

    def gone(self, client: str) -> bool:
        """It will not answer, or has."""
        self._waiting.discard(client)
        if not self._waiting:
            self._asker.post((ANSWER, self._number, self._so_far))
        return not self._waiting
