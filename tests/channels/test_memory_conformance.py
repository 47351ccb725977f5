"""The memory layer, judged by the suite that judges every layer."""

from typing import Any

from penstock.channels.interface import ChannelLayer
from penstock.channels.memory import MemoryLayer
from penstock.testing.clock import VirtualClock
from penstock.testing.layers import LayerConformance


class TestMemoryLayer(LayerConformance):
    """One process has one memory: every process of a test is the same layer."""

    SILENCE_SECONDS = 0.01

    def make_layers(self, count: int, **settings: Any) -> list[ChannelLayer]:
        self.clock = VirtualClock()
        return [MemoryLayer(clock=self.clock, **settings)] * count

    async def elapse(self, seconds: float) -> None:
        self.clock.advance(seconds)
