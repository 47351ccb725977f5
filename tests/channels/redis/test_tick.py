"""What a process says thrice in a lease: that it lives, and where it waits."""

import asyncio
import logging
import re

from tests.channels.redis.raw import ask
from tests.support.redis_server import RedisServer

from penstock.channels import ChannelLayer, connect
from penstock.channels.notices import Gap

LOGGER = logging.getLogger("penstock.channels")
LEASE = 3.0
MANY = 8300  # queues: Lua spreads no more than some 8000 values
SECONDS = 20


def layer_of(server: RedisServer, prefix: str) -> ChannelLayer:
    return connect(f"redis://127.0.0.1:{server.port}?prefix={prefix}", lease_seconds=LEASE)


async def test_a_process_waits_at_any_number_of_queues(server: RedisServer) -> None:
    """Its place at each of them has no end here until a later look renews it."""
    gaps: list[Gap] = []
    async with layer_of(server, "many") as layer, asyncio.timeout(SECONDS):
        layer.add_listener(gaps.append)
        reading = [asyncio.create_task(layer.receive(f"queue{number}")) for number in range(MANY)]
        for place in (0, MANY // 2, MANY - 1):
            key = f"{{many}}:want:queue{place}"
            while not await ask(server, "PERSIST", key):
                continue
            while await ask(server, "PTTL", key) < 0:
                await asyncio.wait(reading, timeout=LEASE / 3)
            await layer.send(f"queue{place}", {"place": place})
            assert await reading[place] == {"place": place}
        for task in reading:
            task.cancel()
        await asyncio.wait(reading)
    assert not gaps


class Heard(logging.Handler):
    """Somebody who listens to the log until `what` is said."""

    def __init__(self, what: str) -> None:
        super().__init__()
        self._what = what
        self.is_said = asyncio.Event()

    def emit(self, record: logging.LogRecord) -> None:
        if re.search(self._what, record.getMessage()):
            self.is_said.set()


async def test_what_the_server_says_when_it_refuses_is_logged(server: RedisServer) -> None:
    """Something else has written where leased work is noted; nothing but the regular look comes by there."""
    heard = Heard("refuses tick: .*WRONGTYPE")
    LOGGER.addHandler(heard)
    async with layer_of(server, "refused") as layer, asyncio.timeout(SECONDS):
        await ask(server, "SET", "{refused}:work", "of somebody else")
        await heard.is_said.wait()
        await ask(server, "DEL", "{refused}:work")
        await layer.send("queue", {"type": "test"})
        assert await layer.receive("queue") == {"type": "test"}
    LOGGER.removeHandler(heard)
