"""A pool of threads that is lean enough for calls of some microseconds.

Jobs wait in one queue. One idle thread is sent for, and does them in a row: threads share an interpreter, so
a second one would only take it from the first. But a job may also wait for something. So whoever gives the
jobs looks again from time to time, and `hurry`s when one is left from the last look: then each thread that
comes sends for the next as long as it leaves jobs behind. A burst of short jobs is so done by one thread, and
a burst of long ones by as many as there are. Between jobs and threads stand no locks that the loop could wait
for: a deque's `append` and `popleft` are whole, and whoever writes first and reads then cannot be missed.
"""

import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress

from penstock.adapters.bell import Bell

Job = Callable[[], None]  # must not raise


class Threads:
    """At most `size` threads, made when they are needed. They are daemons: a call that never returns must
    not keep the process from ending.
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
        self._when_ended: Callable[[], None] = lambda: None

    def free(self) -> int:
        """How many more jobs find a thread at once; below zero, how many wait for the end of others."""
        return len(self._idle) + self._coming + self._size - len(self._workers) - len(self._jobs)

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
        as many threads come as are needed. False when no job is left, or no thread that could come.
        """
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
                    self._start(_Worker(self, f"{self._name}-{len(self._workers) + 1}"))
            finally:
                self._making.release()

    def _start(self, worker: "_Worker") -> None:
        """Raises RuntimeError when the system has no thread for us and there is none at all."""
        self._coming = worker.was_sent_for = True
        self._workers.append(worker)
        try:
            worker.start()
        except RuntimeError:
            self._workers.remove(worker)
            self._coming = False
            if not self._workers:
                raise


class _Worker(threading.Thread):
    def __init__(self, threads: Threads, name: str) -> None:
        super().__init__(name=name, daemon=True)
        self._threads = threads
        self.was_sent_for = False
        self.bell = Bell()

    def run(self) -> None:
        self._threads.work(self)
