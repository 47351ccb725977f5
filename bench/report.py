"""The results as Markdown: what a request costs on every server, how fast they were, which bars hold."""

from collections.abc import Callable

from bench.bars import OURS, Verdict, judge, to_best_peer
from bench.figures import BYTES, MICROSECONDS, Result, Results
from bench.peers import SERVERS
from bench.table import number, rows
from bench.workloads import WORKS

LOGGED = "penstock-logged"
COLUMNS = tuple(name for name in SERVERS if name != LOGGED)
PACKAGES = (
    "penstock",
    "granian",
    "uvicorn",
    "zttp",
    "httptools",
    "gunicorn",
    "hypercorn",
    "daphne",
    "uvloop",
)

Cell = Callable[[Result, str], str]


def markdown(results: Results) -> str:
    parts = [
        "# What a request costs",
        _origin(results),
        "## CPU microseconds of the server for one request or message",
        "The median of the rounds, and half the distance between the extremes.",
        _table(results, MICROSECONDS, _cost, _ratio),
        _logged(results),
        "## Requests or messages per second, and the 99th percentile of their time",
        "A noisy figure: the load generator is often the slower one.",
        _table(results, MICROSECONDS, _speed),
        "## Resident bytes of one connection",
        _table(results, BYTES, _bytes, _ratio),
        "## The bars",
        bars(results),
        _failures(results),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def bars(results: Results) -> str:
    """Those of the workloads that were measured, as a table."""
    found = [_bar(verdict) for verdict in judge(results) if verdict.bar.work in results.works]
    return rows(("work", "at most", "found", "against", "holds"), found)


def _origin(results: Results) -> str:
    machine = results.machine
    dates = sorted({result.date for result in results.works.values()})
    versions = [f"{name} {results.versions[name]}" for name in PACKAGES if name in results.versions]
    return (
        f"Measured {' to '.join(dict.fromkeys((dates[0], dates[-1])))} on {machine['cpu']}, "
        f"{machine['cores']} cores, {machine['kernel']}, {machine['python']}, {machine['wrk']}: "
        f"{', '.join(versions)}. One worker, no access log, the server pinned to one core and the load to "
        "another, the servers in turns."
    )


def _table(results: Results, unit: str, cell: Cell, last: Callable[[Result], str] | None = None) -> str:
    works = [
        (name, result) for name, result in results.works.items() if result.unit == unit and name != "log"
    ]
    used = [name for name in COLUMNS if any(name in result.samples for _, result in works)]
    if not works:
        return ""
    head = ["work", *(SERVERS[name].title for name in used)]
    lines = [[WORKS[name].title, *(cell(result, server) for server in used)] for name, result in works]
    if last is not None:
        head.append("of the best peer")
        lines = [[*line, last(result)] for line, (_, result) in zip(lines, works, strict=True)]
    return rows(head, lines)


def _cost(result: Result, server: str) -> str:
    cost = result.cost(server)
    return "" if cost is None else f"{_mark(server, number(cost))} ± {result.spread(server):.0%}"


def _speed(result: Result, server: str) -> str:
    speed, p99 = result.per_second(server), result.p99_ms(server)
    return "" if speed is None or p99 is None else f"{speed:,.0f}, {number(p99)} ms"


def _bytes(result: Result, server: str) -> str:
    cost = result.cost(server)
    return "" if cost is None else _mark(server, f"{cost:,.0f}")


def _ratio(result: Result) -> str:
    compared = to_best_peer(result)
    return "" if compared is None else f"{compared.figure:.2f}"


def _logged(results: Results) -> str:
    result = results.works.get("log")
    quiet, logged = (result.cost(OURS), result.cost(LOGGED)) if result else (None, None)
    if quiet is None or logged is None:
        return ""
    return f"Penstock's access log: {number(logged)} µs with it, {number(quiet)} µs without."


def _bar(verdict: Verdict) -> list[str]:
    bar, compared = verdict.bar, verdict.compared
    title = WORKS[bar.work].title
    if compared is None:
        return [title, _figure(bar.at_most), "not measured", "", "no"]
    found = [_figure(compared.figure), compared.other]
    return [title, _figure(bar.at_most), *found, "yes" if verdict.holds else "**no**"]


def _failures(results: Results) -> str:
    lines = [
        f"- {SERVERS[server].title}, {WORKS[work].title}: {reason}"
        for work, result in results.works.items()
        for server, reason in result.failed.items()
    ]
    return "\n".join(["## What a server could not do", "", *lines]) if lines else ""


def _mark(server: str, text: str) -> str:
    return f"**{text}**" if server == OURS else text


def _figure(value: float) -> str:
    """A ratio, or a number of bytes."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.2f}"
