"""Processes of their own, for tests of what is lost, doubled or told between several."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


@asynccontextmanager
async def process(script: str, *words: object) -> AsyncIterator[asyncio.subprocess.Process]:
    """It runs `script`, which has said that it is ready; it is killed at the end."""
    started = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", script, *map(str, words)),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert started.stdout is not None
    try:
        assert await started.stdout.readline() == b"ready\n"
        yield started
    finally:
        if started.returncode is None:
            started.kill()
        await started.wait()
        await started.stdout.read()
