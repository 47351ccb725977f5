"""How many threads come for a burst of jobs: one, until a job is left from the last look."""

import threading
from collections.abc import Iterator

import pytest

from penstock.adapters.wsgi.threads import Threads

SECONDS = 10


class Jobs:
    """Each waits until it is let go."""

    def __init__(self) -> None:
        self.threads = Threads(4, "hurry")
        self.open = threading.Event()
        self.begun = threading.Semaphore(0)

    def __call__(self) -> None:
        self.begun.release()
        assert self.open.wait(SECONDS)

    def submit(self, count: int) -> None:
        for _ in range(count):
            self.threads.submit(self)
        self.threads.attend()

    def wait_begun(self, count: int) -> None:
        for _ in range(count):
            assert self.begun.acquire(timeout=SECONDS)


@pytest.fixture
def jobs() -> Iterator[Jobs]:
    jobs = Jobs()
    yield jobs
    jobs.open.set()
    ended = threading.Event()
    jobs.threads.stop(ended.set)
    assert ended.wait(SECONDS)


def test_jobs_that_wait_get_threads_at_the_second_look(jobs: Jobs) -> None:
    jobs.submit(3)
    jobs.wait_begun(1)
    assert jobs.threads.hurry()
    assert jobs.threads.running == 1
    jobs.threads.hurry()
    jobs.wait_begun(2)
    assert jobs.threads.running == 3
    assert not jobs.threads.hurry()


def test_jobs_that_are_new_at_a_look_have_not_waited_yet(jobs: Jobs) -> None:
    jobs.submit(1)
    jobs.wait_begun(1)
    jobs.threads.hurry()
    jobs.threads.submit(jobs)
    assert jobs.threads.hurry()
    assert jobs.threads.running == 1
    jobs.threads.hurry()
    jobs.wait_begun(1)
