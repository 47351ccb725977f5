"""Readers that are woken together: each as if it had been alone."""

import asyncio
import contextlib
import gc
import warnings
import weakref
from contextvars import Context, ContextVar

import pytest

from penstock.channels.memory import MemoryLayer
from penstock.testing.clock import VirtualClock

WHO: ContextVar[str] = ContextVar("WHO", default="nobody")
MEMBERS = 5


async def members(layer: MemoryLayer, count: int = MEMBERS) -> list[str]:
    names = [await layer.new_channel() for _ in range(count)]
    for name in names:
        await layer.group_add("room", name)
    return names


async def waiting(layer: MemoryLayer, names: list[str]) -> list[asyncio.Task[dict[str, object]]]:
    """A task for each, which waits in `receive`."""
    tasks = [asyncio.create_task(layer.receive(name)) for name in names]
    await asyncio.sleep(0)
    return tasks


async def test_each_reader_gets_a_copy_of_its_own() -> None:
    layer = MemoryLayer()
    tasks = await waiting(layer, await members(layer))
    await layer.group_send("room", {"type": "x", "list": [1]})
    received = await asyncio.gather(*tasks)
    received[0]["list"].append(2)  # type: ignore[attr-defined]
    received[0]["more"] = True
    assert received[1:] == [{"type": "x", "list": [1]}] * (MEMBERS - 1)


async def test_each_reader_goes_on_in_its_own_context() -> None:
    layer = MemoryLayer()
    names = await members(layer)

    async def read(name: str) -> tuple[str, str]:
        WHO.set(name)
        await layer.receive(name)
        return name, WHO.get()

    tasks = [asyncio.create_task(read(name)) for name in names]
    await asyncio.sleep(0)
    await layer.group_send("room", {"type": "x"})
    assert await asyncio.gather(*tasks) == [(name, name) for name in names]
    assert WHO.get() == "nobody"


async def test_what_a_reader_sets_stays_set_though_its_context_was_empty() -> None:
    layer = MemoryLayer()

    async def read() -> str:
        await layer.receive("a")
        WHO.set("reader")
        await asyncio.sleep(0)
        return WHO.get()

    task = asyncio.get_running_loop().create_task(read(), context=Context())
    await asyncio.sleep(0)
    await layer.send("a", {"type": "x"})
    assert await task == "reader"


async def test_a_cancelled_reader_leaves_nothing_to_the_collector() -> None:
    class Local:
        pass

    layer = MemoryLayer()
    seen: list[weakref.ref[Local]] = []

    async def read() -> None:
        local = Local()
        seen.append(weakref.ref(local))
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(0):
                await layer.receive("a")

    gc.disable()
    try:
        await asyncio.create_task(read())
        assert seen[0]() is None
    finally:
        gc.enable()


THROWN = [(KeyError,), (KeyError("why"),), (KeyError, "why"), (KeyError, KeyError("why"))]


@pytest.mark.parametrize("words", THROWN)
async def test_whatever_is_thrown_at_a_reader_reaches_it_and_takes_nothing(words: tuple[object, ...]) -> None:
    layer = MemoryLayer()
    receiving = layer.receive("a")
    receiving.send(None)  # type: ignore[attr-defined] # it is a coroutine
    await layer.send("a", {"type": "x"})
    with warnings.catch_warnings(), pytest.raises(KeyError):
        warnings.simplefilter("ignore", DeprecationWarning)
        receiving.throw(*words)  # type: ignore[attr-defined]
    assert await asyncio.wait_for(layer.receive("a"), 1) == {"type": "x"}


async def test_a_task_is_told_of_what_had_come_before_it_listened() -> None:
    layer = MemoryLayer()
    receiving = layer.receive("a")
    waiter = receiving.send(None)  # type: ignore[attr-defined] # it is a coroutine
    await layer.send("a", {"type": "x"})
    await asyncio.sleep(0)
    told = asyncio.Event()
    waiter.add_done_callback(lambda future: told.set())
    await asyncio.wait_for(told.wait(), 1)
    receiving.close()  # type: ignore[attr-defined]


async def test_a_reader_that_is_cancelled_as_its_message_comes_has_taken_nothing() -> None:
    layer = MemoryLayer()
    (name,) = await members(layer, 1)
    (task,) = await waiting(layer, [name])
    for number in range(3):
        await layer.group_send("room", {"type": "x", "number": number})
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert [(await layer.receive(name))["number"] for _ in range(3)] == [0, 1, 2]


async def test_what_a_cancelled_reader_had_goes_to_the_next_who_waits() -> None:
    layer = MemoryLayer()
    first, second = await waiting(layer, ["work", "work"])
    await layer.send("work", {"type": "x"})
    first.cancel()
    assert await asyncio.wait_for(second, 1) == {"type": "x"}
    assert first.cancelled()


@pytest.mark.parametrize("policy", ["drop-oldest", "keep-latest"])
async def test_what_a_cancelled_reader_had_does_not_come_behind_what_took_its_place(policy: str) -> None:
    layer = MemoryLayer(capacity=1, policy=policy)
    (task,) = await waiting(layer, ["prices"])
    await layer.send("prices", {"type": "x", "number": 1})
    await layer.send("prices", {"type": "x", "number": 2})
    task.cancel()
    await asyncio.wait([task])
    assert (await layer.receive("prices"))["number"] == 2
    assert (await layer.channel_statistics("prices"))["messages_dropped"] == {"oldest": 1}


async def test_the_reason_of_a_cancellation_reaches_the_reader() -> None:
    layer = MemoryLayer()
    (task,) = await waiting(layer, ["a"])
    task.cancel("no more time")
    with pytest.raises(asyncio.CancelledError, match="no more time"):
        await task


async def test_a_reader_that_gives_up_in_time_may_come_back() -> None:
    layer = MemoryLayer()
    for number in range(3):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0):
                await layer.receive("a")
        (task,) = await waiting(layer, ["a"])
        await layer.send("a", {"type": "x", "number": number})
        assert (await task)["number"] == number


async def test_a_reader_whose_coroutine_is_closed_has_taken_nothing() -> None:
    layer = MemoryLayer()
    receiving = layer.receive("a")
    receiving.send(None)  # type: ignore[attr-defined] # it is a coroutine
    await layer.send("a", {"type": "x"})
    receiving.close()  # type: ignore[attr-defined]
    assert await asyncio.wait_for(layer.receive("a"), 1) == {"type": "x"}


async def test_who_reads_in_turns_of_the_loop_gets_everything_in_order() -> None:
    layer = MemoryLayer()
    received: list[object] = []

    async def read() -> None:
        async for message in layer.messages("a"):
            received.append(message["number"])

    reader = asyncio.create_task(read())
    for number in range(50):
        await layer.send("a", {"type": "x", "number": number})
        if number % 3 == 0:
            await asyncio.sleep(0)
    await asyncio.sleep(0)
    reader.cancel()
    assert received == list(range(50))


async def test_a_message_that_was_handed_on_counts_as_read() -> None:
    layer = MemoryLayer(clock=VirtualClock())
    tasks = await waiting(layer, await members(layer))
    await layer.group_send("room", {"type": "x"})
    told = await layer.global_statistics()
    assert (told["messages_count"], told["messages_pending"]) == (MEMBERS, 0)
    await asyncio.gather(*tasks)


def test_what_ends_the_loop_in_one_reader_leaves_the_others_their_messages() -> None:
    layer = MemoryLayer()
    loop = asyncio.new_event_loop()

    async def read(name: str, ends: bool) -> dict[str, object]:
        message = await layer.receive(name)
        if ends:
            raise KeyboardInterrupt
        return message

    async def begin() -> None:
        names = await members(layer)
        tasks.extend(loop.create_task(read(name, name == names[1])) for name in names)
        await asyncio.sleep(0)
        await layer.group_send("room", {"type": "x"})
        await asyncio.sleep(0)

    tasks: list[asyncio.Task[dict[str, object]]] = []
    beginning = loop.create_task(begin())
    with pytest.raises(KeyboardInterrupt):
        loop.run_until_complete(beginning)
    rest = [*tasks[:1], *tasks[2:]]
    for task in (beginning, *rest):
        loop.run_until_complete(asyncio.wait_for(task, 1))
    assert [task.result() for task in rest] == [{"type": "x"}] * len(rest)
    assert isinstance(tasks[1].exception(), KeyboardInterrupt)
    loop.close()
