"""CPU time and resident memory of a server, which is a process and everything it has started.

Read from /proc: user and system time of all threads, in clock ticks of 10 ms, including that of children
already gone.
"""

import os
from dataclasses import dataclass
from pathlib import Path

TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
PROC = Path("/proc")


@dataclass(frozen=True, slots=True)
class Process:
    pid: int
    parent: int
    ticks: int
    resident_pages: int


def cpu_seconds(root: int) -> float:
    return sum(process.ticks for process in tree(root)) / TICKS_PER_SECOND


def resident_bytes(root: int) -> int:
    return sum(process.resident_pages for process in tree(root)) * PAGE_BYTES


def tree(root: int) -> list[Process]:
    """The process and its descendants, those that live."""
    alive = [process for entry in PROC.iterdir() if (process := _read(entry)) is not None]
    found = [process for process in alive if process.pid == root]
    for ancestor in found:
        found += [process for process in alive if process.parent == ancestor.pid]
    return found


def _read(entry: Path) -> Process | None:
    """Parses /proc/PID/stat; the name in parentheses may hold anything, so the fields count from its end."""
    if not entry.name.isdecimal():
        return None
    try:
        text = (entry / "stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return None
    fields = text.rpartition(")")[2].split()
    user, system, children_user, children_system = (int(field) for field in fields[11:15])
    return Process(
        pid=int(entry.name),
        parent=int(fields[1]),
        ticks=user + system + children_user + children_system,
        resident_pages=int(fields[21]),
    )
