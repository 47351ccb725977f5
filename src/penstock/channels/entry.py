"""A message on its way through this process, and what a mailbox has to know of it."""

from penstock.channels.messages import Frozen


class Entry:
    """A message on its way. One entry may be in many mailboxes."""

    __slots__ = ("attempt", "deadline", "frozen", "is_notice", "sent_at")

    def __init__(
        self, frozen: Frozen, sent_at: float, deadline: float, attempt: int = 1, is_notice: bool = False
    ) -> None:
        self.frozen = frozen
        self.sent_at = sent_at
        self.deadline = deadline
        self.attempt = attempt
        self.is_notice = is_notice
