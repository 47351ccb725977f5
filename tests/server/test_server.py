"""A server in a running loop, over real sockets: how it starts, serves, drains and ends."""

import asyncio
import contextlib
import contextvars
import logging
import socket
from collections.abc import Callable, Coroutine
from typing import Any

import pytest
from tests.support.wired import settled, timers_fired

from penstock.base.asgi import Receive, Scope, Send
from penstock.base.errors import BindError, LifespanFailed
from penstock.server.server import Server
from penstock.server.settings import Settings

Run = Callable[[Coroutine[Any, Any, None]], None]
VARIABLE = contextvars.ContextVar("VARIABLE", default="unset")


@pytest.fixture
def run() -> Run:
    return lambda coroutine: asyncio.run(asyncio.wait_for(coroutine, 20))


def settings(**values: Any) -> Settings:
    return Settings.build(**{"bind": ("127.0.0.1:0",), "access_log": False, **values})


class App:
    """Writes down what happens in order. /hold waits for `release`, /background waits behind its response."""

    def __init__(self) -> None:
        self.log: list[str] = []
        self.release = asyncio.Event()
        self.began = asyncio.Event()
        self.states: list[Any] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self.live(scope, receive, send)
        elif scope["type"] == "websocket":
            await self.talk(receive, send)
        else:
            await self.answer(scope, send)

    async def live(self, scope: Scope, receive: Receive, send: Send) -> None:
        assert (await receive())["type"] == "lifespan.startup"
        VARIABLE.set("by the lifespan")
        scope["state"]["pool"] = "ready"
        self.log.append("startup")
        await send({"type": "lifespan.startup.complete"})
        assert (await receive())["type"] == "lifespan.shutdown"
        self.log.append("shutdown")
        await send({"type": "lifespan.shutdown.complete"})

    async def talk(self, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        self.began.set()
        self.log.append(f"websocket {(await receive())['code']}")

    async def answer(self, scope: Scope, send: Send) -> None:
        path = scope["path"]
        self.states.append(scope.get("state"))
        self.log.append(f"{path} begins")
        self.began.set()
        if path == "/hold":
            await self.release.wait()
        await send({"type": "http.response.start", "status": 200})
        await send({"type": "http.response.body", "body": VARIABLE.get().encode()})
        if path == "/background":
            await self.release.wait()
        self.log.append(f"{path} ends")


class Connection:
    """A client's connection to a server in the same loop."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    @classmethod
    async def to(cls, server: Server) -> "Connection":
        host, port = server.addresses[0].removeprefix("http://").rsplit(":", 1)
        return cls(*await asyncio.open_connection(host, int(port)))

    def ask(self, path: str, *fields: str) -> None:
        lines = (f"GET {path} HTTP/1.1", "host: test", *fields, "", "")
        self.writer.write("\r\n".join(lines).encode())

    async def head(self) -> bytes:
        return await self.reader.readuntil(b"\r\n\r\n")

    async def rest(self) -> bytes:
        """Everything until the server closes."""
        return await self.reader.read()

    async def close(self) -> None:
        self.writer.close()
        with contextlib.suppress(ConnectionError):
            await self.writer.wait_closed()


async def started(app: App, **values: Any) -> tuple[Server, asyncio.Future[None]]:
    """A server that serves, and the end of its `serve`."""
    server = Server(app, settings(**values))
    serving = asyncio.ensure_future(server.serve(handle_signals=False))
    while "startup" not in app.log:
        await settled()
    return server, serving


async def refused(server: Server) -> bool:
    try:
        connection = await Connection.to(server)
    except ConnectionError:
        return True
    await connection.close()
    return False


def test_it_starts_the_application_serves_it_and_shuts_it_down(run: Run) -> None:
    app = App()

    async def scenario() -> None:
        async with Server(app, settings()) as server:
            assert app.log == ["startup"]
            connection = await Connection.to(server)
            connection.ask("/", "connection: close")
            assert (await connection.rest()).endswith(b"\r\n\r\nby the lifespan")
            assert app.states == [{"pool": "ready"}]
            await connection.close()
        assert app.log == ["startup", "/ begins", "/ ends", "shutdown"]
        assert await refused(server)

    run(scenario())


def test_two_servers_in_one_loop_do_not_see_each_other(run: Run) -> None:
    apps = [App(), App()]

    async def scenario() -> None:
        async with Server(apps[0], settings()) as first, Server(apps[1], settings(lifespan="off")) as second:
            for server in (first, second):
                connection = await Connection.to(server)
                connection.ask("/", "connection: close")
                await connection.rest()
                await connection.close()
        assert VARIABLE.get() == "unset"

    run(scenario())
    assert apps[0].log == ["startup", "/ begins", "/ ends", "shutdown"]
    assert apps[1].log == ["/ begins", "/ ends"]
    assert [app.states for app in apps] == [[{"pool": "ready"}], [None]]


def test_serve_ends_when_it_is_told_to_drain(run: Run) -> None:
    app = App()

    async def scenario() -> None:
        server, serving = await started(app)
        server.drain()
        await serving

    run(scenario())
    assert app.log == ["startup", "shutdown"]


def test_who_has_sent_a_request_before_the_drain_is_answered(run: Run) -> None:
    """Also on connections that the server has not seen yet, because something else held up the loop."""

    async def scenario() -> None:
        async with Server(App(), settings()) as server:
            kept = await Connection.to(server)
            kept.ask("/")
            await kept.head()
            host, port = server.addresses[0].removeprefix("http://").rsplit(":", 1)
            clients = [socket.create_connection((host, int(port))) for _ in range(20)]
            for client in clients:
                client.sendall(b"GET / HTTP/1.1\r\nhost: test\r\n\r\n")
            kept.ask("/")
        assert (await kept.rest()).startswith(b"by the lifespanHTTP/1.1 200 OK")
        await kept.close()
        for client in clients:
            with client:
                client.settimeout(10)
                assert client.recv(1000).startswith(b"HTTP/1.1 200 OK")
                assert not client.recv(1000)

    run(scenario())


def test_asgi_121_what_runs_is_finished_before_the_shutdown_and_nobody_new_is_taken(run: Run) -> None:
    app = App()

    async def scenario() -> None:
        server, serving = await started(app)
        idle, busy = await Connection.to(server), await Connection.to(server)
        idle.ask("/")
        await idle.head()
        app.began.clear()
        busy.ask("/hold")
        await app.began.wait()
        server.drain()
        assert await idle.rest() == b"by the lifespan"
        assert await refused(server)
        assert "shutdown" not in app.log
        app.release.set()
        assert b"connection: close\r\n" in await busy.rest()
        await asyncio.gather(idle.close(), busy.close())
        await serving
        assert app.log[-2:] == ["/hold ends", "shutdown"]

    run(scenario())


def test_asgi_121_work_behind_a_response_is_waited_for(run: Run) -> None:
    app = App()

    async def scenario() -> None:
        server, serving = await started(app)
        connection = await Connection.to(server)
        connection.ask("/background", "connection: close")
        await connection.rest()
        await connection.close()
        server.drain()
        await timers_fired()
        assert "shutdown" not in app.log
        app.release.set()
        await serving
        assert app.log.index("/background ends") < app.log.index("shutdown")

    run(scenario())


def test_what_does_not_end_in_time_is_answered_with_503_and_cut_off(
    run: Run, caplog: pytest.LogCaptureFixture
) -> None:
    app = App()

    async def scenario() -> None:
        async with Server(app, settings(drain_seconds=0)) as server:
            connection = await Connection.to(server)
            connection.ask("/hold")
            await app.began.wait()
        assert (await connection.rest()).startswith(b"HTTP/1.1 503 Service Unavailable\r\n")
        await connection.close()

    run(scenario())
    assert app.log == ["startup", "/hold begins", "shutdown"]
    assert "cut off: 1 connections, 1 requests" in caplog.text


def test_a_second_drain_does_not_wait(run: Run) -> None:
    app = App()

    async def scenario() -> None:
        server, serving = await started(app)
        connection = await Connection.to(server)
        connection.ask("/hold")
        await app.began.wait()
        server.drain()
        await timers_fired()
        assert not serving.done()
        server.drain()
        await serving
        await connection.close()

    run(scenario())
    assert app.log[-1] == "shutdown"


def test_a_close_deadline_of_nothing_does_not_fail_the_end(run: Run) -> None:
    app = App()

    async def scenario() -> None:
        async with Server(app, settings(drain_seconds=0, close_seconds=0.001)) as server:
            connection = await Connection.to(server)
            connection.ask("/hold")
            await app.began.wait()
        await connection.close()

    run(scenario())
    assert app.log[-1] == "shutdown"


def test_an_application_that_ignores_its_cancellation_is_left_behind(run: Run) -> None:
    app = App()
    stubborn = asyncio.Event()

    async def ignoring(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await app(scope, receive, send)
            return
        app.began.set()
        while not stubborn.is_set():
            try:
                await stubborn.wait()
            except asyncio.CancelledError:
                app.log.append("ignored")

    async def scenario() -> None:
        async with Server(ignoring, settings(drain_seconds=0, close_seconds=0.01)) as server:
            connection = await Connection.to(server)
            connection.ask("/")
            await app.began.wait()
        assert app.log == ["startup", "ignored", "shutdown"]
        stubborn.set()
        await connection.close()
        await settled()

    run(scenario())


def test_a_websocket_is_told_to_go_and_the_server_waits_for_its_application(run: Run) -> None:
    app = App()

    async def scenario() -> None:
        server, serving = await started(app)
        connection = await Connection.to(server)
        connection.ask(
            "/",
            "upgrade: websocket",
            "connection: upgrade",
            "sec-websocket-version: 13",
            "sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==",
        )
        await connection.head()
        await app.began.wait()
        server.drain()
        assert (await connection.reader.readexactly(4))[2:] == (1012).to_bytes(2, "big")
        connection.writer.write(b"\x88\x82\0\0\0\0" + (1012).to_bytes(2, "big"))
        await connection.rest()
        await connection.close()
        await serving

    run(scenario())
    assert app.log == ["startup", "websocket 1012", "shutdown"]


def test_asgi_119_a_start_up_that_fails_is_raised_and_nothing_is_served(run: Run) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "lifespan.startup.failed", "message": "no database"})

    async def scenario() -> None:
        server = Server(app, settings())
        with pytest.raises(LifespanFailed, match="no database"):
            await server.serve(handle_signals=False)
        assert await refused(server)

    run(scenario())


def test_a_start_up_that_takes_too_long_is_given_up(run: Run) -> None:
    ended: list[bool] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append(True)

    async def scenario() -> None:
        server = Server(app, settings(lifespan_seconds=0.01))
        with pytest.raises(LifespanFailed, match=r"longer than 0\.01 seconds"):
            await server.serve(handle_signals=False)
        assert ended

    run(scenario())


def test_a_server_that_is_told_to_stop_while_it_starts_ends_in_good_order(run: Run) -> None:
    ended: list[bool] = []
    began = asyncio.Event()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        began.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.append(True)

    async def scenario() -> None:
        server = Server(app, settings())
        serving = asyncio.ensure_future(server.serve(handle_signals=False))
        await began.wait()
        server.drain()
        await serving
        assert ended
        assert await refused(server)

    run(scenario())


def test_a_cancelled_server_drains_like_any_other(run: Run) -> None:
    app = App()

    async def scenario() -> None:
        _, serving = await started(app)
        serving.cancel()
        with pytest.raises(asyncio.CancelledError):
            await serving

    run(scenario())
    assert app.log == ["startup", "shutdown"]


def test_a_drain_that_is_cancelled_leaves_no_connection_and_still_shuts_down(run: Run) -> None:
    app = App()

    async def scenario() -> None:
        server, serving = await started(app)
        connection = await Connection.to(server)
        connection.ask("/hold")
        await app.began.wait()
        server.drain()
        await timers_fired()
        serving.cancel()
        with pytest.raises(asyncio.CancelledError):
            await serving
        await connection.close()
        app.release.set()
        await settled()

    run(scenario())
    assert app.log[:3] == ["startup", "/hold begins", "shutdown"]


def test_a_shutdown_that_takes_too_long_is_told_and_ended(run: Run, caplog: pytest.LogCaptureFixture) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await asyncio.Event().wait()

    async def scenario() -> None:
        async with Server(app, settings(lifespan_seconds=0.01)):
            pass

    run(scenario())
    assert "shutdown took longer than 0.01 seconds" in caplog.text


def test_an_address_in_use_is_raised_before_the_application_starts(run: Run) -> None:
    app = App()

    async def scenario() -> None:
        async with Server(App(), settings()) as first:
            taken = first.addresses[0].removeprefix("http://")
            with pytest.raises(BindError):
                await Server(app, settings(bind=(taken,))).serve(handle_signals=False)

    run(scenario())
    assert app.log == []


def test_a_body_that_only_the_end_of_the_connection_ends_is_cut_by_a_reset(run: Run) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200})
        await send({"type": "http.response.body", "body": b"part", "more_body": True})
        raise RuntimeError("a bug")

    async def scenario() -> None:
        async with Server(app, settings(lifespan="off")) as server:
            connection = await Connection.to(server)
            connection.writer.write(b"GET / HTTP/1.0\r\n\r\n")
            with pytest.raises(ConnectionResetError):
                await connection.rest()
            connection.writer.close()

    run(scenario())


def test_connections_over_the_most_are_refused_with_503(run: Run) -> None:
    async def scenario() -> None:
        async with Server(App(), settings(max_connections=1)) as server:
            first = await Connection.to(server)
            first.ask("/")
            await first.head()
            second = await Connection.to(server)
            assert (await second.head()).startswith(b"HTTP/1.1 503 Service Unavailable\r\n")
            await asyncio.gather(first.close(), second.close())

    run(scenario())


def test_the_start_up_line_names_addresses_and_application(
    run: Run, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)

    async def scenario() -> None:
        async with Server(App(), settings(), name="shop:app") as server:
            (line,) = [each.getMessage() for each in caplog.records if "serves" in each.getMessage()]
            assert f"serves shop:app (ASGI 3) on {server.addresses[0]} " in line

    run(scenario())
