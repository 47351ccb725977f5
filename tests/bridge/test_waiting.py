"""A bell wakes everybody who waits, whatever became of the others."""

import asyncio
import tracemalloc
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from penstock.bridge.waiting import Bell

Run = Callable[[Coroutine[Any, Any, None]], None]


async def waiting(bell: Bell, count: int) -> list[asyncio.Task[None]]:
    """Tasks that wait for the bell, each as far as its wait."""
    tasks = [asyncio.ensure_future(bell.wait()) for _ in range(count)]
    await asyncio.sleep(0)
    return tasks


def test_a_ring_wakes_all_who_wait(run: Run) -> None:
    async def scenario() -> None:
        bell = Bell()
        tasks = await waiting(bell, 3)
        bell.ring()
        await asyncio.gather(*tasks)

    run(scenario())


def test_a_ring_is_not_kept_for_who_comes_later(run: Run) -> None:
    async def scenario() -> None:
        bell = Bell()
        bell.ring()
        (late,) = await waiting(bell, 1)
        assert not late.done()
        bell.ring()
        await late

    run(scenario())


def test_a_cancelled_waiter_takes_nobody_with_it(run: Run) -> None:
    async def scenario() -> None:
        bell = Bell()
        first, second, third = await waiting(bell, 3)
        second.cancel()
        with pytest.raises(asyncio.CancelledError):
            await second
        bell.ring()
        await asyncio.gather(first, third)

    run(scenario())


def test_a_waiter_that_is_cancelled_when_the_bell_has_rung_already_is_cancelled(run: Run) -> None:
    async def scenario() -> None:
        bell = Bell()
        first, second = await waiting(bell, 2)
        bell.ring()
        first.cancel()
        with pytest.raises(asyncio.CancelledError):
            await first
        await second

    run(scenario())


def test_waiting_with_a_timeout_again_and_again_takes_no_memory(run: Run) -> None:
    async def scenario() -> None:
        bell = Bell()
        (staying,) = await waiting(bell, 1)
        for round in range(3000):
            if round == 1000:
                tracemalloc.start()
            (task,) = await waiting(bell, 1)
            task.cancel()
            await asyncio.wait([task])
        grown, _ = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert grown < 20000
        bell.ring()
        await staying

    run(scenario())
