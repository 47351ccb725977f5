"""The way of one message to another process, whose reader waits for it.

Run as `python -m bench.layer_latency --layer NAME --address URL --seconds S`. The figure is the median of the
time from the call of `send` to the return of `receive`, by the clock that both processes share. The sender
rests between two messages, so that each finds the reader waiting.
"""

import argparse
import asyncio
from statistics import median
from time import perf_counter

from bench.companions import attend_until_end, companion, tell
from bench.figures import Sample
from bench.layer_programs import SETTLE_SECONDS, WARM_UP_SECONDS, Lap, run
from bench.open_layers import OpenLayer, opened

REST_SECONDS = 0.001


async def program(options: argparse.Namespace) -> Sample:
    async with opened(options.layer, options.address) as layer, companion() as other:
        channel = await other.ready()
        await asyncio.sleep(SETTLE_SECONDS)
        not_counted = await send_for(WARM_UP_SECONDS, layer, channel)
        sent = await send_for(options.seconds, layer, channel)
        await asyncio.sleep(SETTLE_SECONDS)
        delays = await other.result()
        return _sample(delays[not_counted:], lost=not_counted + sent - len(delays))


async def attend(options: argparse.Namespace) -> None:
    async with opened(options.layer, options.address) as layer:
        channel = await layer.new_channel()
        delays: list[float] = []
        reading = asyncio.create_task(read(layer, channel, delays))
        await attend_until_end(channel)
        reading.cancel()
        await asyncio.wait([reading])
        tell(delays)


async def send_for(seconds: float, layer: OpenLayer, channel: str) -> int:
    """How many were sent."""
    sent = 0
    lap = Lap(seconds)
    while not lap.over:
        await layer.send(channel, {"type": "bench.clock", "at": perf_counter()})
        sent += 1
        await asyncio.sleep(REST_SECONDS)
    return sent


async def read(layer: OpenLayer, channel: str, delays: list[float]) -> None:
    while True:
        message = await layer.receive(channel)
        delays.append(perf_counter() - message["at"])


def _sample(delays: list[float], lost: int) -> Sample:
    if not delays:
        raise RuntimeError(f"nothing came in the time, {lost} messages were lost")
    p99 = sorted(delays)[int(len(delays) * 0.99)]
    return Sample(cost=round(median(delays) * 1e6, 3), p99_ms=round(p99 * 1000, 3), lost=lost)


if __name__ == "__main__":
    run(program, attend, argparse.ArgumentParser())
