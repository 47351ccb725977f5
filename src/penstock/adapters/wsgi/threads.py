"""A pool of threads that is lean enough for calls of some microseconds.

Jobs wait in one queue. At most one idle thread at a time is on its way to it: the one that gets there
wakes the next if it leaves jobs behind. A burst of short jobs is so done by a thread or two, without a
wake-up for each, and a burst of long ones by as many threads as there are. Between jobs and threads stand
no locks that the loop could wait for: a deque's `append` and `popleft` are whole, and whoever writes
first and reads then cannot be missed.
"""

import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress

Job = Callable[[], None]  # must not raise


class Threads:
    """At most `size` threads, made when they are needed. They are daemons: a call that never returns must
    not keep the process from ending.
    """

    __slots__ = (
        "_coming",
        "_idle",
        "_jobs",
        "_making",
        "_name",
        "_size",
        "_stopped",
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
        self._making = threading.RLock()  # the garbage collector may call `stop` at any place
        self._stopped = False
        self._when_ended: Callable[[], None] = lambda: None

    @property
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

    def attend(self) -> None:
        """See to it that a thread comes for the jobs."""
        if self._jobs and not self._coming:
            self._send_for_one()

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
                self._idle.pop().wake.release()

    # Below, what the threads call.

    def next_job(self, worker: "_Worker") -> Job | None:
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

    def ended(self, worker: "_Worker") -> None:
        with self._making:
            self._workers.remove(worker)
            last = self._stopped and not self._workers
        if last:
            self._when_ended()

    def _arrived(self, worker: "_Worker") -> None:
        if worker.was_sent_for:
            worker.was_sent_for = self._coming = False
            if self._jobs:
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
        worker.wake.acquire()

    def _send_for_one(self) -> None:
        try:
            worker = self._idle.pop()
        except IndexError:
            self._make_one()
        else:
            self._coming = worker.was_sent_for = True
            worker.wake.release()

    def _make_one(self) -> None:
        """Make a thread unless there are enough. Whoever finds another at it leaves the jobs to that one,
        who looks once more when it is done.
        """
        while len(self._workers) < self._size and self._making.acquire(blocking=False):
            try:
                if len(self._workers) < self._size:
                    self._start(_Worker(self, f"{self._name}-{len(self._workers) + 1}"))
            finally:
                self._making.release()
            if self._coming or not self._jobs:
                break

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
        self.wake = threading.Lock()
        self.wake.acquire()

    def run(self) -> None:
        while (job := self._threads.next_job(self)) is not None:
            job()
            del job  # or the last request would be kept until the next
        self._threads.ended(self)
