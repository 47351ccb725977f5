"""Clients that leave during an exchange: what the application is told, what is logged, who is cancelled."""

import asyncio
import logging
from collections.abc import Callable

import pytest
from tests.bridge.test_http_endings import BODY, PART, START, Held, answer, errors, fail, finish, go_on
from tests.support.wired import Server, get, settled, timers_fired

from penstock.base.asgi import Receive, Scope, Send
from penstock.base.errors import ClientDisconnected

Serve = Callable[..., Server]


async def test_asgi_071_a_send_after_the_client_has_gone_raises_an_oserror_that_is_not_logged(
    serve: Serve, caplog: pytest.LogCaptureFixture
) -> None:
    raised: list[Exception] = []

    async def send_on(receive: Receive, send: Send) -> None:
        try:
            await send(PART)
        except OSError as error:
            raised.append(error)
            raise

    app = Held(START, PART, end=send_on)
    server = serve(app)
    client = server.connect()
    await client.ask(get())
    client.transport.lose(ConnectionResetError())
    await finish(app)
    assert isinstance(raised[0], ClientDisconnected)
    assert errors(caplog) == []
    assert server.log.statuses == [201]


async def test_disconnects_that_a_task_group_has_wrapped_are_not_logged(
    serve: Serve, caplog: pytest.LogCaptureFixture
) -> None:
    async def send_together(receive: Receive, send: Send) -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(go_on(receive, send))
            group.create_task(go_on(receive, send))

    app = Held(START, end=send_together)
    client = serve(app).connect()
    await client.ask(get())
    client.transport.lose()
    await finish(app)
    assert errors(caplog) == []


async def test_another_error_in_the_group_of_disconnects_is_logged(
    serve: Serve, caplog: pytest.LogCaptureFixture
) -> None:
    async def both(receive: Receive, send: Send) -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(go_on(receive, send))
            group.create_task(fail(receive, send))

    app = Held(START, end=both)
    client = serve(app).connect()
    await client.ask(get())
    client.transport.lose()
    await finish(app)
    assert errors(caplog) == ["the application failed in 'GET /'"]


async def test_an_error_that_a_framework_raises_in_place_of_the_disconnect_is_one_line(
    serve: Serve, caplog: pytest.LogCaptureFixture
) -> None:
    class ClientGone(Exception):
        pass

    async def rename(receive: Receive, send: Send) -> None:
        try:
            await send(PART)
        except OSError:
            raise ClientGone from None

    caplog.set_level(logging.INFO)
    app = Held(START, end=rename)
    client = serve(app).connect()
    await client.ask(get())
    client.transport.lose()
    await finish(app)
    assert [each.levelname for each in caplog.records] == ["INFO"]
    assert "ClientGone" in caplog.text
    assert caplog.records[0].exc_info is None


async def test_asgi_021_an_application_whose_client_has_gone_runs_on(serve: Serve) -> None:
    app = Held(START)
    server = serve(app)
    client = server.connect()
    await client.ask(get())
    client.transport.lose()
    await settled()
    assert len(server.service.running) == 1
    assert server.log.statuses == [499]
    await finish(app)
    assert app.cancelled == 0
    assert not server.service.running
    assert len(server.log) == 1


async def test_an_application_is_cancelled_when_the_client_has_gone_and_its_time_is_over(
    serve: Serve, caplog: pytest.LogCaptureFixture
) -> None:
    app = Held(START)
    server = serve(app, cancel_on_disconnect_seconds=0)
    client = server.connect()
    await client.ask(get())
    client.transport.lose()
    await timers_fired()
    assert app.cancelled == 1
    assert not server.service.running
    assert server.log.statuses == [499]
    assert errors(caplog) == []


async def test_a_client_that_closes_its_half_with_its_request_counts_as_gone_too(serve: Serve) -> None:
    app = Held(START)
    server = serve(app, cancel_on_disconnect_seconds=0)
    client = server.connect()
    client.transport.pause_reading()
    client.send(get())
    client.transport.feed_eof()
    client.transport.resume_reading()
    await timers_fired()
    assert app.cancelled == 1
    await settled()
    assert client.ended
    assert client.read() == b""
    assert server.log.statuses == [499]


async def test_cleaning_up_is_not_cancelled_a_second_time_by_the_loss_of_the_connection(serve: Serve) -> None:
    cleaned: list[bool] = []
    may_finish = asyncio.Event()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await may_finish.wait()
            cleaned.append(True)

    server = serve(app, cancel_on_disconnect_seconds=0)
    client = server.connect()
    await client.ask(get())
    client.transport.feed_eof()
    await timers_fired()
    client.transport.lose()
    await timers_fired()
    may_finish.set()
    await settled()
    assert cleaned == [True]


async def test_work_behind_the_response_is_not_cancelled_by_the_end_of_the_client(serve: Serve) -> None:
    app = Held(START, BODY)
    server = serve(app, cancel_on_disconnect_seconds=0)
    client = server.connect()
    await client.ask(get())
    client.transport.feed_eof()
    await timers_fired()
    assert app.cancelled == 0
    await finish(app)


async def test_work_behind_the_response_of_a_client_that_had_closed_its_half_is_not_cancelled(
    serve: Serve,
) -> None:
    first = asyncio.Event()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await first.wait()
        await answer(receive, send)
        await held(scope, receive, send)

    held = Held()
    server = serve(app, cancel_on_disconnect_seconds=0)
    client = server.connect()
    await client.ask(get())
    client.transport.feed_eof()
    first.set()
    await timers_fired()
    assert held.cancelled == 0
    await finish(held)


async def test_an_application_that_stops_when_it_is_told_of_the_end_has_not_failed(
    serve: Serve, caplog: pytest.LogCaptureFixture
) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send(START)
        while (await receive())["type"] != "http.disconnect":
            pass

    server = serve(app)
    client = server.connect()
    await client.ask(get())
    client.transport.feed_eof()
    await settled()
    assert client.ended
    assert client.read() == b""
    assert errors(caplog) == []
    assert server.log.statuses == [499]


async def test_an_application_that_stops_inside_its_body_when_the_client_ends_has_not_failed(
    serve: Serve, caplog: pytest.LogCaptureFixture
) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send(START)
        await send(PART)
        while (await receive())["type"] != "http.disconnect":
            pass

    server = serve(app)
    client = server.connect()
    await client.ask(get())
    client.transport.feed_eof()
    await settled()
    assert client.ended
    assert errors(caplog) == []
    assert server.log.statuses == [201]


async def test_a_client_whose_connection_is_broken_off_is_noticed_by_one_that_only_sends(
    serve: Serve,
) -> None:
    async def flood(receive: Receive, send: Send) -> None:
        while True:
            await send(PART)

    app = Held(START, end=flood)
    server = serve(app)
    client = server.connect()
    await client.ask(get())
    client.transport.break_off()
    await finish(app)
    assert not server.service.running
    assert server.log.statuses == [201]


async def test_a_waiting_sender_is_told_when_the_client_is_given_up(serve: Serve) -> None:
    raised: list[Exception] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send(START)
        try:
            await send({**PART, "body": b"x" * 5000})
        except OSError as error:
            raised.append(error)

    server = serve(app, write_buffer_bytes=1000, write_stall_seconds=60)
    client = server.connect()
    client.transport.fill()
    await client.ask(get())
    server.at(0)
    server.at(60)
    await settled()
    assert isinstance(raised[0], ClientDisconnected)
    assert client.ended == "aborted"
    assert server.log.statuses == [201]
