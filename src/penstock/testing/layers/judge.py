"""What the parts of the conformance suite share: making layers, waiting, and running a test on a loop.

A test is a coroutine method under `@judged(...)`, which turns it into one that any test runner can call: it
makes layers with the settings given, runs on a loop of its own, fails when it takes long, and closes the
layers. It asks for as many layers as it has parameters: each stands for another process on the same channels.
"""

import asyncio
import inspect
import unittest
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar

from penstock.channels.interface import ChannelLayer
from penstock.channels.messages import Message

T = TypeVar("T")
Test = Callable[..., Coroutine[Any, Any, None]]
TEST_SECONDS = 30.0


class LayerJudge:
    """A subclass gives the layers to be judged, and the seconds that fit them."""

    WAIT_SECONDS = 5.0  # for a message that has to come
    SILENCE_SECONDS = 0.1  # in which a message would have come that may not
    EXPIRY_SECONDS = 0.5  # the shortest expiry that the layer keeps reliably

    def make_layers(self, count: int, **settings: Any) -> list[ChannelLayer]:
        """`count` layers that reach each other, as of different processes, and nobody else: not the channels
        of another call. `settings` are those of `LayerSettings`.
        """
        raise NotImplementedError("a subclass of LayerConformance says how its layers are made")

    async def elapse(self, seconds: float) -> None:
        """Let time pass. A layer with a virtual clock moves it."""
        await asyncio.sleep(seconds)

    async def interrupt(self, layer: ChannelLayer) -> None:
        """Cut what stands behind the layer off and bring it back, so that messages may have been lost."""
        raise unittest.SkipTest("nothing stands behind this layer that could go away")

    async def join_and_die(self, layer: ChannelLayer, group: str) -> None:
        """Start a process that makes one channel a member of `group`, and kill it as the system would."""
        raise unittest.SkipTest("a layer of one process dies with it")

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


def judged(extension: str = "", /, **settings: Any) -> Callable[[Test], Callable[[Any], None]]:
    """Make a test of a coroutine method `async def test(self, layer, ...)`. See the module. It is skipped
    where the layer does not have `extension`.
    """

    def decorate(test: Test) -> Callable[[Any], None]:
        count = len(inspect.signature(test).parameters) - 1

        def run(self: LayerJudge) -> None:
            asyncio.run(_judge(self, test, self.make_layers(count, **settings), extension))

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


async def _judge(judge: LayerJudge, test: Test, layers: list[ChannelLayer], extension: str) -> None:
    if extension and extension not in layers[0].extensions:
        raise unittest.SkipTest(f"the layer has no extension {extension!r}")
    try:
        async with asyncio.timeout(TEST_SECONDS):
            for layer in layers:
                await layer.open()
            await test(judge, *layers)
    finally:
        for layer in layers:
            await layer.close()
