"""Servers inside somebody else's program: in a running loop, for the length of a block, several at one
time.
"""

import asyncio
import signal
import sys
import threading
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.support.server import ADDRESS, running_process

import penstock

LOCAL = ("127.0.0.1:0",)


def settings(**values: Any) -> penstock.Settings:
    return penstock.Settings.build(bind=LOCAL, access_log=False, **values)


def told(text: str) -> Callable[..., Awaitable[None]]:
    """An application that answers with the text, the lifespan state and its own name."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await receive()
            scope["state"]["name"] = text
            await send({"type": "lifespan.startup.complete"})
            await receive()
            await send({"type": "lifespan.shutdown.complete"})
            return
        body = f"{text} {scope['state']['name']} {scope['path']}".encode()
        await send({"type": "http.response.start", "status": 200})
        await send({"type": "http.response.body", "body": body})

    return app


async def get(url: str) -> httpx.Response:
    async with httpx.AsyncClient(timeout=10, trust_env=False) as client:
        return await client.get(url)


def test_a_server_serves_for_the_length_of_a_block():
    async def main() -> None:
        async with penstock.Server(told("one"), settings()) as server:
            (url,) = server.addresses
            assert (await get(f"{url}/path")).text == "one one /path"
        with pytest.raises(httpx.ConnectError):
            await get(url)

    asyncio.run(main())


RUN = """
import penstock

async def app(scope, receive, send):
    if scope["type"] == "http":
        await send({"type": "http.response.start", "status": 200})
        await send({"type": "http.response.body", "body": b"run"})

penstock.run(app, bind=("127.0.0.1:0",), max_target_bytes=100)
print("returned", flush=True)
"""


def test_run_serves_until_a_signal_and_returns(tmp_path: Path):
    script = tmp_path / "script.py"
    script.write_text(RUN)
    with running_process([sys.executable, str(script)], tmp_path) as (process, output):
        found = ADDRESS.search(output.wait_line(ADDRESS, seconds=10))
        assert found is not None
        with httpx.Client(base_url=found.group(), timeout=10, trust_env=False) as client:
            assert client.get("/").text == "run"
            assert client.get("/" + "a" * 200).status_code == 414
        process.terminate()
        assert process.wait(10) == 0
        output.wait_line("returned", seconds=5)


def test_two_servers_in_one_process_do_not_see_each_other():
    async def main() -> None:
        first = penstock.Server(told("one"), settings(headers=("x-server: one",), server_header=False))
        second = penstock.Server(told("two"), settings(max_target_bytes=100))
        async with first, second:
            one, two = await get(first.addresses[0]), await get(second.addresses[0])
            assert (one.text, one.headers["x-server"], "server" in one.headers) == ("one one /", "one", False)
            assert (two.text, "x-server" in two.headers, "server" in two.headers) == (
                "two two /",
                False,
                True,
            )
            long = "/" + "a" * 200
            assert (await get(first.addresses[0] + long)).status_code == 200
            assert (await get(second.addresses[0] + long)).status_code == 414
        with pytest.raises(httpx.ConnectError):
            await get(first.addresses[0])

    asyncio.run(main())


def test_one_server_ends_and_the_other_serves_on():
    async def main() -> None:
        async with penstock.Server(told("one"), settings()) as outer:
            async with penstock.Server(told("two"), settings()) as inner:
                assert (await get(inner.addresses[0])).status_code == 200
            assert (await get(outer.addresses[0])).text == "one one /"

    asyncio.run(main())


def test_serve_runs_inside_a_loop_until_it_is_told_to_drain():
    async def main() -> None:
        ready = asyncio.Event()
        server = penstock.Server(announcing(ready), settings())
        serving = asyncio.create_task(server.serve())
        await ready.wait()
        assert (await get(server.addresses[0])).text == "ready"
        server.drain()
        await asyncio.wait_for(serving, 5)

    asyncio.run(main())


def announcing(ready: asyncio.Event | threading.Event) -> Callable[..., Awaitable[None]]:
    """An application that sets the event when it starts."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await receive()
            await send({"type": "lifespan.startup.complete"})
            ready.set()
            await receive()
            await send({"type": "lifespan.shutdown.complete"})
            return
        await send({"type": "http.response.start", "status": 200})
        await send({"type": "http.response.body", "body": b"ready"})

    return app


def test_serve_is_ended_by_a_signal_and_gives_the_handlers_back():
    before = signal.getsignal(signal.SIGTERM)

    async def main() -> None:
        ready = asyncio.Event()
        serving = asyncio.create_task(penstock.Server(announcing(ready), settings()).serve())
        await ready.wait()
        signal.raise_signal(signal.SIGTERM)
        await asyncio.wait_for(serving, 5)

    asyncio.run(main())
    assert signal.getsignal(signal.SIGTERM) is before


def test_a_cancelled_serve_closes_what_it_opened():
    async def main() -> None:
        ready = asyncio.Event()
        server = penstock.Server(announcing(ready), settings())
        serving = asyncio.create_task(server.serve())
        await ready.wait()
        serving.cancel()
        with pytest.raises(asyncio.CancelledError):
            await serving
        with pytest.raises(httpx.ConnectError):
            await get(server.addresses[0])

    asyncio.run(main())


def test_a_start_up_that_fails_is_raised_where_the_server_was_started():
    async def failing(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "lifespan.startup.failed", "message": "no database"})

    async def main() -> None:
        with pytest.raises(penstock.LifespanFailed, match="no database"):
            async with penstock.Server(failing, settings()):
                pass

    asyncio.run(main())


def test_a_server_can_live_in_a_thread_of_its_own():
    running: list[tuple[penstock.Server, asyncio.AbstractEventLoop]] = []
    ready = threading.Event()

    async def main() -> None:
        server = penstock.Server(announcing(ready), settings())
        running.append((server, asyncio.get_running_loop()))
        await server.serve()

    thread = threading.Thread(target=asyncio.run, args=[main()])
    thread.start()
    assert ready.wait(10)
    ((server, loop),) = running
    with httpx.Client(timeout=10, trust_env=False) as client:
        assert client.get(server.addresses[0]).text == "ready"
    loop.call_soon_threadsafe(server.drain)
    thread.join(10)
    assert not thread.is_alive()


def test_a_request_that_runs_is_finished_when_the_block_ends():
    async def main() -> None:
        begun, release = asyncio.Event(), asyncio.Event()

        async def app(scope: Any, receive: Any, send: Any) -> None:
            assert scope["type"] == "http"
            begun.set()
            await release.wait()
            await send({"type": "http.response.start", "status": 200})
            await send({"type": "http.response.body", "body": b"finished"})

        async with penstock.Server(app, settings()) as server:
            answer = asyncio.create_task(get(server.addresses[0]))
            await begun.wait()
            asyncio.get_running_loop().call_soon(release.set)
        assert (await answer).text == "finished"

    asyncio.run(main())


def test_a_second_drain_ends_a_shutdown_that_hangs():
    """As the second signal does."""

    async def main() -> None:
        ready, shutting_down = asyncio.Event(), asyncio.Event()

        async def app(scope: Any, receive: Any, send: Any) -> None:
            await receive()
            await send({"type": "lifespan.startup.complete"})
            ready.set()
            await receive()
            shutting_down.set()
            await asyncio.Event().wait()

        server = penstock.Server(app, settings(lifespan_seconds=3600.0))
        serving = asyncio.create_task(server.serve())
        await ready.wait()
        server.drain()
        await shutting_down.wait()
        server.drain()
        await asyncio.wait_for(serving, 5)

    asyncio.run(main())
