"""The connections of a server and the one timer that serves their deadlines."""

import asyncio

import pytest
from tests.support.wired import Server, get, settled

from penstock.base.asgi import Message, Receive, Scope, Send
from penstock.base.limits import Limits
from penstock.transport.sweep import Sweep, tick_seconds

START: Message = {"type": "http.response.start", "status": 200}


async def hello(scope: Scope, receive: Receive, send: Send) -> None:
    await send(START)
    await send({"type": "http.response.body", "body": b"hello"})


async def test_it_counts_connections_up_to_the_most() -> None:
    server = Server(hello, max_connections=2)
    clients = [server.connect() for _ in range(3)]
    assert len(server.sweep) == 3
    assert [client.read()[:12] for client in clients] == [b"", b"", b"HTTP/1.1 503"]
    for client in clients:
        client.transport.lose()
    assert len(server.sweep) == 0


async def test_waiting_for_the_last_connection_ends_when_it_has_gone() -> None:
    server = Server(hello)
    first, second = server.connect(), server.connect()
    waiting = asyncio.ensure_future(server.sweep.wait_empty())
    await settled()
    first.transport.lose()
    await settled()
    assert not waiting.done()
    second.transport.lose()
    await waiting


async def test_waiting_without_connections_returns_at_once() -> None:
    await Server(hello).sweep.wait_empty()


async def test_waiting_goes_on_when_another_connection_came_in_the_meantime() -> None:
    server = Server(hello)
    first = server.connect()
    waiting = asyncio.ensure_future(server.sweep.wait_empty())
    await settled()
    first.transport.lose()
    second = server.connect()
    await settled()
    assert not waiting.done()
    second.transport.lose()
    await waiting


async def test_an_abort_ends_all_connections() -> None:
    server = Server(hello)
    clients = [server.connect() for _ in range(3)]
    server.sweep.abort()
    await server.sweep.wait_empty()
    assert [client.ended for client in clients] == ["aborted"] * 3


async def test_the_timer_sets_the_date_and_calls_back_until_it_is_stopped() -> None:
    told: list[float] = []
    twice = asyncio.Event()

    def tick(unix_seconds: float) -> None:
        told.append(unix_seconds)
        if len(told) == 2:
            twice.set()

    server = Server(hello, head_seconds=0.01)
    sweep = Sweep(server.service, tick)
    sweep.start()
    assert len(told) == 1
    await twice.wait()
    sweep.stop()
    assert told[1] >= told[0] > 1e9


async def test_the_date_of_responses_is_that_of_the_last_tick() -> None:
    server = Server(hello, date_wanted=True)
    server.sweep.start()
    server.sweep.stop()
    answer = await server.connect().ask(get())
    assert b"\r\ndate: " in answer
    assert answer.partition(b"\r\ndate: ")[2].partition(b"\r\n")[0].endswith(b" GMT")


def test_stopping_what_was_not_started_does_nothing() -> None:
    Server(hello).sweep.stop()


@pytest.mark.parametrize(
    ("limits", "seconds"),
    [
        (Limits(), 1.0),
        (Limits(head_seconds=2.0), 0.5),
        (Limits(close_seconds=0.1), 0.025),
        (Limits(head_seconds=0.001), 0.02),
        (Limits(head_seconds=None, keep_alive_seconds=None), 1.0),
    ],
)
def test_a_tick_is_a_quarter_of_the_shortest_deadline_within_bounds(limits: Limits, seconds: float) -> None:
    assert tick_seconds(limits) == seconds


async def test_a_fault_on_one_connection_does_not_stop_the_clocks_of_the_others(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        """Never called: no request is complete."""

    class Faulty:
        def handle_deadline(self, now: float) -> None:
            raise RuntimeError("a fault of ours")

        def connection_lost(self) -> None:
            """Nobody is left to be told."""

    server = Server(app, head_seconds=1.0)
    faulty, others = server.connect(), [server.connect() for _ in range(3)]
    faulty.connection.handler = Faulty()
    for client in others:
        client.send(b"GET")
    server.at(10.0)
    server.at(12.0)
    assert faulty.ended == "aborted"
    assert all(client.read().startswith(b"HTTP/1.1 408 ") for client in others)
    assert "a fault of ours" in caplog.text
