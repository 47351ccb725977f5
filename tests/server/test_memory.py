"""Keeping freed memory: in processes of their own, since it cannot be undone."""

import os
import platform
import subprocess
import sys

import pytest

PROGRAM = """
import resource
from penstock.server.memory import keep_freed_memory

kept = keep_freed_memory()
for _ in range(3):  # the heap has to grow once
    bytes(1000000)
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(100):
    bytes(1000000).count(b"x")
print(kept, resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


def run(**environment: str) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.split()


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc gives memory back so eagerly")
def test_large_blocks_come_from_memory_that_was_freed() -> None:
    kept, faults = run()
    assert kept == "True"
    assert int(faults) < 1000  # taken anew each time, it would be 24000


def test_what_the_user_has_set_stays() -> None:
    assert run(MALLOC_TRIM_THRESHOLD_="131072")[0] == "False"
