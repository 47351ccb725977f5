"""The one background loop of a process, and synchronous code on it."""

import asyncio
import multiprocessing
import os
import threading

import pytest

from penstock.channels import ChannelClosed, background, connect
from penstock.testing.layers.delivery import numbered

WAIT_SECONDS = 10


async def answer() -> int:
    return 42


def test_all_threads_use_one_loop() -> None:
    loops = []
    threads = [threading.Thread(target=lambda: loops.append(background.loop())) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(loops) == 8
    assert len(set(map(id, loops))) == 1


def test_what_is_raised_there_is_raised_here() -> None:
    layer = connect("memory://", capacity=1, policy="close")
    layer.sync.group_add("room", "a")
    for number in range(2):
        layer.sync.group_send("room", numbered(number))
    with pytest.raises(ChannelClosed):
        layer.sync.receive("a")
    with pytest.raises(TypeError):
        layer.sync.send("a b", {})


async def test_waiting_for_oneself_is_refused() -> None:
    async def wait_for_oneself() -> None:
        background.run(answer())

    with pytest.raises(RuntimeError, match="await the layer itself"):
        await background.on_loop(background.loop(), wait_for_oneself())


async def test_a_coroutine_runs_on_the_loop_asked_for_or_here() -> None:
    async def running() -> asyncio.AbstractEventLoop:
        return asyncio.get_running_loop()

    assert await background.on_loop(background.loop(), running()) is background.loop()
    here = asyncio.get_running_loop()
    assert await background.on_loop(here, running()) is here


async def test_cancelling_here_cancels_there() -> None:
    cancelled = threading.Event()
    begun = asyncio.Event()
    here = asyncio.get_running_loop()

    async def wait() -> None:
        here.call_soon_threadsafe(begun.set)
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.set()

    waiting = asyncio.create_task(background.on_loop(background.loop(), wait()))
    await begun.wait()
    waiting.cancel()
    assert await asyncio.to_thread(cancelled.wait, WAIT_SECONDS)


def test_a_layer_is_used_from_synchronous_code_alone() -> None:
    with connect("memory://", history=5).sync as layer:
        channel = layer.new_channel()
        layer.group_watch("room", "watcher")
        layer.group_add("room", channel)
        layer.group_unwatch("room", "watcher")
        layer.group_send("room", numbered(1))
        assert layer.group_channels("room") == [channel]
        assert layer.group_count("room") == 1
        assert layer.group_history("room", 1) == [numbered(1)]
        assert next(iter(layer.messages(channel))) == numbered(1)
        layer.group_discard("room", channel)
        assert layer.receive("watcher")["type"] == "presence.join"
        assert layer.cancel_later(layer.send_later(channel, numbered(2), 60))
        assert layer.channel_statistics(channel)["messages_count"] == 1
        layer.flush()
        assert layer.global_statistics()["messages_pending"] == 0


def test_work_is_done_in_synchronous_code() -> None:
    layer = connect("memory://", max_attempts=3).sync
    layer.send("work", numbered(1))
    with pytest.raises(LookupError), layer.receive_acked("work"):
        raise LookupError("it could not be done")
    again = layer.receive_acked("work", WAIT_SECONDS)
    assert (again.channel, again.message, again.attempt) == ("work", numbered(1), 2)
    assert again.retry()
    assert layer.receive_acked("work").reject()
    with layer.receive_acked("work.dead") as dead:
        assert dead.message == numbered(1)
    assert not dead.ack()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the system has no fork")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_forked_child_has_a_loop_of_its_own() -> None:
    """As the workers of Celery and gunicorn are made."""
    layer = connect("memory://")
    layer.sync.send("a", numbered(1))

    def use_in_child() -> None:
        os._exit(0 if layer.sync.receive("a", WAIT_SECONDS) == numbered(1) else 1)

    child = multiprocessing.get_context("fork").Process(target=use_in_child)
    child.start()
    child.join(WAIT_SECONDS)
    assert child.exitcode == 0
