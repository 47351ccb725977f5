"""The channel layers opened, for the programs that put load on them: all that differs between them is here.

Their settings are the defaults, but for capacities: those are out of reach, so that no layer refuses or drops
a message. Core counts the unread messages of all channels of a process together.
"""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, Protocol

CAPACITY = 1_000_000


class OpenLayer(Protocol):
    """What the programs call: the part of the specification that every layer has."""

    async def send(self, channel: str, message: dict[str, Any]) -> None: ...
    async def receive(self, channel: str) -> dict[str, Any]: ...
    async def new_channel(self) -> str: ...
    async def group_add(self, group: str, channel: str) -> None: ...
    async def group_send(self, group: str, message: dict[str, Any]) -> None: ...


def opened(name: str, address: str) -> AbstractAsyncContextManager[OpenLayer]:
    return OPENERS[name](address)


@asynccontextmanager
async def _penstock(address: str) -> AsyncIterator[OpenLayer]:
    from penstock.channels import connect  # noqa: PLC0415 - no program imports the layers it does not run

    async with connect(address, capacity=CAPACITY) as layer:
        yield layer


@asynccontextmanager
async def _channels_pubsub(address: str) -> AsyncIterator[OpenLayer]:
    from channels_redis.pubsub import RedisPubSubChannelLayer  # noqa: PLC0415 - as above

    yield RedisPubSubChannelLayer(hosts=[address])


@asynccontextmanager
async def _channels_core(address: str) -> AsyncIterator[OpenLayer]:
    from channels_redis.core import RedisChannelLayer  # noqa: PLC0415 - as above

    yield RedisChannelLayer(hosts=[address], capacity=CAPACITY)


@asynccontextmanager
async def _channels_memory(address: str) -> AsyncIterator[OpenLayer]:
    from channels.layers import InMemoryChannelLayer  # noqa: PLC0415 - as above

    yield InMemoryChannelLayer(capacity=CAPACITY)


OPENERS = {
    "penstock-redis": _penstock,
    "penstock-local": _penstock,
    "penstock-memory": _penstock,
    "channels-pubsub": _channels_pubsub,
    "channels-core": _channels_core,
    "channels-memory": _channels_memory,
}
