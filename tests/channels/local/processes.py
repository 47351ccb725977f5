"""Starting, asking and killing the processes of the tests (`worker`)."""

import asyncio
import json
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

Received = list[int | None]  # by one reader: the numbers of messages, None for a gap
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
        self._answering = asyncio.Lock()  # in the order in which it was asked

    async def ask(self, *words: object) -> Any:
        self._stdin.write(" ".join(map(str, words)).encode() + b"\n")
        async with self._answering:
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


async def wait_reports(workers: list[Worker], is_enough: Callable[[list[Received]], bool]) -> list[Received]:
    """What all their readers have received, as soon as it is enough. The test's own time is the limit."""
    reports: dict[Worker, list[Received]] = {worker: [] for worker in workers}
    asking: dict[Worker, asyncio.Task[list[Received]]] = {}
    while not is_enough([received for report in reports.values() for received in report]):
        for worker in reports.keys() - asking.keys():
            seen = sum(map(len, reports[worker]))
            asking[worker] = asyncio.create_task(worker.ask("news", seen))
        await asyncio.wait(asking.values(), return_when=asyncio.FIRST_COMPLETED)
        for worker in [worker for worker, news in asking.items() if news.done()]:
            reports[worker] = asking.pop(worker).result()
    for worker, news in asking.items():
        await worker.ask("report")  # before it, the worker answers what it was asked earlier
        await news
    return [received for report in reports.values() for received in report]
