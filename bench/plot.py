"""The results of a section as an SVG drawing: a line for each workload, a mark for each server, log scale.

Penstock's own cost is 1 in every line. The colours are of middle lightness and the ground is transparent,
so that it reads on white and on black; every server has a shape of its own too, for those who do not tell
the colours apart.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from html import escape
from math import ceil, cos, floor, log2, radians, sin

from bench.bars import OURS
from bench.figures import BYTES, Result, Results
from bench.kinds import HTTP1, HTTP2
from bench.sections import of_section
from bench.servers import SERVERS
from bench.workloads import WORKS

PLOTS = {HTTP1: "results.svg", HTTP2: "results-http2.svg"}

WIDTH, LEFT, RIGHT = 880, 250, 90
TOP, LINE, BOTTOM = 96, 27, 30
LEGEND_COLUMNS = 4
INK = "#7d8590"
RADIUS = 6.0

# colour, corners (0 is a circle), and by how many degrees the shape is turned
MARKS = {
    "penstock": ("#12a37b", 0, 0),
    "granian": ("#d9822b", 4, 45),
    "uvicorn": ("#5b8def", 3, -90),
    "uvicorn-zttp": ("#8a70e0", 3, 90),
    "gunicorn": ("#c2598f", 4, 0),
    "hypercorn": ("#a08c3a", 5, -90),
    "daphne": ("#d0564f", 6, 0),
    "floor": ("#7d8590", 2, 90),
}


@dataclass(frozen=True, slots=True)
class Scale:
    """Places ratios between the powers of two `lowest` and `highest`."""

    lowest: int
    highest: int

    @classmethod
    def around(cls, ratios: Iterable[float]) -> "Scale":
        logs = [log2(ratio) for ratio in ratios]
        return cls(floor(min(logs)), max(ceil(max(logs)), 1))

    def place(self, ratio: float) -> float:
        share = (log2(ratio) - self.lowest) / (self.highest - self.lowest)
        return LEFT + share * (WIDTH - LEFT - RIGHT)

    def ticks(self) -> list[float]:
        return [2.0**power for power in range(self.lowest, self.highest + 1)]


def svg(results: Results, section: str) -> str:
    """Nothing when nothing of that section was measured."""
    found = {name: _ratios(result) for name, result in of_section(results, section).items()}
    works = {name: ratios for name, ratios in found.items() if ratios}
    if not works:
        return ""
    scale = Scale.around(ratio for ratios in works.values() for ratio in ratios.values())
    bottom = TOP + LINE * len(works)
    shown = [name for name in MARKS if any(name in ratios for ratios in works.values())]
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {bottom + BOTTOM}" '
        f'font-family="system-ui, sans-serif" font-size="13" fill="{INK}">',
        "<title>What a request costs, with Penstock's cost as 1</title>",
        *_legend(shown),
        *_grid(scale, bottom),
        _text(WIDTH - 10, TOP - 16, "Penstock", "end"),
    ]
    for number, (name, ratios) in enumerate(works.items()):
        lines += _row(results.works[name], WORKS[name].title, ratios, scale, TOP + LINE * (number + 0.5))
    return "\n".join([*lines, "</svg>"]) + "\n"


def _ratios(result: Result) -> dict[str, float]:
    """The cost on each server divided by our own; nothing when ours is not known."""
    ours = result.cost(OURS)
    costs = {name: result.cost(name) for name in MARKS}
    return {name: cost / ours for name, cost in costs.items() if cost and ours}


def _legend(shown: list[str]) -> list[str]:
    lines = []
    for number, name in enumerate(shown):
        row, column = divmod(number, LEGEND_COLUMNS)
        x, y = 20 + column * (WIDTH - 40) / LEGEND_COLUMNS, 16 + row * 22
        lines += [_mark(name, x, y), _text(x + 14, y, SERVERS[name].title)]
    return lines


def _grid(scale: Scale, bottom: float) -> list[str]:
    lines = []
    for tick in scale.ticks():
        x = scale.place(tick)
        width = 1.5 if tick == 1 else 0.5
        lines.append(
            f'<line x1="{x:.1f}" y1="{TOP - 6}" x2="{x:.1f}" y2="{bottom}" stroke="{INK}" '
            f'stroke-width="{width}" stroke-opacity="0.6"/>'
        )
        lines += [_text(x, edge, f"{tick:g} x", "middle") for edge in (TOP - 16, bottom + 14)]
    return lines


def _row(result: Result, title: str, ratios: dict[str, float], scale: Scale, y: float) -> list[str]:
    """Penstock's mark comes last, and so on top."""
    ours = result.cost(OURS) or 0.0
    figure = (
        f"{ours / 1000:.1f} kB"
        if result.unit == BYTES
        else f"{ours:,.0f} µs"
        if ours >= 100
        else f"{ours:.1f} µs"
    )
    marks = [_mark(name, scale.place(ratio), y) for name, ratio in reversed(ratios.items())]
    return [_text(LEFT - 20, y, title, "end"), *marks, _text(WIDTH - 10, y, figure, "end")]


def _mark(name: str, x: float, y: float) -> str:
    colour, corners, turn = MARKS[name]
    if corners == 0:
        return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{RADIUS:g}" fill="{colour}"/>'
    angles = [radians(turn + 360 * corner / corners) for corner in range(corners)]
    points = " ".join(f"{x + RADIUS * cos(angle):.1f},{y + RADIUS * sin(angle):.1f}" for angle in angles)
    stroke = f'stroke="{colour}" stroke-width="2" stroke-linejoin="round"'
    return f'<polygon points="{points}" fill="{colour}" {stroke}/>'


def _text(x: float, y: float, text: str, anchor: str = "start") -> str:
    return f'<text x="{x:.1f}" y="{y + 4.5:.1f}" text-anchor="{anchor}">{escape(text)}</text>'
