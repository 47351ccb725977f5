"""Starting, asking and killing the processes of the tests (`worker`)."""

import asyncio
import json
import signal
import sys
from pathlib import Path
from types import TracebackType
from typing import Any, Self

WORKER = Path(__file__).with_name("worker.py")


class Workers:
    """Those of one test, on one socket; whatever still runs at its end is killed."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._workers: list[Worker] = []

    async def start(self) -> "Worker":
        """A process that has opened the layer."""
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            str(WORKER),
            self._url,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            limit=1 << 24,
        )
        worker = Worker(process)
        self._workers.append(worker)
        assert await worker.answer() == "open"
        return worker

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for worker in self._workers:
            await worker.kill()


class Worker:
    def __init__(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        self._process = process
        self._stdin, self._stdout = process.stdin, process.stdout

    async def ask(self, *words: object) -> Any:
        self._stdin.write(" ".join(map(str, words)).encode() + b"\n")
        return await self.answer()

    async def answer(self) -> Any:
        return json.loads(await self._stdout.readline())

    def stop(self) -> None:
        self._process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        self._process.send_signal(signal.SIGCONT)

    async def kill(self) -> None:
        if self._process.returncode is None:
            self._process.kill()
        await self._process.wait()
        self._stdin.close()
