"""The figures in the README: the drawing and a short table, between two markers."""

from collections.abc import Iterator, Sequence

from bench.bars import best_peer
from bench.contestants import CONTESTANTS
from bench.figures import Result, Results
from bench.kinds import CHANNEL_LAYERS
from bench.plot import PLOTS
from bench.sections import NOTES, measured_sections, of_section
from bench.starting import Role
from bench.table import number, rows
from bench.workloads import WORKS

BEGIN, END = "<!-- bench -->", "<!-- /bench -->"


def filled(text: str, results: Results) -> str:
    """The README with the figures of `results`. Raises ValueError when a marker is missing."""
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"the README has no {BEGIN} and {END}")
    return f"{before}{BEGIN}\n{_section(results)}\n{END}{after}"


def _section(results: Results) -> str:
    machine = results.machine
    sections = measured_sections(results)
    return "\n\n".join(
        (
            "Processor time of the server for one request or message, with Penstock's as 1; less is better.",
            *(part for section in sections for part in _of_section(results, section, len(sections) > 1)),
            f"{machine['python']}, {machine['cpu']}, one worker, access log off. `make bench` measures it\n"
            "again; [bench/results.md](bench/results.md) has every figure.",
        )
    )


def _of_section(results: Results, section: str, titled: bool) -> list[str]:
    drawing = PLOTS.get(section)
    words = "The cost of each kind of work on Penstock and on other servers"
    parts = [
        f"### {section}" if titled else "",
        f"![{words}{f', {section}' if titled else ''}](bench/{drawing})" if drawing else "",
        _table(results, section),
        NOTES.get(section, ""),
    ]
    return [part for part in parts if part]


def _table(results: Results, section: str) -> str:
    lines = [line for name, result in of_section(results, section).items() for line in _lines(name, result)]
    return rows(("work", "Penstock", "best of the others", "ratio"), lines) if lines else ""


def _lines(work: str, result: Result) -> Iterator[Sequence[str]]:
    """One; of a channel layer one for each of ours."""
    best = best_peer(result)
    theirs = None if best is None else result.figure(best)
    several = WORKS[work].section == CHANNEL_LAYERS
    for name in _ours(work) if several else [WORKS[work].ours]:
        ours = result.figure(name)
        if ours is not None and best is not None and theirs is not None:
            told = f"**{number(ours)} {result.unit}**" + (f" ({_kind(name)})" if several else "")
            peer = f"{number(theirs)} {result.unit} ({CONTESTANTS[best].title})"
            yield WORKS[work].title, told, peer, f"{ours / theirs:.2f}"


def _ours(work: str) -> list[str]:
    return [name for name in WORKS[work].servers if CONTESTANTS[name].role is Role.OURS]


def _kind(layer: str) -> str:
    """As in "Penstock, Redis", below "Penstock"."""
    return CONTESTANTS[layer].title.partition(", ")[2]
