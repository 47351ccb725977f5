"""Measures, and says what came out.

`python -m bench --work hello --rounds 3` measures one workload in half a minute. Only the standard library
is needed; what is measured, and the WebSocket load generator, are installed into `.bench-venv` with the
Python that runs this.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from bench import environment, machine, material
from bench.bars import judge
from bench.contestants import CONTESTANTS
from bench.figures import Results
from bench.idle import allow_open_files
from bench.plot import PLOTS, svg
from bench.processes import end_on_sigterm
from bench.readme import filled
from bench.report import bars, markdown
from bench.rounds import measure
from bench.turns import Plan
from bench.workloads import WORKS

HERE = Path(__file__).parent
SAVED = HERE / "results.json"
TABLES = HERE / "results.md"
README = HERE.parent / "README.md"
INTERRUPTED = 130


def main() -> int:
    options = _parser().parse_args()
    if options.check:
        return _check(Results.load(SAVED))
    if options.draw:
        _write(Results.load(SAVED))
        return 0
    end_on_sigterm()
    try:
        results = _run(options)
    except KeyboardInterrupt:
        return INTERRUPTED
    except (environment.Missing, machine.TooFewCores) as error:
        _tell(str(error))
        return 1
    sys.stdout.write(markdown(results))
    if options.save:
        _save(results)
    return 0


def _run(options: argparse.Namespace) -> Results:
    environment.install_peers()
    if options.servers is None or any(CONTESTANTS[name].runs_penstock for name in options.servers):
        environment.install_penstock()
    material.prepare_file()
    allow_open_files(max(work.connections for work in WORKS.values()))
    server_core, load_core = machine.choose_cores()
    plan = Plan(options.rounds, options.seconds, server_core, load_core, _tell)
    results = Results(machine.facts(), environment.versions())
    for name in options.work or WORKS:
        servers = _servers(WORKS[name].servers, options.servers)
        if servers:
            _tell(WORKS[name].title)
            results.works[name] = measure(WORKS[name], servers, plan)
    return results


def _servers(of_work: Sequence[str], chosen: Sequence[str] | None) -> list[str]:
    return [name for name in of_work if chosen is None or name in chosen]


def _save(results: Results) -> None:
    """Adds to what was measured before, when that was the same programs on the same machine."""
    if SAVED.exists():
        before = Results.load(SAVED)
        if (before.machine, before.versions) == (results.machine, results.versions):
            works = {**before.works, **results.works}
            results.works = {name: works[name] for name in WORKS if name in works}
    results.save(SAVED)
    _write(results)


def _write(results: Results) -> None:
    TABLES.write_text(markdown(results))
    for section, name in PLOTS.items():
        if drawing := svg(results, section):
            (HERE / name).write_text(drawing)
    README.write_text(filled(README.read_text(), results))


def _check(results: Results) -> int:
    """Prints the bars; 1 unless all hold that are not only wanted."""
    sys.stdout.write(bars(results) + "\n")
    return 0 if all(verdict.holds or verdict.bar.wanted for verdict in judge(results)) else 1


def _tell(line: str) -> None:
    sys.stderr.write(line + "\n")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--work", nargs="+", choices=WORKS, metavar="WORK", help=f"of {', '.join(WORKS)}")
    parser.add_argument(
        "--servers", nargs="+", choices=CONTESTANTS, metavar="SERVER", help=f"of {', '.join(CONTESTANTS)}"
    )
    parser.add_argument("--rounds", type=int, default=5, help="how often each server has its turn (5)")
    parser.add_argument(
        "--seconds", type=float, default=3, help="how long a turn is (3; of a channel layer half of that)"
    )
    parser.add_argument(
        "--save",
        action="store_true",
        help="write results.json, and from it results.md, the drawings and the README",
    )
    parser.add_argument("--draw", action="store_true", help="write them from results.json again")
    parser.add_argument("--check", action="store_true", help="compare results.json with the bars")
    return parser


if __name__ == "__main__":
    sys.exit(main())
