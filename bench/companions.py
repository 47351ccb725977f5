"""A program's other processes, which read what it sends.

A companion is the same program with `--attend`. It says with its first line that it is ready, and what for;
then it may write empty lines, each of which is noted; when its input ends it tells its result, and ends.
"""

import asyncio
import json
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

Note = Callable[[], None]

# Of a line: a result may hold a figure for each message.
MAX_LINE_BYTES = 16 * 1024 * 1024


class Companion:
    """Seen from the program that started it."""

    def __init__(self, process: Process, note: Note) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        self._input, self._output = process.stdin, process.stdout
        self._note = note
        self._listening: asyncio.Task[Any] | None = None

    async def ready(self) -> Any:
        """What its first line says. Raises RuntimeError when it ends before."""
        line = await self._output.readline()
        if not line:
            raise RuntimeError("another process of the program ended before it was ready")
        self._listening = asyncio.create_task(self._listen())
        return json.loads(line)

    async def result(self) -> Any:
        assert self._listening is not None
        self._input.close()
        return await self._listening

    async def _listen(self) -> Any:
        async for line in self._output:
            if line != b"\n":
                return json.loads(line)
            self._note()
        raise RuntimeError("another process of the program ended without a result")


@asynccontextmanager
async def companion(note: Note = lambda: None) -> AsyncIterator[Companion]:
    """This program once more, with `--attend`."""
    main = sys.modules["__main__"].__spec__
    assert main is not None
    words = (sys.executable, "-m", main.name, *sys.argv[1:], "--attend")
    process = await asyncio.create_subprocess_exec(*words, stdin=PIPE, stdout=PIPE, limit=MAX_LINE_BYTES)
    try:
        yield Companion(process, note)
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


def note() -> None:
    """Said by a companion."""
    sys.stdout.write("\n")
    sys.stdout.flush()


async def attend_until_end(ready: Any = None) -> None:
    """Said by a companion: that it is ready. Returns when it is to tell its result."""
    tell(ready)
    await asyncio.to_thread(sys.stdin.buffer.read)


def tell(result: Any) -> None:
    sys.stdout.write(json.dumps(result) + "\n")
    sys.stdout.flush()
