"""One workload over its channel layers, in turns, as `rounds.py` does with servers.

Each sample is a run of the work's program for one layer, with a Redis server of its own: nothing is left over
from the run before. A program of one process has a core, Redis the other; more processes share both with it.
"""

import json
import subprocess
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

from bench import environment
from bench.figures import A_SECOND, Result, Sample
from bench.kinds import LayerWork
from bench.layers import LAYERS, Layer
from bench.load import LoadFailed
from bench.processes import free_port, pinned_server, run_pinned
from bench.starting import ADDRESS, Role
from bench.turns import Plan, noting_failure, turned

# Of a server's turn: a program starts anew in each round, and warms up by itself.
SHARE = 0.5


def measure_layers(work: LayerWork, layers: Sequence[str], plan: Plan) -> Result:
    """The samples of all layers. One that fails is left out from then on, and the result says why."""
    result = Result(work.unit, date.today().isoformat())
    for number in range(plan.rounds):
        for name in turned(layers, number):
            if name in result.failed:
                continue
            with noting_failure(result, name, plan.tell):
                sample = _sample(work, LAYERS[name], plan)
                result.samples.setdefault(name, []).append(sample)
                plan.tell(f"  {number + 1}/{plan.rounds} {name:16} {_told(sample, work.unit)}")
    return result


def _sample(work: LayerWork, layer: Layer, plan: Plan) -> Sample:
    """Raises LoadFailed, also when a layer of ours has lost something."""
    both = {plan.server_core, plan.load_core}
    ours, of_redis = (both, both) if work.processes > 1 else ({plan.server_core}, {plan.load_core})
    with TemporaryDirectory() as folder, _behind(layer, of_redis, Path(folder)) as address:
        sample = _run(work, layer, address, ours, plan.seconds * SHARE)
    if sample.lost and layer.role is Role.OURS:
        raise LoadFailed(f"{sample.lost} messages did not come")
    return sample


@contextmanager
def _behind(layer: Layer, cores: Collection[int], folder: Path) -> Iterator[str]:
    """The layer's address, while what is behind it runs."""
    port = free_port()
    if not layer.needs_redis:
        yield layer.address(port, folder)
        return
    command = ["redis-server", "--bind", ADDRESS, "--port", str(port), "--dir", str(folder)]
    command += ["--save", "", "--appendonly", "no"]
    with pinned_server(command, cores, port, folder / "redis.log", environment.server_environment()):
        yield layer.address(port, folder)


def _run(work: LayerWork, layer: Layer, address: str, cores: Collection[int], seconds: float) -> Sample:
    words = ["--layer", layer.name, "--address", address, "--seconds", str(seconds), *work.options]
    command = [str(environment.PROGRAMS / "python"), "-m", work.program, *words]
    try:
        lines = run_pinned(command, cores, environment.server_environment()).splitlines()
    except subprocess.CalledProcessError as error:
        raise LoadFailed("".join(error.output.splitlines()[-1:])) from error
    # Layers may complain behind the figures, of tasks that the end of the loop has cancelled.
    figures = [line for line in lines if line.startswith('{"cost"')]
    return Sample(**json.loads(figures[-1]))


def _told(sample: Sample, unit: str) -> str:
    figure = f"{sample.per_second:10.0f} a second" if unit == A_SECOND else f"{sample.cost:10.2f} {unit}"
    return figure + (f", {sample.lost} lost" if sample.lost else "")
