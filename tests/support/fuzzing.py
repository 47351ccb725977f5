"""How every fuzz harness runs: numbered cases, each of which can be run again by itself, until the time is
over.
"""

import argparse
import sys
import time
from collections.abc import Callable

RunCase = Callable[[int], None]


def fuzz(run_case: RunCase, seconds: float, seed: int) -> int:
    """Runs cases from number `seed` on until the time is over, at least one; how many there were."""
    until = time.monotonic() + seconds
    number = seed
    while number == seed or time.monotonic() < until:
        try:
            run_case(number)
        except BaseException:
            sys.stderr.write(f"case {number} failed: run it with --seed {number} --seconds 0\n")
            raise
        number += 1
    return number - seed


def main(run_case: RunCase, description: str | None) -> None:
    """The command line of a harness; `description` is its docstring, whose first line is the invariant."""
    parser = argparse.ArgumentParser(description=(description or "").splitlines()[0])
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    count = fuzz(run_case, arguments.seconds, arguments.seed)
    sys.stdout.write(f"{count} cases from number {arguments.seed} on, none failed\n")
