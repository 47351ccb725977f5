"""A normal channel: one process sends as fast as it can, another has a reader that takes what comes.

Run as `python -m bench.layer_queue --layer NAME --address URL --seconds S`. The figure is sends a second.
Afterwards the reader takes all that is left, so that what was lost is known.
"""

import argparse
import asyncio
import contextlib

from bench.companions import attend_until_end, companion, note, tell
from bench.figures import Sample
from bench.gate import Gate
from bench.layer_programs import SETTLE_SECONDS, WARM_UP_SECONDS, Lap, rate, run
from bench.open_layers import OpenLayer, opened

CHANNEL = "bench.work"
MESSAGE = {"type": "bench.work", "text": "Mind the gates."}
# What the reader notes as one: to tell of each message would cost it time.
LOT = 50


async def program(options: argparse.Namespace) -> Sample:
    gate = Gate(1)
    async with opened(options.layer, options.address) as layer, companion(lambda: gate.note(0)) as other:
        await other.ready()
        await asyncio.sleep(SETTLE_SECONDS)
        not_counted, _ = await send_for(WARM_UP_SECONDS, layer)
        sent, seconds = await send_for(options.seconds, layer)
        with contextlib.suppress(TimeoutError):
            await gate.wait((not_counted + sent) // LOT)
        return rate(sent, seconds, lost=not_counted + sent - await other.result())


async def attend(options: argparse.Namespace) -> None:
    async with opened(options.layer, options.address) as layer:
        counted = Counted()
        reading = asyncio.create_task(counted.read(layer))
        await attend_until_end()
        reading.cancel()
        await asyncio.wait([reading])
        tell(counted.messages)


async def send_for(seconds: float, layer: OpenLayer) -> tuple[int, float]:
    """How many were sent, and how long that took."""
    sent = 0
    lap = Lap(seconds)
    while not lap.over:
        for _ in range(LOT):
            await layer.send(CHANNEL, MESSAGE)
        sent += LOT
    return sent, lap.passed


class Counted:
    def __init__(self) -> None:
        self.messages = 0

    async def read(self, layer: OpenLayer) -> None:
        while True:
            await layer.receive(CHANNEL)
            self.messages += 1
            if self.messages % LOT == 0:
                note()


if __name__ == "__main__":
    run(program, attend, argparse.ArgumentParser())
