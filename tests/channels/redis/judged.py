"""The suite for every layer, for layers through Redis."""

import asyncio
import json
import secrets
import sys
from typing import Any

from tests.channels.redis.waiting import Waiting

from penstock.channels import connect
from penstock.channels.interface import ChannelLayer
from penstock.testing.layers import LayerConformance

MEMBER = """
import asyncio, json, sys
from penstock.channels import connect

async def main():
    layer = connect(sys.argv[1], lease_seconds=1.0, **json.loads(sys.argv[3]))
    await layer.group_add(sys.argv[2], await layer.new_channel())
    print("joined", flush=True)
    await asyncio.Event().wait()

asyncio.run(main())
"""


class RedisConformance(Waiting, LayerConformance):
    """A subclass says where Redis is and how it is cut off."""

    SILENCE_SECONDS = 0.05

    def url(self) -> str:
        raise NotImplementedError

    def options(self) -> dict[str, Any]:
        return {}

    def restart(self) -> None:
        raise NotImplementedError

    def make_layers(self, count: int, **settings: Any) -> list[ChannelLayer]:
        self.prefix = secrets.token_hex(8)
        return [connect(self.url(), prefix=self.prefix, **self.options(), **settings) for _ in range(count)]

    async def interrupt(self, layer: ChannelLayer) -> None:
        await asyncio.to_thread(self.wait_for_all)
        await asyncio.to_thread(self.restart)

    async def join_and_die(self, layer: ChannelLayer, group: str) -> None:
        options = json.dumps({"prefix": self.prefix, **self.options()})
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", MEMBER, self.url(), group, options),
            stdout=asyncio.subprocess.PIPE,
        )
        assert process.stdout is not None
        assert await process.stdout.readline() == b"joined\n"
        process.kill()
        await process.communicate()


class Sealed:
    """In front of a class of tests: encrypted as well. Names then are spread by what they are hidden as."""

    def options(self) -> dict[str, Any]:
        return {"encryption_keys": ["a secret"]}
