"""The response of an application: what the WSGI server gets, when, and how it leaves before the end."""

import asyncio
import threading
from typing import Any

import pytest
from tests.adapters.asgi_to_wsgi.apps import hello, part, respond, start
from tests.adapters.asgi_to_wsgi.conftest import Adapt
from tests.adapters.asgi_to_wsgi.wsgi_server import Reply, ask, begin, environ_of

from penstock.adapters import AsgiToWsgiBounds
from penstock.base.errors import ClientDisconnected

PART = 1000


def test_a_response_has_its_status_its_headers_and_its_body(adapt: Adapt):
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await respond(send, b"body", (b"X-A", b"1"), (b"x-a", b"caf\xe9"), status=404)

    answer = ask(adapt(app))
    assert answer.status == "404 Not Found"
    assert answer.headers == [("content-type", "text/plain"), ("X-A", "1"), ("x-a", "caf\xe9")]
    assert answer.body == b"body"


def test_a_status_without_a_registered_reason_has_one_nevertheless(adapt: Adapt):
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await respond(send, status=299)

    assert ask(adapt(app)).status == "299 Unknown"


def test_headers_and_body_may_be_left_out(adapt: Adapt):
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200})
        await send({"type": "http.response.body"})

    answer = ask(adapt(app), strict=False)
    assert (answer.status, answer.headers, answer.body) == ("200 OK", [], b"")


@pytest.mark.parametrize("body", [bytearray(b"abc"), memoryview(b"abc")])
def test_a_body_may_be_any_kind_of_bytes(adapt: Adapt, body: Any):
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await respond(send, body)

    assert ask(adapt(app)).body == b"abc"


def test_what_concerns_the_connection_is_left_to_the_server(adapt: Adapt):
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await respond(send, b"", (b"Connection", b"close"), (b"transfer-encoding", b"chunked"))

    assert ask(adapt(app)).headers == [("content-type", "text/plain")]


def test_parts_arrive_in_their_order_and_each_as_soon_as_it_is_sent(adapt: Adapt):
    go = threading.Event()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send(start())
        await send(part(b"first", more=True))
        await asyncio.to_thread(go.wait, 10)
        await send(part(b"second", more=True))
        await send(part(b"third"))

    reply = begin(adapt(app))
    assert reply.next() == b"first"
    go.set()
    assert reply.rest() == b"secondthird"
    reply.close()


def test_an_empty_part_sends_the_head_ahead(adapt: Adapt):
    go = threading.Event()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send(start())
        await send(part(more=True))
        await asyncio.to_thread(go.wait, 10)
        await send(part(b"late", more=True))
        await send(part(more=True))
        await send(part())

    reply = begin(adapt(app))
    assert (reply.status, reply.next()) == ("200 OK", b"")
    go.set()
    assert reply.rest() == b"late"
    reply.close()


def test_an_application_that_sends_faster_than_the_server_takes_has_to_wait(adapt: Adapt):
    """The second request is answered when the first one's application has come to wait."""
    sent = 0

    async def app(scope: Any, receive: Any, send: Any) -> None:
        nonlocal sent
        if scope["path"] == "/sent":
            await respond(send, str(sent).encode())
            return
        await send(start())
        for _ in range(50):
            sent += 1
            await send(part(bytes(PART), more=True))
        await send(part())

    adapter = adapt(app, bounds=AsgiToWsgiBounds(buffer_bytes=3 * PART))
    reply = begin(adapter)
    assert int(ask(adapter, path="/sent").body) <= 9  # begun with, buffered, and the one that waits
    assert len(reply.rest()) == 50 * PART
    reply.close()
    assert sent == 50


@pytest.mark.parametrize(("method", "status"), [("HEAD", 200), ("GET", 204), ("GET", 304)])
def test_a_response_that_has_no_body_is_sent_without(adapt: Adapt, method: str, status: int):
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": status, "headers": [(b"content-length", b"5")]})
        await send(part(b"abcde"))

    answer = ask(adapt(app), strict=False, method=method)
    assert (answer.headers, answer.body) == ([("content-length", "5")], b"")


def test_an_endless_response_to_head_ends(adapt: Adapt):
    ended = threading.Event()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send(start())
        try:
            while True:
                await send(part(bytes(PART), more=True))
                await asyncio.sleep(0)
        except ClientDisconnected:
            ended.set()

    assert ask(adapt(app), method="HEAD").body == b""
    assert ended.wait(10)


def test_what_is_sent_behind_the_response_is_ignored(adapt: Adapt):
    ended = threading.Event()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await respond(send, b"whole")
        await send(part(b"more"))
        await send({"type": "http.response.trailers", "headers": []})
        ended.set()

    assert ask(adapt(app)).body == b"whole"
    assert ended.wait(10)


def test_trailers_that_were_announced_are_dropped(adapt: Adapt):
    ended = threading.Event()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send(start((b"trailer", b"x-sum")) | {"trailers": True})
        await send(part(b"whole"))
        await send({"type": "http.response.trailers", "headers": [(b"x-sum", b"1")]})
        ended.set()

    answer = ask(adapt(app))
    assert (answer.body, answer.values("trailer")) == (b"whole", [])
    assert ended.wait(10)


def test_what_runs_on_behind_the_response_is_not_cut_short(adapt: Adapt):
    go, ended = threading.Event(), threading.Event()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await respond(send, b"started")
        await asyncio.to_thread(go.wait, 10)
        ended.set()

    adapter = adapt(app, bounds=AsgiToWsgiBounds(cancel_seconds=0))
    assert ask(adapter).body == b"started"
    go.set()
    assert ended.wait(10)


class Departures:
    """An application that streams until it is told to stop, and what it was told."""

    def __init__(self, *, stubborn: bool = False) -> None:
        self.told: list[str] = []
        self.ended = threading.Event()
        self._stubborn = stubborn

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        try:
            await send(start())
            await send(part(b"first", more=True))
            await receive()
            self.told.append((await receive())["type"])
            if self._stubborn:
                await self._go_on(send)
            await send(part(b"last"))
        except BaseException as error:
            self.told.append(type(error).__name__)
            raise
        finally:
            self.ended.set()

    async def _go_on(self, send: Any) -> None:
        while True:
            try:
                await send(part(b"again", more=True))
            except OSError:
                continue


def test_an_application_is_told_when_the_server_leaves(adapt: Adapt, caplog: pytest.LogCaptureFixture):
    app = Departures()
    reply = begin(adapt(app, bounds=AsgiToWsgiBounds(cancel_seconds=60)))
    reply.next()
    reply.close()
    assert app.ended.wait(10)
    assert app.told == ["http.disconnect", "ClientDisconnected"]
    assert not caplog.records


def test_an_application_that_goes_on_nevertheless_is_cancelled(
    adapt: Adapt, caplog: pytest.LogCaptureFixture
):
    app = Departures(stubborn=True)
    reply = begin(adapt(app, bounds=AsgiToWsgiBounds(cancel_seconds=0)))
    reply.next()
    reply.close()
    assert app.ended.wait(10)
    assert app.told == ["http.disconnect", "CancelledError"]
    assert not caplog.records


def test_an_application_that_waits_for_the_server_to_take_more_is_told_that_it_left(adapt: Adapt):
    ended = threading.Event()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send(start())
        try:
            while True:
                await send(part(bytes(PART), more=True))
        except ClientDisconnected:
            ended.set()

    reply = begin(adapt(app, bounds=AsgiToWsgiBounds(buffer_bytes=3 * PART, cancel_seconds=60)))
    reply.next()
    reply.close()
    assert ended.wait(10)


def test_a_server_that_refuses_the_head_leaves_too(adapt: Adapt):
    app = Departures()
    adapter = adapt(app)

    def refuse(status: str, headers: Any, exc_info: Any = None) -> Any:
        raise ValueError("as asked for")

    with pytest.raises(ValueError, match="as asked for"):
        adapter(environ_of(), refuse)
    assert app.ended.wait(10)
    assert app.told[0] == "http.disconnect"


def test_many_threads_are_served_at_one_time(adapt: Adapt):
    """All are answered only when all have come."""
    count = 20
    all_here = asyncio.Barrier(count)

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await all_here.wait()
        await respond(send, scope["path"].encode())

    adapter = adapt(app)
    answers: dict[int, bytes] = {}

    def client(number: int) -> None:
        answers[number] = ask(adapter, path=f"/{number}").body

    threads = [threading.Thread(target=client, args=[number]) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert answers == {number: f"/{number}".encode() for number in range(count)}


def test_an_application_of_asgi_2_is_served(adapt: Adapt):
    class App:
        def __init__(self, scope: Any) -> None:
            self.scope = scope

        async def __call__(self, receive: Any, send: Any) -> None:
            await respond(send, self.scope["path"].encode())

    assert ask(adapt(App), path="/a").body == b"/a"


def test_two_adapters_do_not_see_each_other(adapt: Adapt):
    first, second = adapt(hello), adapt(hello)
    first.close()
    assert ask(second).body == b"hello"


def test_a_response_is_iterated_in_another_thread_while_its_own_serves_the_next_request(adapt: Adapt):
    """Both wait for the loop at one time, and each is woken: the one that came last first."""
    go = {"/first": threading.Event(), "/second": threading.Event()}
    bodies: dict[str, bytes] = {}

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send(start())
        await send(part(b"begun ", more=True))
        await asyncio.to_thread(go[scope["path"]].wait, 10)
        await send(part(scope["path"].encode()))

    adapter = adapt(app)

    def rest_of(reply: Reply, path: str) -> None:
        bodies[path] = reply.rest()

    def serve_both() -> None:
        first = begin(adapter, path="/first", strict=False)
        other = threading.Thread(target=rest_of, args=(first, "/first"), daemon=True)
        other.start()
        second = begin(adapter, path="/second", strict=False)
        go["/second"].set()
        rest_of(second, "/second")
        go["/first"].set()
        other.join()

    for _ in range(20):
        for event in go.values():
            event.clear()
        bodies.clear()
        serving = threading.Thread(target=serve_both, daemon=True)
        serving.start()
        serving.join(10)
        assert bodies == {"/first": b"begun /first", "/second": b"begun /second"}
