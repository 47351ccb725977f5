"""Who has its turn when, and what becomes of those who fail."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPException
from typing import TypeVar

from bench.figures import Result
from bench.load import LoadFailed
from bench.processes import StartError
from bench.wire import WrongAnswer

FAILURES = (StartError, LoadFailed, WrongAnswer, OSError, HTTPException)

Thing = TypeVar("Thing")
Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Plan:
    """How long and where; `tell` gets a line about what goes on."""

    rounds: int
    seconds: float
    server_core: int
    load_core: int
    tell: Tell


@contextmanager
def noting_failure(result: Result, name: str, tell: Tell) -> Iterator[None]:
    try:
        yield
    except FAILURES as error:
        result.failed[name] = _reason(error)
        result.samples.pop(name, None)
        tell(f"  {name} failed: {error}")


def turned(things: Sequence[Thing], by: int) -> Sequence[Thing]:
    """From another one on in each round."""
    by %= len(things) or 1
    return [*things[by:], *things[:by]]


def _reason(error: Exception) -> str:
    """One line, without the paths of this machine that a server's own output may hold."""
    return "did not start" if isinstance(error, StartError) else f"{type(error).__name__}: {error}"[:200]
