"""The results as Markdown: what a request costs on every server, how fast they were, which bars hold."""

from collections.abc import Callable

from bench.bars import OURS, Verdict, judge, to_best_peer
from bench.contestants import CONTESTANTS
from bench.figures import BYTES, MICROSECONDS, Result, Results
from bench.kinds import CHANNEL_LAYERS
from bench.sections import NOTES, measured_sections, of_section
from bench.starting import Role
from bench.table import number, rows
from bench.workloads import WORKS

COLUMNS = tuple(name for name, one in CONTESTANTS.items() if one.role is not Role.VARIANT)
# What is no comparison with a peer, or has one beside it: two servers, and the words around their figures.
SENTENCES = {
    "log": ("penstock-logged", OURS, "Penstock's access log: {} µs with it, {} µs without."),
    "h2-ws": (OURS, "penstock-http1", "Penstock's WebSockets, 4 x 16: {} µs, and {} µs over HTTP/1.1."),
    "h2-ws-one": (OURS, "penstock-http1", "Penstock's WebSockets, 64 x 1: {} µs, and {} µs over HTTP/1.1."),
    "asgi2": ("penstock-asgi2", OURS, "On Penstock: {} µs for ASGI 2, {} µs for the same as ASGI 3."),
}
PACKAGES = (
    "penstock",
    "granian",
    "uvicorn",
    "zttp",
    "httptools",
    "gunicorn",
    "gevent",
    "hypercorn",
    "h2",
    "daphne",
    "a2wsgi",
    "uvloop",
    "channels",
    "channels_redis",
    "redis",
    "hiredis",
)

Works = dict[str, Result]
Cell = Callable[[Result, str], str]


def markdown(results: Results) -> str:
    parts = ["# What a request costs", _origin(results)]
    for section in measured_sections(results):
        works = of_section(results, section)
        figures = _layers(works) if section == CHANNEL_LAYERS else _section(works)
        parts += [f"## {section}", NOTES.get(section, ""), *figures]
    parts += ["## The bars", bars(results), _failures(results)]
    return "\n\n".join(part for part in parts if part) + "\n"


def bars(results: Results) -> str:
    """Those of the workloads that were measured, as a table."""
    found = [_bar(verdict) for verdict in judge(results) if verdict.bar.work in results.works]
    return rows(("work", "server", "bar", "found", "against", "holds"), found)


def _section(works: Works) -> list[str]:
    timed = {name: result for name, result in works.items() if result.unit == MICROSECONDS}
    held = {name: result for name, result in works.items() if result.unit == BYTES}
    costs, speeds = _table(timed, _cost, _ratio), _table(timed, _speed)
    return [
        "### CPU microseconds of the server for one request or message",
        "The median of the rounds, and half the distance between the extremes." if costs else "",
        costs,
        *(_sentence(name, timed[name]) for name in SENTENCES if name in timed),
        *(("### Requests or messages per second, and the 99th percentile of their time",) if speeds else ()),
        "A noisy figure: the load generator is often the slower one." if speeds else "",
        speeds,
        "### Resident bytes of one connection" if held else "",
        _table(held, _bytes, _ratio),
    ]


def _layers(works: Works) -> list[str]:
    return [
        "The median of the rounds, and half the distance between the extremes.",
        _table(works, _figure_of_layer, _ratio),
        *(_losses(name, result) for name, result in works.items()),
    ]


def _origin(results: Results) -> str:
    machine = results.machine
    dates = sorted({result.date for result in results.works.values()})
    programs = ", ".join(str(machine[name]) for name in ("wrk", "h2load", "redis") if name in machine)
    versions = [f"{name} {results.versions[name]}" for name in PACKAGES if name in results.versions]
    return (
        f"Measured {' to '.join(dict.fromkeys((dates[0], dates[-1])))} on {machine['cpu']}, "
        f"{machine['cores']} cores, {machine['kernel']}, {machine['python']}, {programs}: "
        f"{', '.join(versions)}. One worker, no access log, the server pinned to one core and the load to "
        "another, the servers in turns."
    )


def _table(works: Works, cell: Cell, last: Callable[[str, Result], str] | None = None) -> str:
    """Of the works that some peer did; nothing when there are none."""
    works = {name: result for name, result in works.items() if _has_peers(name)}
    used = [name for name in COLUMNS if any(name in result.samples for result in works.values())]
    if not works:
        return ""
    head = ["work", *(CONTESTANTS[name].title for name in used)]
    lines = [[WORKS[name].title, *(cell(works[name], server) for server in used)] for name in works]
    if last is not None:
        head.append("of the best peer")
        lines = [[*line, last(name, works[name])] for line, name in zip(lines, works, strict=True)]
    return rows(head, lines)


def _has_peers(work: str) -> bool:
    return any(CONTESTANTS[name].role is Role.PEER for name in WORKS[work].servers)


def _cost(result: Result, server: str) -> str:
    cost = result.cost(server)
    return "" if cost is None else f"{_mark(server, number(cost))} ± {result.spread(server):.0%}"


def _speed(result: Result, server: str) -> str:
    speed, p99 = result.per_second(server), result.p99_ms(server)
    return "" if speed is None or p99 is None else f"{speed:,.0f}, {number(p99)} ms"


def _figure_of_layer(result: Result, layer: str) -> str:
    figure, p99 = result.figure(layer), result.p99_ms(layer)
    if figure is None:
        return ""
    tail = "" if p99 is None else f", p99 {number(p99)} ms"
    told = f"{number(figure)}{f' {result.unit}' if result.unit == MICROSECONDS else ''}"
    return f"{_mark(layer, told)} ± {result.spread(layer):.0%}{tail}"


def _losses(work: str, result: Result) -> str:
    """Nothing when all that was sent came."""
    lost = {CONTESTANTS[name].title: count for name in result.samples if (count := result.lost(name))}
    told = ", ".join(f"{count:,} on {title}" for title, count in lost.items())
    return f'Of what was sent for "{WORKS[work].title}" there never came: {told}.' if lost else ""


def _bytes(result: Result, server: str) -> str:
    cost = result.cost(server)
    return "" if cost is None else _mark(server, f"{cost:,.0f}")


def _ratio(work: str, result: Result) -> str:
    compared = to_best_peer(result, WORKS[work].ours)
    return "" if compared is None else f"{compared.figure:.2f}"


def _sentence(work: str, result: Result) -> str:
    first, second, words = SENTENCES[work]
    costs = result.cost(first), result.cost(second)
    return "" if None in costs else words.format(*(number(cost) for cost in costs if cost is not None))


def _bar(verdict: Verdict) -> list[str]:
    bar, compared = verdict.bar, verdict.compared
    limit = f"at {'least' if bar.at_least else 'most'} {_figure(bar.limit)}{', wanted' if bar.wanted else ''}"
    if compared is None:
        return [WORKS[bar.work].title, "", limit, "not measured", "", "no"]
    found = [_figure(compared.figure), compared.other, "yes" if verdict.holds else "**no**"]
    return [WORKS[bar.work].title, CONTESTANTS[compared.ours].title, limit, *found]


def _failures(results: Results) -> str:
    lines = [
        f"- {CONTESTANTS[server].title}, {WORKS[work].title}: {reason}"
        for work, result in results.works.items()
        for server, reason in result.failed.items()
    ]
    return "\n".join(["## What a server could not do", "", *lines]) if lines else ""


def _mark(server: str, text: str) -> str:
    return f"**{text}**" if CONTESTANTS[server].role is Role.OURS else text


def _figure(value: float) -> str:
    """A ratio, or a number of bytes."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.2f}"
