"""The bars: what Penstock may cost at most, beside the best peer, the floor or itself, or by itself; and
how many times as much it has to do in a second at least.

A run prints which hold; none is dropped because it does not.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from bench.contestants import CONTESTANTS, PEERS
from bench.figures import Result, Results

OURS = "penstock"


@dataclass(frozen=True, slots=True)
class Compared:
    """What `ours` costs: a ratio to the server in `other`, or a figure of that unit."""

    ours: str
    figure: float
    other: str


Comparison = Callable[[Result], Compared | None]


def best_peer(result: Result) -> str | None:
    """The name of the peer that did it at the least cost."""
    costs = {name: cost for name in PEERS if (cost := result.cost(name)) is not None}
    return min(costs, key=lambda name: costs[name]) if costs else None


def ratio(result: Result, ours: str, theirs: str) -> Compared | None:
    numerator, denominator = result.figure(ours), result.figure(theirs)
    if numerator is None or denominator is None:
        return None
    return Compared(ours, numerator / denominator, CONTESTANTS[theirs].title)


def to_best_peer(result: Result, ours: str = OURS) -> Compared | None:
    best = best_peer(result)
    return None if best is None else ratio(result, ours, best)


def to(theirs: str, ours: str = OURS) -> Comparison:
    return partial(ratio, ours=ours, theirs=theirs)


def in_itself(result: Result) -> Compared | None:
    ours = result.cost(OURS)
    return None if ours is None else Compared(OURS, ours, result.unit)


@dataclass(frozen=True, slots=True)
class Bar:
    """What is only `wanted` is reported like the others, and fails no check."""

    work: str
    limit: float
    comparison: Comparison
    wanted: bool = False
    at_least: bool = False

    def met(self, figure: float) -> bool:
        return figure >= self.limit if self.at_least else figure <= self.limit


def layer_bar(work: str, layer: str, at_least: float, theirs: str) -> Bar:
    """For what is counted in a second."""
    return Bar(work, at_least, to(theirs, layer), at_least=True)


BARS = (
    Bar("hello", 0.60, to_best_peer),
    Bar("hello", 1.6, to("floor")),
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
    Bar("log", 1.15, to(OURS, "penstock-logged")),
    Bar("idle-ws", 8000, in_itself),
    Bar("idle-http", 5000, in_itself),
    Bar("h2-hello", 0.55, to_best_peer),
    Bar("h2-hello", 4.0, in_itself, wanted=True),
    Bar("h2-tls", 0.55, to_best_peer),
    Bar("h2-one", 0.60, to_best_peer),
    Bar("h2-page", 0.65, to_best_peer),
    Bar("h2-upload", 0.65, to_best_peer),
    Bar("h2-ws", 1.3, to("penstock-http1")),
    Bar("h2-ws-one", 1.3, to("penstock-http1")),
    Bar("wsgi-hello", 0.80, to_best_peer),
    Bar("wsgi-adapter", 0.60, partial(to_best_peer, ours="uvicorn-adapter")),
    # Twice the parts a second: half the processor time for each, on a core that both servers fill.
    Bar("wsgi-stream", 0.50, to_best_peer),
    Bar("wsgi-stream", 0.50, partial(to_best_peer, ours="uvicorn-adapter")),
    Bar("asgi-on-wsgi", 0.60, partial(to_best_peer, ours="gthread-adapter")),
    Bar("asgi2", 1.05, to(OURS, "penstock-asgi2")),
    layer_bar("layer-group", "penstock-redis", 2, "channels-pubsub"),
    layer_bar("layer-group", "penstock-redis", 20, "channels-core"),
    layer_bar("layer-group-4", "penstock-redis", 5, "channels-core"),
    layer_bar("layer-group-4", "penstock-local", 1, "penstock-redis"),
    Bar("layer-latency", 1.2, to("channels-pubsub", "penstock-redis")),
    Bar("layer-latency", 0.5, to("channels-pubsub", "penstock-local")),
    layer_bar("layer-queue", "penstock-redis", 4, "channels-core"),
    layer_bar("layer-memory", "penstock-memory", 50, "channels-memory"),
)


@dataclass(frozen=True, slots=True)
class Verdict:
    bar: Bar
    compared: Compared | None

    @property
    def holds(self) -> bool:
        """False also when a figure is missing: what was not shown does not hold."""
        return self.compared is not None and self.bar.met(self.compared.figure)


def judge(results: Results) -> Iterator[Verdict]:
    for bar in BARS:
        result = results.works.get(bar.work)
        yield Verdict(bar, None if result is None else bar.comparison(result))
