"""A layer for code without an event loop: threads, Celery tasks, Django views, the interactive shell.

Every method runs its namesake on the background loop of the process (`background`) and waits for it. It is
safe from any thread, also from one with a running event loop, which is held up as by any blocking call. A
layer whose connections live on that loop brings a way of its own to run what needs them.
"""

from collections.abc import Coroutine, Iterator
from types import TracebackType
from typing import Any, Protocol, TypeVar

from penstock.channels import background
from penstock.channels.messages import Message

T = TypeVar("T")


class Run(Protocol):
    """As `background.run`."""

    def __call__(self, coroutine: Coroutine[Any, Any, T], seconds: float | None = None) -> T: ...


class Work(Protocol):
    """What `receive_acked` returns, as far as it is needed here (`interface.Delivery`)."""

    channel: str
    message: Message
    attempt: int

    async def ack(self) -> bool: ...
    async def retry(self, seconds: float = 0.0) -> bool: ...
    async def reject(self) -> bool: ...


class SyncDelivery:
    """As `interface.Delivery`; a context manager as well."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self.channel = work.channel
        self.message = work.message
        self.attempt = work.attempt

    def ack(self) -> bool:
        return background.run(self._work.ack())

    def retry(self, seconds: float = 0.0) -> bool:
        return background.run(self._work.retry(seconds))

    def reject(self) -> bool:
        return background.run(self._work.reject())

    def __enter__(self) -> "SyncDelivery":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        _ = self.ack() if kind is None else self.retry()


class SyncLayer:
    """`seconds` bounds the waiting of those who receive: TimeoutError then, and no message is lost."""

    def __init__(self, layer: Any, run: Run = background.run) -> None:
        self._layer = layer  # a ChannelLayer, whose module needs this one
        self._run = run

    def open(self) -> None:
        self._run(self._layer.open())

    def close(self) -> None:
        self._run(self._layer.close())

    def send(self, channel: str, message: Message) -> None:
        self._run(self._layer.send(channel, message))

    def receive(self, channel: str, seconds: float | None = None) -> Message:
        message: Message = self._run(self._layer.receive(channel), seconds)
        return message

    def messages(self, channel: str) -> Iterator[Message]:
        while True:
            yield self.receive(channel)

    def new_channel(self, prefix: str = "specific") -> str:
        return str(self._run(self._layer.new_channel(prefix)))

    def receive_acked(self, channel: str, seconds: float | None = None) -> SyncDelivery:
        return SyncDelivery(self._run(self._layer.receive_acked(channel), seconds))

    def group_add(self, group: str, channel: str, *, history: int = 0) -> None:
        self._run(self._layer.group_add(group, channel, history=history))

    def group_discard(self, group: str, channel: str) -> None:
        self._run(self._layer.group_discard(group, channel))

    def group_send(self, group: str, message: Message) -> None:
        self._run(self._layer.group_send(group, message))

    def group_channels(self, group: str) -> list[str]:
        return list(self._run(self._layer.group_channels(group)))

    def group_count(self, group: str) -> int:
        return int(self._run(self._layer.group_count(group)))

    def group_history(self, group: str, count: int | None = None) -> list[Message]:
        return list(self._run(self._layer.group_history(group, count)))

    def group_watch(self, group: str, channel: str) -> None:
        self._run(self._layer.group_watch(group, channel))

    def group_unwatch(self, group: str, channel: str) -> None:
        self._run(self._layer.group_unwatch(group, channel))

    def send_later(self, channel: str, message: Message, seconds: float) -> str:
        return str(self._run(self._layer.send_later(channel, message, seconds)))

    def cancel_later(self, token: str) -> bool:
        return bool(self._run(self._layer.cancel_later(token)))

    def flush(self) -> None:
        self._run(self._layer.flush())

    def global_statistics(self) -> dict[str, Any]:
        return dict(self._run(self._layer.global_statistics()))

    def channel_statistics(self, channel: str) -> dict[str, Any]:
        return dict(self._run(self._layer.channel_statistics(channel)))

    def __enter__(self) -> "SyncLayer":
        self.open()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
