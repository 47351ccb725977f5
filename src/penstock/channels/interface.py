"""The interface of every channel layer.

A channel is a queue of messages with a name; a group is a set of channels; a layer carries messages between
tasks, threads, processes or machines. Delivery is at most once, and in exact order from one writer to one
reader of a `!` channel. All methods may be called from any event loop and any thread's loop of the process,
`sync` from threads without one. Names and messages are checked before any I/O: what is wrong with them is a
TypeError of the call that brought them.
"""

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator
from types import TracebackType
from typing import Any, Self

from penstock.channels import errors
from penstock.channels.messages import Message
from penstock.channels.notices import Listener
from penstock.channels.settings import LayerSettings
from penstock.channels.sync import SyncLayer

EXTENSIONS = ("groups", "flush", "statistics", "presence", "delay", "history", "acknowledge")


class Delivery(ABC):
    """One piece of work that a reader has taken and has to answer for.

    Exactly one of `ack`, `retry`, `reject` ends it; each returns False when it was too late, because
    `ack_seconds` had passed and somebody else got the work. As a context manager it acknowledges when the
    block ends and retries when the block raises.
    """

    __slots__ = ("attempt", "channel", "message")

    def __init__(self, channel: str, message: Message, attempt: int) -> None:
        self.channel = channel
        self.message = message
        self.attempt = attempt  # from 1

    @abstractmethod
    async def ack(self) -> bool:
        """The work is done."""

    @abstractmethod
    async def retry(self, seconds: float = 0.0) -> bool:
        """Somebody is to try again, not before `seconds` have passed; behind `max_attempts`, as `reject`."""

    @abstractmethod
    async def reject(self) -> bool:
        """Nobody can do it: it goes to the dead letters, the channel `dead_letter_channel(channel)`."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await (self.ack() if kind is None else self.retry())


class ChannelLayer(ABC):
    """`settings` hold for the layer's life. A layer opens itself when it is first used; `open`, or `async
    with`, does so at once, which shows early whether what stands behind it is there.
    """

    ChannelFull: type[errors.ChannelFull] = errors.ChannelFull
    MessageTooLarge: type[errors.MessageTooLarge] = errors.MessageTooLarge
    ChannelClosed: type[errors.ChannelClosed] = errors.ChannelClosed
    extensions: tuple[str, ...] = EXTENSIONS

    def __init__(self, settings: LayerSettings) -> None:
        self.settings = settings
        self.expiry = settings.expiry
        self.group_expiry = settings.group_expiry
        self.capacity = settings.capacity
        self.sync = SyncLayer(self)

    # A layer's life.

    @abstractmethod
    async def open(self) -> None:
        """Reach whatever stands behind the layer. Raises LayerUnavailable, or SettingsError where no waiting
        will help. Again and again does no harm.
        """

    @abstractmethod
    async def close(self) -> None:
        """Leave. Whoever receives is raised LayerClosed, and so is every later call. Channels of this process
        leave their groups.
        """

    async def __aenter__(self) -> Self:
        await self.open()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    @abstractmethod
    def add_listener(self, listener: Listener) -> None:
        """Call `listener` with each `Gap`, in whatever thread learns of it; it may not block."""

    @abstractmethod
    def remove_listener(self, listener: Listener) -> None:
        """Call it no more; one that is not there is no error."""

    # Channels.

    @abstractmethod
    async def send(self, channel: str, message: Message) -> None:
        """Put a copy of `message` behind the others. Never waits for room: raises ChannelFull when there is
        none and the channel's policy is `raise`.
        """

    @abstractmethod
    async def receive(self, channel: str) -> Message:
        """Wait for the next message of `channel` and take it. Cancelled, it has taken none.

        `name!` takes from all channels that begin so, by turns; the full name is then in the message, under
        `__asgi_channel__`.
        """

    async def messages(self, channel: str) -> AsyncIterator[Message]:
        """All messages of `channel`, as they come."""
        while True:
            yield await self.receive(channel)

    @abstractmethod
    async def new_channel(self, prefix: str = "specific") -> str:
        """A name of a channel that only this process reads: unique, and not to be guessed. A prefix that ends
        with `!` or `?` is only completed.
        """

    @abstractmethod
    async def receive_acked(self, channel: str) -> Delivery:
        """As `receive` from a normal channel, at least once: work that is not acknowledged in `ack_seconds`
        comes again, to whoever asks, `max_attempts` times; then it goes to the dead letters.
        """

    # Groups.

    @abstractmethod
    async def group_add(self, group: str, channel: str, *, history: int = 0) -> None:
        """Make `channel` a member, or renew its membership. The last `history` messages kept for the group
        are put into the channel first: what it then reads has neither hole nor double.
        """

    @abstractmethod
    async def group_discard(self, group: str, channel: str) -> None:
        """`channel` is no member from now on; that it was none is no error."""

    @abstractmethod
    async def group_send(self, group: str, message: Message) -> None:
        """Send a copy to every member, to each once. Never raises ChannelFull."""

    @abstractmethod
    async def group_channels(self, group: str) -> list[str]:
        """The members, of all processes, those that joined or renewed first in front."""

    @abstractmethod
    async def group_count(self, group: str) -> int:
        """How many members there are, without fetching them."""

    @abstractmethod
    async def group_history(self, group: str, count: int | None = None) -> list[Message]:
        """The last `count` messages kept for the group (`history`, `group_history`), the oldest first."""

    @abstractmethod
    async def group_watch(self, group: str, channel: str) -> None:
        """Tell `channel` who joins and leaves from now on, in messages of `penstock.channels.notices`. A
        watch lasts as long as a membership and is no membership.
        """

    @abstractmethod
    async def group_unwatch(self, group: str, channel: str) -> None:
        """Tell it no more."""

    # Delay.

    @abstractmethod
    async def send_later(self, channel: str, message: Message, seconds: float) -> str:
        """Send when `seconds` have passed. Returns a token for `cancel_later`. Raises ChannelFull when
        `max_delayed` messages wait. A channel that is full then and would raise loses the message.
        """

    @abstractmethod
    async def cancel_later(self, token: str) -> bool:
        """Do not send it. False when it was sent already, or nobody knows the token."""

    # The layer as a whole.

    @abstractmethod
    async def flush(self) -> None:
        """Empty the layer, for everybody: messages, groups, watches, history, what is delayed or being
        worked on. Returns when all of it is gone; who waits in `receive` goes on waiting.
        """

    @abstractmethod
    async def global_statistics(self) -> dict[str, Any]:
        """`messages_count`, `messages_count_per_second`, `messages_pending`, `messages_max_age`,
        `channel_full_count`, `channel_full_count_per_second` and `messages_dropped` (a dict by reason), of
        all processes together. One that is gone takes with it what it had counted itself, and one that
        does not answer is left out.
        """

    @abstractmethod
    async def channel_statistics(self, channel: str) -> dict[str, Any]:
        """The same of one channel. Zeros for one that nobody has used for longer than `expiry`."""
