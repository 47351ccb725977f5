"""What the parts of the conformance suite share: making layers, waiting, and running a test on a loop.

A test is a coroutine method under `@judged(...)`, which turns it into one that any test runner can call: it
makes layers with the settings given, runs on a loop of its own, fails when it takes long, and closes the
layers. It asks for as many layers as it has parameters: each stands for another process on the same channels.

Any layer can be judged, also one that knows nothing of Penstock. A test of what the specification does not
ask for is skipped where the layer has not got it: an extension, a setting, or a method that a test comes to.
"""

import asyncio
import inspect
import unittest
from collections.abc import Awaitable, Callable, Collection, Coroutine
from typing import Any, TypeVar

from penstock.channels.interface import ChannelLayer
from penstock.channels.messages import Message

T = TypeVar("T")
Test = Callable[..., Coroutine[Any, Any, None]]
SPECIFIED_SETTINGS = frozenset({"expiry", "group_expiry", "capacity", "channel_capacity"})
BEYOND = frozenset(
    {
        *("open", "close", "add_listener", "remove_listener", "settings", "sync", "messages"),
        *("group_channels", "group_count", "group_history", "group_watch", "group_unwatch"),
        *("receive_acked", "send_later", "cancel_later", "global_statistics", "channel_statistics"),
    }
)  # what our layers have and the specification does not ask for


class LayerJudge:
    """A subclass gives the layers to be judged, and the seconds that fit them."""

    TEST_SECONDS = 30.0  # for a whole test
    WAIT_SECONDS = 5.0  # for a message that has to come
    SILENCE_SECONDS = 0.1  # in which a message would have come that may not
    EXPIRY_SECONDS = 0.5  # the shortest expiry that the layer keeps reliably
    SETTINGS: Collection[str] | None = None  # that the layer takes; None: what its own `settings` show

    def make_layers(self, count: int, **settings: Any) -> list[ChannelLayer]:
        """`count` layers that reach each other, as of different processes, and nobody else: not the channels
        of another call. `settings` are those of `LayerSettings`.
        """
        raise NotImplementedError("a subclass of LayerConformance says how its layers are made")

    def channel_full(self, layer: ChannelLayer) -> type[Exception]:
        """What is raised for a channel that is full, in a layer that has no attribute for it (item 20)."""
        return layer.ChannelFull

    async def elapse(self, seconds: float) -> None:
        """Let time pass. A layer with a virtual clock moves it."""
        await asyncio.sleep(seconds)

    async def interrupt(self, layer: ChannelLayer) -> None:
        """Cut what stands behind the layer off and bring it back, so that messages may have been lost."""
        raise unittest.SkipTest("nothing stands behind this layer that could go away")

    async def join_and_die(self, layer: ChannelLayer, group: str) -> None:
        """Start a process that makes one channel a member of `group`, and kill it as the system would."""
        raise unittest.SkipTest("a layer of one process dies with it")

    async def close(self, layer: ChannelLayer) -> None:
        if has(layer, "close"):
            await layer.close()

    async def take(self, layer: ChannelLayer, channel: str) -> Message:
        """The next message, which has to come."""
        return await self.within(layer.receive(channel))

    async def take_all(self, layer: ChannelLayer, channel: str, count: int) -> list[Message]:
        return [await self.take(layer, channel) for _ in range(count)]

    async def within(self, awaitable: Awaitable[T]) -> T:
        async with asyncio.timeout(self.WAIT_SECONDS):
            return await awaitable

    async def assert_silent(self, layer: ChannelLayer, channel: str) -> None:
        """No message comes."""
        try:
            async with asyncio.timeout(self.SILENCE_SECONDS):
                message = await layer.receive(channel)
        except TimeoutError:
            return
        raise AssertionError(f"{channel} got {message!r}; expected nothing")

    async def assert_receives(self, layer: ChannelLayer, channel: str, *expected: Message) -> None:
        """Exactly these messages come, in this order."""
        received = await self.take_all(layer, channel, len(expected))
        assert received == list(expected), f"{channel} got {received!r}; expected {expected!r}"
        await self.assert_silent(layer, channel)

    async def assert_members(self, layer: ChannelLayer, group: str, *expected: str) -> None:
        """Exactly these, as far as the layer can be asked: the specification has no call for it."""
        if has(layer, "group_channels"):
            members = await layer.group_channels(group)
            assert sorted(members) == sorted(expected), f"{group} has {members}; expected {expected}"
        if has(layer, "group_count"):
            assert await layer.group_count(group) == len(expected)


def has(layer: ChannelLayer, name: str) -> bool:
    """Whether the layer has what the specification does not ask for, or an extension of this name."""
    return hasattr(layer, name) if name in BEYOND else name in getattr(layer, "extensions", ())


def judged(needs: str = "", /, **settings: Any) -> Callable[[Test], Callable[[Any], None]]:
    """Make a test of a coroutine method `async def test(self, layer, ...)`. See the module. It is skipped
    where the layer does not have what it `needs`: an extension, or a name of BEYOND.
    """

    def decorate(test: Test) -> Callable[[Any], None]:
        count = len(inspect.signature(test).parameters) - 1

        def run(self: LayerJudge) -> None:
            if self.SETTINGS is not None:
                _skip_without(set(settings) - set(self.SETTINGS))
            layers = self.make_layers(count, **settings)
            if self.SETTINGS is None:
                own = getattr(layers[0], "settings", None)
                _skip_without({name for name in set(settings) - SPECIFIED_SETTINGS if not hasattr(own, name)})
            asyncio.run(_judge(self, test, layers, needs))

        run.__name__, run.__qualname__, run.__doc__ = test.__name__, test.__qualname__, test.__doc__
        return run

    return decorate


async def refuses(kind: type[Exception], call: Awaitable[object], *mentioned: str) -> None:
    """The call raises `kind`, with a message that has all of `mentioned` in it."""
    try:
        await call
    except kind as error:
        for text in mentioned:
            assert text in str(error), f"{error!s}: expected {text!r} in it"
        return
    raise AssertionError(f"nothing was raised; expected {kind.__name__}")


def _skip_without(settings: Collection[str]) -> None:
    if settings:
        raise unittest.SkipTest(f"the layer does not take the settings {', '.join(sorted(settings))}")


async def _judge(judge: LayerJudge, test: Test, layers: list[ChannelLayer], needs: str) -> None:
    if needs and not has(layers[0], needs):
        raise unittest.SkipTest(f"the layer has no {needs!r}")
    try:
        async with asyncio.timeout(judge.TEST_SECONDS):
            for layer in layers:
                if has(layer, "open"):
                    await layer.open()
            await test(judge, *layers)
    except AttributeError as error:
        if error.name in BEYOND and any(error.obj is layer for layer in layers):
            raise unittest.SkipTest(f"the layer has no {error.name!r}, nor need it have") from error
        raise
    finally:
        for layer in layers:
            await judge.close(layer)
