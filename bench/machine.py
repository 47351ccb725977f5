"""The machine that the figures come from: its facts, and which of its cores serve and which make the load."""

import os
import platform
import subprocess
import sysconfig
from pathlib import Path

MINIMUM_CORES = 2


class TooFewCores(Exception):
    """Server and load generator would share a core."""


def choose_cores() -> tuple[int, int]:
    """One core for the server, one for the load: not two threads of the same core where that can be had."""
    usable = sorted(os.sched_getaffinity(0))
    if len(usable) < MINIMUM_CORES:
        raise TooFewCores("two processor cores are needed: one for the server, one for the load")
    load, *others = usable
    apart = [core for core in others if core not in _siblings(load)]
    return (apart or others)[0], load


def facts() -> dict[str, str | int]:
    return {
        "cpu": _cpu_model(),
        "cores": os.cpu_count() or 0,
        "kernel": f"{platform.system()} {platform.release()}",
        "python": _python(),
        "wrk": _wrk_version(),
        "h2load": _h2load_version(),
        "redis": _redis_version(),
    }


def _siblings(core: int) -> set[int]:
    """The threads of that core; the kernel lists them as in `0,4` or `0-1`."""
    path = Path(f"/sys/devices/system/cpu/cpu{core}/topology/thread_siblings_list")
    if not path.exists():
        return set()
    found: set[int] = set()
    for part in path.read_text().strip().split(","):
        first, _, last = part.partition("-")
        found |= set(range(int(first), int(last or first) + 1))
    return found


def _cpu_model() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def _python() -> str:
    """A build without profile-guided optimisation is slower, and so is named."""
    build = (
        ""
        if "--enable-optimizations" in (sysconfig.get_config_var("CONFIG_ARGS") or "")
        else " (not optimised)"
    )
    return f"{platform.python_implementation()} {platform.python_version()}{build}"


def _wrk_version() -> str:
    """wrk prints its version and ends with code 1."""
    printed = subprocess.run(["wrk", "--version"], capture_output=True, text=True, check=False).stdout
    return printed.partition("[")[0].strip()


def _h2load_version() -> str:
    """As in `h2load nghttp2/1.52.0`."""
    return subprocess.run(["h2load", "--version"], capture_output=True, text=True, check=True).stdout.strip()


def _redis_version() -> str:
    """As in `Redis 7.0.15`, from a line with more."""
    printed = subprocess.run(["redis-server", "--version"], capture_output=True, text=True, check=True).stdout
    return f"Redis {printed.partition('v=')[2].partition(' ')[0]}"
