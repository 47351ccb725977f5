"""The local layer, judged by the suite that judges every layer: as the hub, and as one that reaches it."""

import asyncio
import contextlib
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from penstock.channels.errors import LayerClosed
from penstock.channels.interface import ChannelLayer
from penstock.channels.local import LocalLayer
from penstock.testing.clock import VirtualClock
from penstock.testing.layers import LayerConformance

MEMBER = """
import os, signal, sys
from penstock.channels import connect
path, group = sys.argv[1:]
layer = connect(f"local://{path}").sync
layer.group_add(group, layer.new_channel())
os.kill(os.getpid(), signal.SIGKILL)
"""


class LocalConformance(LayerConformance):
    WAIT_SECONDS = 3.0
    SILENCE_SECONDS = 0.03

    def setup_method(self) -> None:
        self.clock = VirtualClock()
        self.folder = tempfile.TemporaryDirectory()
        self.made = 0
        self.path = ""
        self.layers: list[LocalLayer] = []

    def teardown_method(self) -> None:
        self.folder.cleanup()

    def layer(self, **settings: Any) -> LocalLayer:
        self.layers.append(LocalLayer(self.path, clock=self.clock, **settings))
        return self.layers[-1]

    def new_path(self) -> None:
        """Layers of two calls do not reach each other."""
        self.made += 1
        self.path = str(Path(self.folder.name) / f"{self.made}.sock")

    async def elapse(self, seconds: float) -> None:
        """What the hub answers comes behind all that it had to say before: the first answers tell that it
        has heard what the layers had to say, the second that they have heard what came of it.
        """
        self.clock.advance(seconds)
        for layer in self.layers * 2:
            with contextlib.suppress(LayerClosed):
                await layer.group_count("anything")

    async def join_and_die(self, layer: ChannelLayer, group: str) -> None:
        command = [sys.executable, "-c", MEMBER, self.path, group]
        process = await asyncio.to_thread(subprocess.run, command, timeout=20, check=False)
        assert process.returncode == -9


class TestAsHub(LocalConformance):
    """The first layer of each test is the hub."""

    # The hub cannot be cut off from itself; the other class is for that.
    test_fault_11_an_interruption_ends_no_consumer_and_is_told = None  # type: ignore[assignment]

    def make_layers(self, count: int, **settings: Any) -> list[ChannelLayer]:
        self.new_path()
        return [self.layer(**settings) for _ in range(count)]


class TestAsMember(LocalConformance):
    """The hub is yet another layer, and all of a test reach it through the socket."""

    def setup_method(self) -> None:
        super().setup_method()
        self.hubs: list[LocalLayer] = []

    def teardown_method(self) -> None:
        for hub in self.hubs:
            hub.sync.close()
        super().teardown_method()

    def make_layers(self, count: int, **settings: Any) -> list[ChannelLayer]:
        self.new_path()
        layers: list[ChannelLayer] = [self.layer(**settings) for _ in range(count)]
        self.hubs.append(LocalLayer(self.path, clock=self.clock, **settings))
        self.hubs[-1].sync.open()
        return layers

    async def interrupt(self, layer: ChannelLayer) -> None:
        await self.hubs[-1].close()
