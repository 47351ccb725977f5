"""Load on a server, and what came of it: wrk for HTTP, `bench.echoes` for WebSocket."""

import json
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bench.processes import run_pinned
from bench.workloads import HttpWork, WebSocketWork

SCRIPT = Path(__file__).parent / "wrk.lua"
ERRORS = ("connect", "read", "write", "status", "timeout")


class LoadFailed(Exception):
    """Some request was not answered, or wrongly; the figures of that run are worth nothing."""


@dataclass(frozen=True, slots=True)
class Load:
    requests: int
    seconds: float
    p99_ms: float


@dataclass(frozen=True, slots=True)
class Generator:
    """Where the load comes from: a core, the folder of the environment's programs, and a place for files."""

    core: int
    programs: Path
    folder: Path
    environment: Mapping[str, str]

    def run(self, work: HttpWork | WebSocketWork, port: int, seconds: float) -> Load:
        command = (
            self._wrk(work, port, seconds)
            if isinstance(work, HttpWork)
            else self._echoes(work, port, seconds)
        )
        try:
            output = run_pinned(command, self.core, self.environment)
        except subprocess.CalledProcessError as error:
            raise LoadFailed(error.output[-500:]) from error
        return _read(json.loads(output.splitlines()[-1]))

    def _wrk(self, work: HttpWork, port: int, seconds: float) -> list[str]:
        request = self.folder / f"{work.name}.request"
        request.write_bytes(work.request)
        url = f"{'https' if work.tls else 'http'}://127.0.0.1:{port}/"
        return [
            *("wrk", "--threads", "1", "--connections", str(work.connections), "--timeout", "30s"),
            *("--duration", f"{max(1, round(seconds))}s", "--script", str(SCRIPT), url, "--", str(request)),
        ]

    def _echoes(self, work: WebSocketWork, port: int, seconds: float) -> list[str]:
        url = f"ws://127.0.0.1:{port}/"
        words = [url, str(work.connections), str(work.size), str(seconds)]
        return [str(self.programs / "python"), "-m", "bench.echoes", *words]


def _read(figures: dict[str, float]) -> Load:
    errors = {name: count for name in ERRORS if (count := figures.get(name, 0))}
    if errors or not figures["requests"]:
        raise LoadFailed(f"{figures['requests']:.0f} requests, errors: {errors or 'none'}")
    return Load(int(figures["requests"]), figures["seconds"], figures["p99_ms"])
