"""What the local layer does beyond what every layer does."""

import asyncio
import gc
import multiprocessing
import os
from pathlib import Path

import pytest

from penstock.channels import connect
from penstock.channels.errors import LayerClosed
from penstock.channels.names import dead_letter_channel
from penstock.testing.layers.delivery import numbered

WAIT_SECONDS = 10


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"local://{tmp_path}/app.sock"


async def test_a_policy_of_close_reaches_readers_of_other_processes(url: str) -> None:
    url += "?capacity=2&policy=close"
    async with connect(url) as hub, connect(url) as layer:
        for number in range(2):
            await layer.send("normal", numbered(number))
        with pytest.raises(layer.ChannelFull):
            await layer.send("normal", numbered(2))
        with pytest.raises(layer.ChannelClosed):
            await layer.receive("normal")
        await hub.send("normal", numbered(3))
        assert await layer.receive("normal") == numbered(3)


async def test_the_work_of_a_process_that_leaves_comes_again_at_once(url: str) -> None:
    async with connect(url) as hub:
        async with connect(url) as layer:
            await hub.send("work", numbered(1))
            assert (await layer.receive_acked("work")).attempt == 1
        again = await hub.receive_acked("work")
        assert (again.message, again.attempt) == (numbered(1), 2)
        assert await again.reject()
        assert await hub.receive(dead_letter_channel("work")) == numbered(1)


async def test_a_list_of_members_may_be_longer_than_a_frame(url: str) -> None:
    async with connect(url, max_message_bytes=1000) as hub, connect(url, max_message_bytes=1000) as layer:
        names = [await hub.new_channel("x" * 100) for _ in range(1500)]
        for name in names:
            await hub.group_add("room", name)
        assert await layer.group_channels("room") == names


async def test_statistics_of_a_channel_of_another_process_are_told_by_it(url: str) -> None:
    async with connect(url) as hub, connect(url) as layer:
        channel = await layer.new_channel()
        await hub.send(channel, numbered(1))
        assert (await hub.channel_statistics(channel))["messages_pending"] == 1


async def test_a_hub_that_closes_leaves_the_layer_to_the_others(url: str) -> None:
    hub = connect(url)
    await hub.open()
    async with connect(url) as layer:
        channel = await layer.new_channel()
        await layer.group_add("room", channel)
        await hub.close()
        with pytest.raises(LayerClosed):
            await hub.send("a", numbered(1))
        assert (await layer.receive(channel))["type"] == "channel.gap"
        await layer.group_send("room", numbered(2))
        assert await layer.receive(channel) == numbered(2)


def test_loops_come_and_go(url: str) -> None:
    """Each serves the sockets while it runs, and the background loop when none does."""
    hub, layer = connect(url), connect(url)

    async def use(number: int) -> None:
        await hub.send("normal", numbered(number))
        assert await layer.receive("normal") == numbered(number)
        channel = await layer.new_channel()
        await hub.send(channel, numbered(number))
        assert await layer.receive(channel) == numbered(number)

    for number in range(3):
        asyncio.run(use(number))
        loop = asyncio.new_event_loop()
        loop.run_until_complete(use(number))
        loop.close()
        gc.collect()
        hub.sync.send("normal", numbered(number))
        assert layer.sync.receive("normal", WAIT_SECONDS) == numbered(number)
    for each in (layer, hub):
        each.sync.close()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the system has no fork")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_forked_child_is_a_process_of_its_own(url: str) -> None:
    layer = connect(url)
    own = layer.sync.new_channel()
    layer.sync.group_add("room", own)

    def use_in_child() -> None:
        layer.sync.send(own, numbered(1))
        layer.sync.group_add("room", layer.sync.new_channel())
        os._exit(0 if layer.sync.group_count("room") == 2 else 1)

    child = multiprocessing.get_context("fork").Process(target=use_in_child)
    child.start()
    child.join(WAIT_SECONDS)
    assert child.exitcode == 0
    assert layer.sync.receive(own, WAIT_SECONDS) == numbered(1)
    layer.sync.close()
