"""A message that a cancelled reader has given back."""

import asyncio

from penstock.channels import connect


async def test_it_comes_once_though_the_reader_s_place_is_used_again() -> None:
    async with connect("memory://") as layer:
        channel = await layer.new_channel()
        cancelled = asyncio.create_task(layer.receive(channel))
        await asyncio.sleep(0)
        await layer.send(channel, {"type": "first"})
        cancelled.cancel()
        await asyncio.wait({cancelled})
        assert await layer.receive(channel) == {"type": "first"}
        reading = asyncio.create_task(layer.receive(channel))
        await asyncio.sleep(0)
        await asyncio.to_thread(layer.sync.send, channel, {"type": "second"})
        assert await reading == {"type": "second"}
