"""One workload over all its servers, in turns: each once in every round, and another first each time.

All servers of a workload run from the first round to the last, since a server that waits costs nothing;
only one at a time has load. Before that, each must give the right answer once, and gets a little load to
warm up.
"""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import date

from bench import environment, material
from bench.figures import BYTES, MICROSECONDS, Result, Sample
from bench.idle import bytes_per_connection
from bench.kinds import LayerWork, MemoryWork, Work
from bench.layer_rounds import measure_layers
from bench.load import Generator
from bench.measure import cpu_seconds
from bench.processes import free_port, pinned_server
from bench.proof import prove
from bench.servers import SERVERS
from bench.starting import Start
from bench.turns import Plan, noting_failure, turned

WARM_UP_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Running:
    name: str
    work: Work
    pid: int
    port: int


def measure(work: Work, servers: Sequence[str], plan: Plan) -> Result:
    """The samples of all servers. One that fails is left out from then on, and the result says why."""
    if isinstance(work, MemoryWork):
        return _measure_memory(work, servers, plan)
    if isinstance(work, LayerWork):
        return measure_layers(work, servers, plan)
    result = Result(MICROSECONDS, date.today().isoformat())
    generator = _generator(plan)
    with ExitStack() as stack:
        running: list[Running] = []
        for name in servers:
            with noting_failure(result, name, plan.tell):
                server = stack.enter_context(_start(name, work, plan.server_core))
                prove(server.work, server.port, material.FOLDER)
                generator.run(server.work, server.port, WARM_UP_SECONDS)
                running.append(server)
        for number in range(plan.rounds):
            for server in turned(running, number):
                if server.name not in result.failed:
                    with noting_failure(result, server.name, plan.tell):
                        sample = _sample(server, generator, plan.seconds)
                        result.samples.setdefault(server.name, []).append(sample)
                        plan.tell(f"  {number + 1}/{plan.rounds} {server.name:16} {sample.cost:10.2f} µs")
    return result


def _measure_memory(work: MemoryWork, servers: Sequence[str], plan: Plan) -> Result:
    """A new process for each sample: one that held thousands of connections has room for more."""
    result = Result(BYTES, date.today().isoformat())
    for number in range(plan.rounds):
        for name in turned(servers, number):
            if name in result.failed:
                continue
            with noting_failure(result, name, plan.tell), _start(name, work, plan.server_core) as server:
                sample = Sample(bytes_per_connection(work, server.port, server.pid))
                result.samples.setdefault(name, []).append(sample)
                plan.tell(f"  {number + 1}/{plan.rounds} {name:16} {sample.cost:10.0f} bytes")
    return result


def _sample(server: Running, generator: Generator, seconds: float) -> Sample:
    before = cpu_seconds(server.pid)
    load = generator.run(server.work, server.port, seconds)
    used = cpu_seconds(server.pid) - before
    return Sample(
        cost=round(used / load.requests * 1e6, 3),
        per_second=round(load.requests / load.seconds, 1),
        p99_ms=round(load.p99_ms, 3),
        busy=round(used / load.seconds, 3),
    )


@contextmanager
def _start(name: str, work: Work, core: int) -> Iterator[Running]:
    work = work.on(name)
    port = free_port()
    certificate, key = material.certificate() if work.tls else (None, None)
    start = Start(work.app, port, work.interface, work.websocket, work.http2, certificate, key)
    program, *words = SERVERS[name].command(start)
    command = [str(environment.PROGRAMS / program), *words]
    log = material.FOLDER / f"{name}.log"
    with pinned_server(command, {core}, port, log, environment.server_environment()) as pid:
        yield Running(name, work, pid, port)


def _generator(plan: Plan) -> Generator:
    variables = environment.server_environment()
    return Generator(plan.load_core, environment.PROGRAMS, material.FOLDER, variables)
