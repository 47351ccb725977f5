"""Load on a server, and what came of it: wrk and h2load for HTTP, our own generators for WebSocket."""

import json
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bench import h2load
from bench.kinds import Http2WebSocketWork, Http2Work, HttpWork, WebSocketWork, Work
from bench.processes import run_pinned

SCRIPT = Path(__file__).parent / "wrk.lua"
ERRORS = ("connect", "read", "write", "status", "timeout", "failed", "errored")


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

    def run(self, work: Work, port: int, seconds: float) -> Load:
        try:
            output = run_pinned(self._command(work, port, seconds), {self.core}, self.environment)
            if isinstance(work, Http2Work):
                return _read(h2load.figures(work, output, self.folder))
        except subprocess.CalledProcessError as error:
            raise LoadFailed("".join(error.output.splitlines()[-1:])) from error
        except h2load.NoSummary as error:
            raise LoadFailed(str(error)) from error
        return _read(json.loads(output.splitlines()[-1]))

    def _command(self, work: Work, port: int, seconds: float) -> list[str]:
        if isinstance(work, HttpWork):
            return self._wrk(work, port, seconds)
        if isinstance(work, Http2Work):
            return h2load.command(work, port, seconds, self.folder)
        if isinstance(work, WebSocketWork):
            words = [f"ws://127.0.0.1:{port}/", work.connections, work.size, seconds]
            return self._python("bench.echoes", *words)
        assert isinstance(work, Http2WebSocketWork)
        words = [port, work.connections, work.streams, work.over_http1.size, seconds]
        return self._python("bench.http2_echoes", *words)

    def _wrk(self, work: HttpWork, port: int, seconds: float) -> list[str]:
        request = self.folder / f"{work.name}.request"
        request.write_bytes(work.request)
        url = f"{'https' if work.tls else 'http'}://127.0.0.1:{port}/"
        return [
            *("wrk", "--threads", "1", "--connections", str(work.connections), "--timeout", "30s"),
            *("--duration", f"{max(1, round(seconds))}s", "--script", str(SCRIPT), url, "--", str(request)),
        ]

    def _python(self, module: str, *words: object) -> list[str]:
        return [str(self.programs / "python"), "-m", module, *(str(word) for word in words)]


def _read(figures: dict[str, float]) -> Load:
    errors = {name: count for name in ERRORS if (count := figures.get(name, 0))}
    if errors or not figures["requests"]:
        raise LoadFailed(f"{figures['requests']:.0f} requests, errors: {errors or 'none'}")
    return Load(int(figures["requests"]), figures["seconds"], figures["p99_ms"])
