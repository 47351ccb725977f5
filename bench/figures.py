"""What was measured: samples, one for each server and round, and the results of a run as they are saved.

A result belongs to one workload and holds the samples of all servers, which were taken in turns; so ratios
within a result mean something, and a workload that is measured again replaces its result as a whole.
"""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

MICROSECONDS = "µs"
BYTES = "bytes"
A_SECOND = "a second"


@dataclass(frozen=True, slots=True)
class Sample:
    """`cost`: CPU microseconds of the server for one request, or resident bytes for one connection.

    Of a channel layer it is the time that passed: from send to receive, or for each of those that came in a
    row. `lost` is what was sent on a layer and never came.
    """

    cost: float
    per_second: float | None = None
    p99_ms: float | None = None
    busy: float | None = None
    lost: int | None = None


@dataclass(slots=True)
class Result:
    """The samples of one workload; `failed` tells which servers could not do it, and why."""

    unit: str
    date: str
    samples: dict[str, list[Sample]] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)

    def cost(self, server: str) -> float | None:
        """The median over the rounds."""
        return self._median(server, "cost")

    def figure(self, server: str) -> float | None:
        """What is to be compared: the cost, or how many a second where that is the unit."""
        return self.per_second(server) if self.unit == A_SECOND else self.cost(server)

    def per_second(self, server: str) -> float | None:
        return self._median(server, "per_second")

    def p99_ms(self, server: str) -> float | None:
        return self._median(server, "p99_ms")

    def spread(self, server: str) -> float:
        """Half the distance between the dearest and the cheapest round, as a share of the median."""
        costs = [sample.cost for sample in self.samples[server]]
        return (max(costs) - min(costs)) / 2 / median(costs)

    def lost(self, server: str) -> int:
        """In all rounds."""
        return sum(sample.lost or 0 for sample in self.samples.get(server, ()))

    def _median(self, server: str, name: str) -> float | None:
        values = [getattr(sample, name) for sample in self.samples.get(server, ())]
        return None if not values or None in values else median(values)


@dataclass(slots=True)
class Results:
    """Everything that is known, and where it comes from."""

    machine: dict[str, str | int]
    versions: dict[str, str]
    works: dict[str, Result] = field(default_factory=dict)

    def save(self, path: Path) -> None:
        path.write_text(json.dumps(asdict(self), indent=1, ensure_ascii=False) + "\n")

    @classmethod
    def load(cls, path: Path) -> "Results":
        saved = json.loads(path.read_text())
        works = {name: _result(work) for name, work in saved["works"].items()}
        return cls(saved["machine"], saved["versions"], works)


def _result(saved: dict[str, Any]) -> Result:
    samples = {name: [Sample(**sample) for sample in rounds] for name, rounds in saved["samples"].items()}
    return Result(saved["unit"], saved["date"], samples, saved["failed"])
