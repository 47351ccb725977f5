"""A pool of threads that is lean enough for calls of some microseconds.

Jobs wait in one queue. One idle thread is sent for, and does them in a row: threads share an interpreter, so
a second one would only take it from the first. But a job may also wait for something. So whoever gives the
jobs looks again from time to time, and `hurry`s when one is left from the last look: then each thread that
comes sends for the next as long as it leaves jobs behind. A burst of short jobs is so done by one thread, and
a burst of long ones by as many as there are. Between jobs and threads stand no locks that the loop could wait
for: a deque's `append` and `popleft` are whole, and whoever writes first and reads then cannot be missed.
"""

import logging
import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from penstock.adapters.bell import Bell

LOGGER = logging.getLogger("penstock.application")
Job = Callable[[], None]  # must not raise


class Threads:
    """At most `size` threads, made when they are needed. They are daemons: a call that never returns must
    not keep the process from ending. `is_short` tells that the system has no more of them just now.
    """

    __slots__ = (
        "_coming",
        "_hurried",
        "_idle",
        "_jobs",
        "_making",
        "_name",
        "_seen",
        "_size",
        "_stopped",
        "_submitted",
        "_wanted",
        "_when_ended",
        "_workers",
        "is_short",
    )

    def __init__(self, size: int, name: str) -> None:
        self._size = size
        self._name = name
        self._jobs: deque[Job] = deque()
        self._workers: list[_Worker] = []
        self._idle: list[_Worker] = []  # the one that was busy last comes first: its memory is still warm
        self._coming = False  # a thread has been woken or made and has not looked at the queue yet
        self._hurried = False  # a job that is here has waited too long for one thread
        self._submitted = self._seen = 0  # jobs in all, now and at the last look
        self._wanted = False  # one more thread, by whoever makes threads just now
        self._making = threading.RLock()  # the garbage collector may call `stop` at any place
        self._stopped = False
        self.is_short = False
        self._when_ended: Callable[[], None] = lambda: None

    def free(self) -> int:
        """How many more jobs find a thread at once; below zero, how many wait for the end of others."""
        more = 0 if self.is_short else self._size - len(self._workers)
        return len(self._idle) + self._coming + more - len(self._jobs)

    def waiting(self) -> list[Any]:
        """The jobs that no thread has begun, the oldest first. Called where there are too few threads."""
        return list(self._jobs.copy())  # the copy is whole, whatever the threads take meanwhile

    @property
    def running(self) -> int:
        """Threads that have not ended."""
        return len(self._workers)

    def submit(self, job: Job) -> None:
        """Queue a job; `attend` has to be called soon, once for all that were queued."""
        self._jobs.append(job)
        self._submitted += 1

    def attend(self) -> None:
        """See to it that a thread comes for the jobs."""
        if self._jobs and not self._coming:
            self._send_for_one()

    def hurry(self) -> bool:
        """To be called from time to time while there are jobs: when one is left that was here the last time,
        as many threads come as are needed. False when no job is left, or no thread that could come. Where the
        system was short of threads, one is made as soon as it can be, job or no job: whoever sees none gives
        none.
        """
        if self.is_short and not self._idle and not self._stopped:
            if not self._coming:
                self._make_one()
            return True
        begun = self._submitted - len(self._jobs)
        self._hurried = begun < self._seen
        self._seen = self._submitted
        if self._hurried:
            self.attend()
        return bool(self._jobs) and (bool(self._idle) or len(self._workers) < self._size)

    def withdraw(self, job: Job) -> bool:
        """Take back a job that no thread has begun; False when it is too late."""
        with suppress(ValueError):
            self._jobs.remove(job)
            return True
        return False

    def stop(self, when_ended: Callable[[], None]) -> None:
        """Let the threads end behind the jobs that there are; the last one calls `when_ended`."""
        with self._making:
            self._when_ended = when_ended
            self._stopped = True
            nobody = not self._workers
        if nobody:
            when_ended()
        with suppress(IndexError):
            while True:
                self._idle.pop().bell.ring()

    # Below, what the threads call.

    def work(self, worker: "_Worker") -> None:
        while (job := self._next_job(worker)) is not None:
            job()
            job = None  # or the last request would be kept until the next
        self._ended(worker)

    def _next_job(self, worker: "_Worker") -> Job | None:
        """The oldest job, when there is one; None when there will be no more."""
        while True:
            try:
                job = self._jobs.popleft()
            except IndexError:
                self._arrived(worker)
                if self._stopped:
                    return None
                self._rest(worker)
            else:
                self._arrived(worker)
                return job

    def _ended(self, worker: "_Worker") -> None:
        with self._making:
            self._workers.remove(worker)
            last = self._stopped and not self._workers
        if last:
            self._when_ended()

    def _arrived(self, worker: "_Worker") -> None:
        if worker.was_sent_for:
            worker.was_sent_for = self._coming = False
            if self._hurried and self._jobs:
                self._send_for_one()

    def _rest(self, worker: "_Worker") -> None:
        self._idle.append(worker)
        if self._jobs or self._stopped:  # came while we lay down: nobody may have seen us
            try:
                self._idle.remove(worker)
            except ValueError:
                pass  # somebody has: the wake-up is on its way
            else:
                return
        worker.bell.wait()

    def _send_for_one(self) -> None:
        try:
            worker = self._idle.pop()
        except IndexError:
            self._make_one()
        else:
            self._coming = worker.was_sent_for = True
            worker.bell.ring()

    def _make_one(self) -> None:
        """Make a thread unless there are enough. Whoever finds another at it leaves it to that one."""
        self._wanted = True
        while self._wanted and len(self._workers) < self._size and self._making.acquire(blocking=False):
            try:
                self._wanted = False
                if len(self._workers) < self._size:
                    self._start()
            finally:
                self._making.release()

    def _start(self) -> None:
        """Where the system has no thread for us, those that there are do what they can."""
        worker = None
        try:
            worker = _Worker(self, f"{self._name}-{len(self._workers) + 1}")
            self._coming = worker.was_sent_for = True
            self._workers.append(worker)
            worker.start()
        except (
            RuntimeError,
            OSError,
            MemoryError,
        ) as error:  # no thread, no descriptor for its bell, no room
            if worker is not None:
                self._workers.remove(worker)
                self._coming = False
            self._tell_short(error)
        else:
            self.is_short = False

    def _tell_short(self, error: Exception) -> None:
        """Once for each shortage."""
        if not self.is_short:
            self.is_short = True
            LOGGER.error(
                "%s: no thread can be made (%s); %d of %d are there, requests wait for them, and are "
                "answered with 503 when they have waited too long",
                self._name,
                error,
                len(self._workers),
                self._size,
            )


class _Worker(threading.Thread):
    def __init__(self, threads: Threads, name: str) -> None:
        super().__init__(name=name, daemon=True)
        self._threads = threads
        self.was_sent_for = False
        self.bell = Bell()

    def run(self) -> None:
        self._threads.work(self)
