"""What a layer itself has to say: messages of its own on channels, and events for the process.

Messages may have been lost in a *gap* (Redis restarted, the owner of the local socket died). Each channel
that is read in the process gets one `channel.gap` message, at the place in the order where the gap is, so
that its consumer can fetch the state anew. It is never dropped for lack of room; gaps that nobody has read
of yet become one. A program that cannot take such messages turns them off (`notices`) and is told through
`layer.add_listener` alone, which hears every `Gap` once.

Watchers of a group (`group_watch`) get `presence.join` and `presence.leave`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from penstock.channels.messages import Message

GAP = "channel.gap"
JOIN = "presence.join"
LEAVE = "presence.leave"

# Why a channel has left a group: it was discarded; its membership was not renewed in `group_expiry`; its
# process is dead or cut off; it was closed for being slow; nobody read it for as long as messages last.
Reason = Literal["discarded", "expired", "lost", "closed", "unread"]


@dataclass(frozen=True, slots=True)
class Gap:
    """Messages between two moments may be lost. `seconds` is the time between them, None if unknown."""

    reason: str
    seconds: float | None = None

    def message(self) -> Message:
        return {"type": GAP, "reason": self.reason, "seconds": self.seconds}


Listener = Callable[[Gap], None]


def join_message(group: str, channel: str) -> Message:
    return {"type": JOIN, "group": group, "channel": channel}


def leave_message(group: str, channel: str, reason: Reason) -> Message:
    return {"type": LEAVE, "group": group, "channel": channel, "reason": reason}
