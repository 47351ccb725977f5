"""The memberships of one process's channels: what the hub knows of it, and what it knows itself."""

from penstock.channels.members import Members
from penstock.channels.messages import Frozen


class Share(Members):
    def channels(self) -> list[str]:
        """All that are in any group."""
        return list(self._groups_of)

    def pairs(self) -> list[tuple[str, str]]:
        """All memberships, those of a group in their order."""
        return [(group, channel) for group, members in self._groups.items() for channel in members]


class Sealed(Frozen):
    """A message that is only handed on: the hub never looks into it."""

    __slots__ = ("packed",)

    def __init__(self, packed: bytes) -> None:
        super().__init__({}, len(packed), True)
        self.packed = packed


def client_of(channel: str) -> str:
    """Which process reads `channel`, by its name (`names.new_name`); empty where the name does not tell."""
    head, mark, _ = channel.partition("!")
    return head.rpartition(".")[2] if mark else ""
