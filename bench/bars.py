"""The bars: what Penstock may cost at most, beside the best peer, the floor or itself, or in bytes.

A run prints which hold; none is dropped because it does not.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from bench.figures import Result, Results
from bench.peers import PEERS, SERVERS

OURS = "penstock"


@dataclass(frozen=True, slots=True)
class Compared:
    """A ratio to what stands in `other`, or bytes when nothing does."""

    figure: float
    other: str = ""


Comparison = Callable[[Result], Compared | None]


def best_peer(result: Result) -> str | None:
    """The name of the peer that did it at the least cost."""
    costs = {name: cost for name in PEERS if (cost := result.cost(name)) is not None}
    return min(costs, key=lambda name: costs[name]) if costs else None


def to_best_peer(result: Result) -> Compared | None:
    best = best_peer(result)
    return None if best is None else _ratio(result, OURS, best)


def to_floor(result: Result) -> Compared | None:
    return _ratio(result, OURS, "floor")


def logged_to_quiet(result: Result) -> Compared | None:
    return _ratio(result, "penstock-logged", OURS)


def in_bytes(result: Result) -> Compared | None:
    ours = result.cost(OURS)
    return None if ours is None else Compared(ours)


@dataclass(frozen=True, slots=True)
class Bar:
    work: str
    at_most: float
    comparison: Comparison


BARS = (
    Bar("hello", 0.60, to_best_peer),
    Bar("hello", 1.6, to_floor),
    Bar("browser", 0.60, to_best_peer),
    Bar("page", 0.65, to_best_peer),
    Bar("echo", 0.65, to_best_peer),
    Bar("upload", 0.65, to_best_peer),
    Bar("stream", 0.65, to_best_peer),
    Bar("tls", 0.75, to_best_peer),
    Bar("ws-32", 0.65, to_best_peer),
    Bar("ws-4k", 0.65, to_best_peer),
    Bar("ws-64k", 0.65, to_best_peer),
    Bar("file", 0.5, to_best_peer),
    Bar("log", 1.15, logged_to_quiet),
    Bar("idle-ws", 8000, in_bytes),
    Bar("idle-http", 5000, in_bytes),
)


@dataclass(frozen=True, slots=True)
class Verdict:
    bar: Bar
    compared: Compared | None

    @property
    def holds(self) -> bool:
        """False also when a figure is missing: what was not shown does not hold."""
        return self.compared is not None and self.compared.figure <= self.bar.at_most


def judge(results: Results) -> Iterator[Verdict]:
    for bar in BARS:
        result = results.works.get(bar.work)
        yield Verdict(bar, None if result is None else bar.comparison(result))


def _ratio(result: Result, ours: str, theirs: str) -> Compared | None:
    numerator, denominator = result.cost(ours), result.cost(theirs)
    if numerator is None or denominator is None:
        return None
    return Compared(numerator / denominator, SERVERS[theirs].title)
