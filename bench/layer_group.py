"""A group on a channel layer: one sender, and members that each loop on `receive` as consumers do.

Run as `python -m bench.layer_group --layer NAME --address URL --seconds S --members N --processes P`. With
one process the sender is in it as well, with more it has one beside them. The figure is deliveries a second.
The sender is a few messages ahead of the slowest process: a layer may work on one while the members take
another, and nobody falls behind without bound. On the local layer the sender's process is the hub.
"""

import argparse
import asyncio
import contextlib
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from bench.companions import Note, attend_until_end, companion, note, tell
from bench.figures import Sample
from bench.gate import Gate
from bench.layer_programs import SETTLE_SECONDS, WARM_UP_SECONDS, Lap, rate, run
from bench.open_layers import OpenLayer, opened

GROUP = "bench"
AHEAD = 4
MESSAGE = {"type": "chat.message", "text": "The gates are open, the water is coming.", "number": 0}


class Reader(Protocol):
    async def result(self) -> int:
        """How many deliveries there were. Nothing is received any more."""
        ...


class Crowd:
    """Members in this process; `note` is called whenever one more message has come to all of them."""

    def __init__(self, size: int, note: Note) -> None:
        self.received = 0
        self._size = size
        self._due = size
        self._note = note
        self._tasks: list[asyncio.Task[None]] = []

    async def join(self, layer: OpenLayer) -> None:
        for _ in range(self._size):
            name = await layer.new_channel()
            self._tasks.append(asyncio.create_task(self._read(layer, name)))
            await layer.group_add(GROUP, name)

    async def result(self) -> int:
        for task in self._tasks:
            task.cancel()
        await asyncio.wait(self._tasks)
        return self.received

    async def _read(self, layer: OpenLayer, name: str) -> None:
        while True:
            await layer.receive(name)
            self.received += 1
            if self.received == self._due:
                self._due += self._size
                self._note()


@dataclass(slots=True)
class Sender:
    layer: OpenLayer
    gate: Gate
    sent: int = 0

    async def send_for(self, seconds: float) -> float:
        """The time until the last message arrived."""
        lap = Lap(seconds)
        with contextlib.suppress(TimeoutError):
            while not lap.over:
                await self.layer.group_send(GROUP, {**MESSAGE, "number": self.sent})
                self.sent += 1
                await self.gate.wait(self.sent - AHEAD)
            await self.gate.wait(self.sent)
        return self.gate.last_at - lap.started


async def program(options: argparse.Namespace) -> Sample:
    gate = Gate(options.processes)
    async with AsyncExitStack() as stack:
        layer = await stack.enter_async_context(opened(options.layer, options.address))
        readers = await _readers(options, layer, gate, stack)
        await asyncio.sleep(SETTLE_SECONDS)
        return await _measure(Sender(layer, gate), readers, options)


async def attend(options: argparse.Namespace) -> None:
    async with opened(options.layer, options.address) as layer:
        crowd = Crowd(options.members // options.processes, note)
        await crowd.join(layer)
        await attend_until_end()
        tell(await crowd.result())


async def _readers(
    options: argparse.Namespace, layer: OpenLayer, gate: Gate, stack: AsyncExitStack
) -> Sequence[Reader]:
    notes = [partial(gate.note, number) for number in range(options.processes)]
    if options.processes == 1:
        crowd = Crowd(options.members, notes[0])
        await crowd.join(layer)
        return [crowd]
    others = [await stack.enter_async_context(companion(note)) for note in notes]
    for other in others:
        await other.ready()
    return others


async def _measure(sender: Sender, readers: Sequence[Reader], options: argparse.Namespace) -> Sample:
    await sender.send_for(WARM_UP_SECONDS)
    before = sender.sent * options.members
    seconds = await sender.send_for(options.seconds)
    received = sum([await reader.result() for reader in readers])
    return rate(received - before, seconds, lost=sender.sent * options.members - received)


def main() -> None:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--members", type=int, required=True)
    arguments.add_argument("--processes", type=int, required=True)
    run(program, attend, arguments)


if __name__ == "__main__":
    main()
