"""h2load, the load generator for HTTP/2: its command, and what it says afterwards.

Its summary tells how many requests were answered and how. The 99th percentile comes from the log that it
writes beside, a line for each request. Streams that are open when the time is over count as nothing.
"""

import re
from pathlib import Path

from bench.kinds import Http2Work

COUNTS = re.compile(r"requests: .* (\d+) succeeded, (\d+) failed, (\d+) errored, (\d+) timeout")
STATUSES = re.compile(r"status codes: \d+ 2xx, (\d+) 3xx, (\d+) 4xx, (\d+) 5xx")
FINISHED = re.compile(r"finished in ([\d.]+)(us|ms|s),")
PROTOCOL = re.compile(r"Application protocol: (\S+)")
SECONDS = {"us": 1e-6, "ms": 1e-3, "s": 1.0}


class NoSummary(Exception):
    """h2load ended without one, or never spoke HTTP/2."""


def command(work: Http2Work, port: int, seconds: float, folder: Path) -> list[str]:
    """Without `--npn-list` it would take HTTP/1.1 from a server that offers nothing else over TLS."""
    words = ["h2load", "--threads", "1", "--clients", str(work.connections), "--npn-list", "h2"]
    words += ["--max-concurrent-streams", str(work.streams), "--duration", str(max(1, round(seconds)))]
    words += ["--log-file", str(_fresh_log(work, folder))]
    if work.body:
        words += ["--data", str(body_file(work, folder))]
    return [*words, f"{'https' if work.tls else 'http'}://127.0.0.1:{port}/"]


def figures(work: Http2Work, summary: str, folder: Path) -> dict[str, float]:
    """Raises NoSummary."""
    counts, statuses = COUNTS.search(summary), STATUSES.search(summary)
    finished, protocol = FINISHED.search(summary), PROTOCOL.search(summary)
    if counts is None or statuses is None or finished is None or protocol is None:
        raise NoSummary(summary[-500:])
    if protocol[1] not in ("h2", "h2c"):
        raise NoSummary(f"the server chose {protocol[1]}")
    succeeded, failed, errored, timeout = (int(count) for count in counts.groups())
    return {
        "requests": succeeded,
        "seconds": float(finished[1]) * SECONDS[finished[2]],
        "p99_ms": _p99_ms(_log(work, folder)) if succeeded else 0,
        "failed": failed,
        "errored": errored,
        "timeout": timeout,
        "status": sum(int(count) for count in statuses.groups()),
    }


def body_file(work: Http2Work, folder: Path) -> Path:
    path = folder / f"{work.name}.body"
    path.write_bytes(work.body)
    return path


def _fresh_log(work: Http2Work, folder: Path) -> Path:
    """h2load appends to the one that is there."""
    log = _log(work, folder)
    log.unlink(missing_ok=True)
    return log


def _log(work: Http2Work, folder: Path) -> Path:
    return folder / f"{work.name}.requests"


def _p99_ms(log: Path) -> float:
    """The third column holds microseconds."""
    micros = sorted(int(line.split("\t")[2]) for line in log.read_text().splitlines())
    return micros[int(len(micros) * 0.99)] / 1000
