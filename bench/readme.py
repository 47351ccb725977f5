"""The figures in the README: the drawing and a short table, between two markers."""

from bench.bars import best_peer
from bench.figures import BYTES, Results
from bench.plot import PLOTS
from bench.sections import NOTES, measured_sections, of_section
from bench.servers import SERVERS
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
    lines = []
    for name, result in of_section(results, section).items():
        ours, best = result.cost(WORKS[name].ours), best_peer(result)
        theirs = None if best is None else result.cost(best)
        if ours is not None and best is not None and theirs is not None:
            unit = "bytes" if result.unit == BYTES else "µs"
            peer = f"{number(theirs)} {unit} ({SERVERS[best].title})"
            lines.append([WORKS[name].title, f"**{number(ours)} {unit}**", peer, f"{ours / theirs:.2f}"])
    return rows(("work", "Penstock", "best of the others", "ratio"), lines) if lines else ""
