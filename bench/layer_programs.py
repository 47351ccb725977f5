"""What the programs that put load on a channel layer have in common: their options, their loop, their end.

Each is run for one layer, and prints a `Sample` as a line of JSON. All layers run on uvloop.
"""

import argparse
import json
import sys
from collections.abc import Callable, Coroutine
from dataclasses import asdict
from time import perf_counter

import uvloop

from bench.figures import Sample

WARM_UP_SECONDS = 0.2
# pubsub does not wait until Redis has confirmed a subscription; nothing may be sent before.
SETTLE_SECONDS = 0.3
# How long nothing may arrive before the rest counts as lost.
PATIENCE_SECONDS = 5

Program = Callable[[argparse.Namespace], Coroutine[None, None, Sample]]
Attendance = Callable[[argparse.Namespace], Coroutine[None, None, None]]


def run(program: Program, attend: Attendance, arguments: argparse.ArgumentParser) -> None:
    """Runs `program`; or with `--attend` its part in a process that it has started beside itself."""
    arguments.add_argument("--layer", required=True)
    arguments.add_argument("--address", required=True)
    arguments.add_argument("--seconds", type=float, required=True)
    arguments.add_argument("--attend", action="store_true")
    options = arguments.parse_args()
    if options.attend:
        uvloop.run(attend(options))
        return
    sample = uvloop.run(program(options))
    sys.stdout.write(f"\n{json.dumps(asdict(sample))}\n")


def rate(count: int, seconds: float, lost: int) -> Sample:
    """Of what came in that time. Raises RuntimeError when there is no figure in it."""
    if lost < 0:
        raise RuntimeError(f"{-lost} messages more came than were sent")
    if count <= 0:
        raise RuntimeError(f"nothing came in the time, {lost} messages were lost")
    return Sample(cost=round(seconds / count * 1e6, 3), per_second=round(count / seconds, 1), lost=lost)


class Lap:
    """A time that ends."""

    def __init__(self, seconds: float) -> None:
        self.started = perf_counter()
        self._end = self.started + seconds

    @property
    def passed(self) -> float:
        return perf_counter() - self.started

    @property
    def over(self) -> bool:
        return perf_counter() >= self._end
