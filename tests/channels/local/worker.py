"""A process of the tests. It does what the lines of its standard input say, each answered in JSON.

read CHANNEL            a task receives from it from now on
read-cancelling CHANNEL the same, each receive cancelled after a few milliseconds
join GROUP COUNT        so many new channels become members, each with a task that receives
send CHANNEL COUNT      numbered messages
count GROUP             how many members it has
await-members GROUP N   as soon as it has so many
report                  what was received: a list for each reader, gaps in it as null
news SEEN               the same, as soon as it is more than that many or something else is asked
"""

import asyncio
import json
import sys
from typing import Any

from penstock.channels import connect
from penstock.channels.interface import ChannelLayer
from penstock.channels.messages import Message
from penstock.channels.notices import GAP
from penstock.testing.layers.delivery import READ_SECONDS, numbered

Received = list[int | None]


class Worker:
    def __init__(self, layer: ChannelLayer) -> None:
        self.layer = layer
        self.received: list[Received] = []
        self.tasks: list[asyncio.Task[None]] = []
        self.lines: asyncio.Queue[str] = asyncio.Queue()
        self.something = asyncio.Event()

    async def obey(self) -> None:
        """Every line of the standard input, until it ends."""
        reading = asyncio.create_task(self.read_lines())
        while line := await self.lines.get():
            print(json.dumps(await self.do(*line.split())), flush=True)  # noqa: T201 its way to answer
        await reading

    async def read_lines(self) -> None:
        line = "\n"
        while line:
            line = await asyncio.to_thread(sys.stdin.readline)
            self.lines.put_nowait(line)
            self.something.set()

    async def do(self, command: str, *words: str) -> Any:
        if command in {"read", "read-cancelling"}:
            return self.start(words[0], command == "read-cancelling")
        if command == "join":
            for _ in range(int(words[1])):
                channel = await self.layer.new_channel()
                await self.layer.group_add(words[0], channel)
                self.start(channel, False)
            return None
        if command == "send":
            for number in range(int(words[1])):
                await self.layer.send(words[0], numbered(number))
            return None
        if command == "count":
            return await self.layer.group_count(words[0])
        if command == "await-members":
            return await wait_members(self.layer, words[0], int(words[1]))
        if command == "news":
            await self.wait_news(int(words[0]))
        return self.received

    async def wait_news(self, seen: int) -> None:
        while sum(map(len, self.received)) <= seen and self.lines.empty():
            self.something.clear()
            await self.something.wait()

    def note(self, received: Received, message: Message) -> None:
        received.append(None if message["type"] == GAP else message["number"])
        self.something.set()

    def start(self, channel: str, is_cancelled: bool) -> None:
        received: Received = []
        self.received.append(received)
        read = self.read_cancelling if is_cancelled else self.read
        self.tasks.append(asyncio.create_task(read(channel, received)))

    async def read(self, channel: str, received: Received) -> None:
        async for message in self.layer.messages(channel):
            self.note(received, message)

    async def read_cancelling(self, channel: str, received: Received) -> None:
        while True:
            reading = asyncio.create_task(self.layer.receive(channel))
            await asyncio.wait({reading}, timeout=READ_SECONDS)
            reading.cancel()
            await asyncio.wait({reading})
            if not reading.cancelled():
                self.note(received, reading.result())


async def wait_members(layer: ChannelLayer, group: str, count: int) -> None:
    """Until the group has so many: whoever joins or leaves, and every gap, is reason to look again."""
    await layer.group_watch(group, watcher := await layer.new_channel())
    while await layer.group_count(group) != count:
        await layer.receive(watcher)
    await layer.group_unwatch(group, watcher)


async def main(url: str) -> None:
    async with connect(url) as layer:
        print(json.dumps("open"), flush=True)  # noqa: T201
        await Worker(layer).obey()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
