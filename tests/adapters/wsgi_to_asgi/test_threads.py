"""The threads of the adapter: how many, how long one waits for them, what they see, how they end
(wsgi-bridges 5.1).
"""

import asyncio
import contextvars
import gc
import threading
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
from tests.adapters.wsgi_to_asgi.asgi_side import Client, Signal, ask, http_scope, upload_scope
from tests.adapters.wsgi_to_asgi.thread_log import heard
from tests.support.wired import settled

from penstock.adapters import WsgiSettings, WsgiToAsgi

SECONDS = 10
NAME = contextvars.ContextVar("NAME", default="unset")


class Gate:
    """An application whose calls wait until it is opened; it counts those that came in."""

    def __init__(self, settings: WsgiSettings) -> None:
        self.adapter = WsgiToAsgi(self, settings)
        self.opened = threading.Event()
        self.inside = 0
        self.came = Signal()
        self._counting = threading.Lock()

    def __call__(self, environ: Any, start_response: Any) -> list[bytes]:
        with self._counting:
            self.inside += 1
        self.came.set()
        assert self.opened.wait(SECONDS)
        start_response("200 OK", [])
        return [b"passed"]

    async def wait_inside(self, count: int) -> None:
        while self.inside < count:
            await self.came.wait()
            self.came = Signal()

    def start(self, count: int) -> list[Client]:
        self.clients = [Client(self.adapter) for _ in range(count)]
        self.running = [each.start() for each in self.clients]
        return self.clients

    async def finish(self) -> list[int]:
        self.opened.set()
        await asyncio.gather(*self.running)
        return [each.status for each in self.clients]


def thread_names() -> list[str]:
    return [each.name for each in threading.enumerate() if each.name.startswith("wsgi-")]


async def test_calls_run_at_the_same_time_up_to_the_number_of_threads():
    """wsgi-bridges: concurrency. More than one at a time, and no more than the pool has."""
    gate = Gate(WsgiSettings(threads=5))
    gate.start(8)
    await gate.wait_inside(5)
    await settled()
    assert gate.inside == 5
    assert await gate.finish() == [200] * 8
    assert gate.inside == 8


async def test_the_loop_goes_on_while_calls_block():
    gate = Gate(WsgiSettings(threads=1))
    gate.start(3)
    await gate.wait_inside(1)
    await settled()
    assert await gate.finish() == [200] * 3


async def test_who_finds_no_thread_in_time_is_answered_with_503():
    """wsgi-bridges: queue timeout."""
    gate = Gate(WsgiSettings(threads=1, waiting_seconds=0.01))
    clients = gate.start(3)
    await clients[1].until(lambda: clients[1].is_complete)
    await clients[2].until(lambda: clients[2].is_complete)
    assert await gate.finish() == [200, 503, 503]
    assert clients[1].fields["retry-after"] == "1"
    assert clients[1].body == b"all threads are busy; try again"
    assert gate.inside == 1


async def test_who_comes_while_too_many_wait_is_answered_with_503_at_once():
    """wsgi-bridges: limit."""
    gate = Gate(WsgiSettings(threads=2, max_waiting_requests=3))
    clients = gate.start(8)
    for client in clients[5:]:
        await client.until(lambda: client.is_complete)  # noqa: B023 it is awaited here
    assert await gate.finish() == [200] * 5 + [503] * 3


async def test_nobody_waits_when_nobody_may():
    gate = Gate(WsgiSettings(threads=2, max_waiting_requests=0))
    gate.start(4)
    assert await gate.finish() == [200, 200, 503, 503]


async def gives_up(client: Client, running: asyncio.Task[None]) -> None:
    """The server hears that the client has gone, and says so in its way."""
    client.leave()
    if Client.directly:
        running.cancel()
    with suppress(asyncio.CancelledError):
        await running


async def test_who_has_gone_while_it_waited_leaves_its_place_to_others():
    gate = Gate(WsgiSettings(threads=1, max_waiting_requests=2))
    clients = gate.start(3)
    await gate.wait_inside(1)
    await settled()
    for client, running in zip(clients[1:], gate.running[1:], strict=True):
        await gives_up(client, running)
    first, running = gate.clients[:1], gate.running[:1]
    others = gate.start(3)
    await others[2].until(lambda: others[2].is_complete)
    gate.clients, gate.running = first + others, running + gate.running
    assert await gate.finish() == [200, 200, 200, 503]
    assert gate.inside == 3


async def test_who_waits_and_expects_a_consent_is_not_given_it_before_its_turn():
    gate = Gate(WsgiSettings(threads=1))
    gate.start(1)
    await gate.wait_inside(1)
    headers = [(b"content-length", b"3"), (b"expect", b"100-continue")]
    client = Client(gate.adapter, upload_scope(headers=headers))
    gate.running.append(client.start())
    gate.clients.append(client)
    await settled()
    assert client.received == 0
    assert await gate.finish() == [200, 200]


async def test_who_waits_with_a_body_keeps_it():
    gate = Gate(WsgiSettings(threads=1))
    bodies: list[bytes] = []

    def app(environ, start_response):
        answer = gate(environ, start_response)
        bodies.append(environ["wsgi.input"].read())
        return answer

    adapter = WsgiToAsgi(app, WsgiSettings(threads=1))
    gate.clients = [Client(adapter, upload_scope()) for _ in range(3)]
    for client in gate.clients:
        client.give(b"one ", more=True)
    gate.running = [each.start() for each in gate.clients]
    await gate.wait_inside(1)
    for client in gate.clients:
        client.give(b"two")
    await settled()
    assert await gate.finish() == [200] * 3
    assert bodies == [b"one two"] * 3


@pytest.fixture
def shortage(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """While it is set, the system has no more threads for adapters."""
    short, start = threading.Event(), threading.Thread.start

    def start_or_not(thread: threading.Thread) -> None:
        if short.is_set() and thread.name.startswith("wsgi-"):
            raise RuntimeError("can't start new thread")
        start(thread)

    monkeypatch.setattr(threading.Thread, "start", start_or_not)
    yield short
    short.clear()


async def test_where_no_thread_can_be_made_the_deadline_holds(shortage: threading.Event):
    gate = Gate(WsgiSettings(threads=2, waiting_seconds=0.2))
    shortage.set()
    with heard() as log:
        gate.start(5)
        assert await gate.finish() == [503] * 5
        assert len([each for each in log.messages if "no thread can be made" in each]) == 1
        assert "wsgi-Gate: no thread can be made (can't start new thread); 0 of 2" in log.messages[0]


async def test_where_no_more_threads_can_be_made_the_deadline_holds(shortage: threading.Event):
    gate = Gate(WsgiSettings(threads=3, waiting_seconds=0.2))
    held = gate.start(1)
    running = gate.running
    await gate.wait_inside(1)
    shortage.set()
    with heard() as log:
        refused = gate.start(4)
        await asyncio.gather(*gate.running)
        assert [each.status for each in refused] == [503] * 4
        assert len([each for each in log.messages if "no thread can be made" in each]) == 1
    gate.clients, gate.running = held, running
    assert await gate.finish() == [200]


async def test_requests_that_wait_are_answered_when_threads_can_be_made_again(shortage: threading.Event):
    gate = Gate(WsgiSettings(threads=2, waiting_seconds=SECONDS))
    shortage.set()
    with heard() as log:
        gate.start(5)
        await log.wait("no thread can be made")
    shortage.clear()
    await gate.wait_inside(2)
    assert await gate.finish() == [200] * 5


async def test_a_thread_that_is_free_again_is_taken_by_who_waits():
    gate = Gate(WsgiSettings(threads=1, waiting_seconds=SECONDS))
    gate.start(50)
    assert await gate.finish() == [200] * 50


async def test_a_call_whose_client_was_cancelled_while_it_waited_is_not_made():
    gate = Gate(WsgiSettings(threads=1))
    gate.start(3)
    await gate.wait_inside(1)
    gate.running[1].cancel()
    await settled()
    gate.opened.set()
    await asyncio.gather(gate.running[0], gate.running[2])
    assert gate.inside == 2


async def test_threads_are_made_when_they_are_needed():
    gate = Gate(WsgiSettings(threads=9))
    before = set(threading.enumerate())
    gate.start(3)
    await gate.wait_inside(3)
    made = [each for each in threading.enumerate() if each not in before]
    assert len(made) == 3
    await gate.finish()


async def test_context_variables_are_carried_over():
    """wsgi-bridges and issue 4: what the server or a middleware has set is seen, and stays there."""
    seen = []

    def app(environ, start_response):
        seen.append(NAME.get())
        NAME.set("of the application")
        start_response("200 OK", [])
        yield b""
        seen.append(NAME.get())

    NAME.set("of the server")
    await ask(WsgiToAsgi(app))
    assert seen == ["of the server", "of the application"]
    assert NAME.get() == "of the server"


async def test_the_thread_of_a_call_is_the_same_from_its_start_to_close():
    threads = []
    closed = Signal()

    class Body:
        def __iter__(self):
            for _ in range(3):
                threads.append(threading.get_ident())
                yield b"part"

        def close(self) -> None:
            threads.append(threading.get_ident())
            closed.set()

    def app(environ, start_response):
        threads.append(threading.get_ident())
        start_response("200 OK", [])
        return Body()

    await ask(WsgiToAsgi(app))
    await closed.wait()
    assert len(set(threads)) == 1
    assert threads[0] != threading.get_ident()


async def test_a_thousand_requests_at_once_are_all_answered():
    def app(environ, start_response):
        start_response("200 OK", [])
        return [environ["PATH_INFO"].encode()]

    adapter = WsgiToAsgi(app)
    clients = [Client(adapter, http_scope(path=f"/{number}")) for number in range(1000)]
    await asyncio.gather(*[each.run() for each in clients])
    assert [each.body for each in clients] == [b"/%d" % number for number in range(1000)]


async def test_the_end_of_the_lifespan_ends_the_threads():
    gate = Gate(WsgiSettings(threads=3))
    before = set(threading.enumerate())
    lifespan = Lifespan(gate.adapter)
    await lifespan.startup()
    gate.start(3)
    await gate.wait_inside(3)
    await gate.finish()
    made = set(threading.enumerate()) - before
    assert len(made) == 3
    await lifespan.shutdown()
    for each in made:  # they have said that they end
        each.join(SECONDS)
        assert not each.is_alive()


async def test_the_end_of_the_lifespan_waits_for_calls_that_run():
    gate = Gate(WsgiSettings(threads=1))
    lifespan = Lifespan(gate.adapter)
    await lifespan.startup()
    gate.start(1)
    await gate.wait_inside(1)
    ending = asyncio.get_running_loop().create_task(lifespan.shutdown())
    await settled()
    assert not ending.done()
    assert await gate.finish() == [200]
    await ending


async def test_the_end_of_the_lifespan_does_not_wait_for_ever():
    gate = Gate(WsgiSettings(threads=1, shutdown_seconds=0))
    lifespan = Lifespan(gate.adapter)
    await lifespan.startup()
    gate.start(1)
    await gate.wait_inside(1)
    with heard() as log:
        await lifespan.shutdown()
        await log.wait("1 calls of the application still ran")
    assert await gate.finish() == [200]


async def test_a_request_behind_the_end_of_the_lifespan_gets_new_threads():
    gate = Gate(WsgiSettings(threads=1))
    gate.opened.set()
    lifespan = Lifespan(gate.adapter)
    await lifespan.startup()
    assert (await ask(gate.adapter)).status == 200
    await lifespan.shutdown()
    assert (await ask(gate.adapter)).status == 200


async def test_the_threads_of_a_forgotten_adapter_end():
    ended = Signal()

    of_thread = threading.local()

    class Last:
        def __del__(self) -> None:
            ended.set()

    def app(environ, start_response):
        of_thread.last = Last()
        start_response("200 OK", [])
        return []

    adapter = WsgiToAsgi(app)
    await ask(adapter)
    del adapter
    gc.collect()
    await ended.wait()


def test_an_adapter_serves_on_one_loop_after_another():
    def app(environ, start_response):
        start_response("200 OK", [])
        return [b"served"]

    adapter = WsgiToAsgi(app)
    for _ in range(3):
        assert asyncio.run(ask(adapter)).body == b"served"


def test_an_adapter_serves_on_several_loops_at_once():
    def app(environ, start_response):
        start_response("200 OK", [])
        return [b"served"]

    adapter = WsgiToAsgi(app, WsgiSettings(threads=2))
    answers: list[bytes] = []

    async def many() -> None:
        clients = [Client(adapter) for _ in range(200)]
        await asyncio.gather(*[each.run() for each in clients])
        answers.extend(each.body for each in clients)

    loops = [threading.Thread(target=asyncio.run, args=(many(),)) for _ in range(4)]
    for each in loops:
        each.start()
    for each in loops:
        each.join(SECONDS)
    assert answers == [b"served"] * 800


class Lifespan:
    """The server's side of the lifespan of an application."""

    def __init__(self, app: Any) -> None:
        self._app = app
        self._events: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._answers: asyncio.Queue[dict[str, Any]] = asyncio.Queue()

    async def startup(self) -> None:
        scope = {"type": "lifespan", "asgi": {"version": "3.0"}}
        running = self._app(scope, self._events.get, self._answers.put)
        self._task = asyncio.get_running_loop().create_task(running)
        self._events.put_nowait({"type": "lifespan.startup"})
        assert await self._answers.get() == {"type": "lifespan.startup.complete"}

    async def shutdown(self) -> None:
        self._events.put_nowait({"type": "lifespan.shutdown"})
        assert await self._answers.get() == {"type": "lifespan.shutdown.complete"}
        await self._task
