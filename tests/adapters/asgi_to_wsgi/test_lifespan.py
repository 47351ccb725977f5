"""The lifespan of an application on a WSGI server: once a process, before its first request."""

import asyncio
import contextvars
import threading
from typing import Any

import pytest
from tests.adapters.asgi_to_wsgi.apps import respond
from tests.adapters.asgi_to_wsgi.conftest import Adapt
from tests.adapters.asgi_to_wsgi.wsgi_server import ask

from penstock.adapters import AsgiToWsgiBounds

COLOUR: contextvars.ContextVar[str] = contextvars.ContextVar("colour", default="none")
SHAPE: contextvars.ContextVar[str] = contextvars.ContextVar("shape", default="none")


class App:
    """Keeps what it does; `answers` are what it says to start-up, one for each try."""

    def __init__(self, *answers: str) -> None:
        self.done: list[str] = []
        self.loops: set[asyncio.AbstractEventLoop] = set()
        self._answers = list(answers) or ["complete"]

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.loops.add(asyncio.get_running_loop())
        if scope["type"] == "lifespan":
            await self._live(scope, receive, send)
        else:
            self.done.append("request")
            await respond(send, f"{scope['state'].get('greeting')} {COLOUR.get()} {SHAPE.get()}".encode())
            scope["state"]["greeting"] = "changed"

    async def _live(self, scope: Any, receive: Any, send: Any) -> None:
        assert (await receive())["type"] == "lifespan.startup"
        self.done.append("startup")
        scope["state"]["greeting"] = "hello"
        COLOUR.set("red")
        answer = self._answers.pop(0)
        await send({"type": f"lifespan.startup.{answer}", "message": "no database"})
        if answer == "complete":
            assert (await receive())["type"] == "lifespan.shutdown"
            self.done.append("shutdown")
            await send({"type": "lifespan.shutdown.complete"})


def test_it_starts_before_the_first_request_and_ends_with_the_adapter(adapt: Adapt):
    app = App()
    adapter = adapt(app, lifespan="auto")
    assert app.done == []
    ask(adapter)
    ask(adapter)
    adapter.close()
    adapter.close()
    assert app.done == ["startup", "request", "request", "shutdown"]
    assert len(app.loops) == 1


def test_requests_that_come_at_one_time_start_it_once(adapt: Adapt):
    app = App()
    adapter = adapt(app, lifespan="auto")
    threads = [threading.Thread(target=ask, args=[adapter]) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert app.done == ["startup"] + ["request"] * 10


def test_each_request_has_a_copy_of_its_state(adapt: Adapt):
    adapter = adapt(App(), lifespan="auto")
    assert ask(adapter).body.startswith(b"hello ")
    assert ask(adapter).body.startswith(b"hello ")


def test_requests_see_the_variables_of_the_start_up_and_of_their_thread(adapt: Adapt):
    adapter = adapt(App(), lifespan="auto")
    answer = contextvars.copy_context().run(lambda: SHAPE.set("round") and ask(adapter).body)
    assert answer == b"hello red round"
    assert ask(adapter).body == b"hello red none"


def test_a_start_up_that_failed_is_a_503_and_is_tried_again(adapt: Adapt, caplog: pytest.LogCaptureFixture):
    app = App("failed", "complete")
    adapter = adapt(app, lifespan="auto")
    assert ask(adapter).status == "503 Service Unavailable"
    assert "no database" in caplog.text
    assert ask(adapter).status == "200 OK"
    assert app.done == ["startup", "startup", "request"]


@pytest.mark.parametrize("mode", ["auto", "on"])
def test_an_application_without_lifespan_is_served_unless_it_has_to_start(adapt: Adapt, mode: str):
    async def app(scope: Any, receive: Any, send: Any) -> None:
        assert scope["type"] == "http"
        await respond(send, str("state" in scope).encode())

    answer = ask(adapt(app, lifespan=mode))
    assert (answer.status, answer.body) == {
        "auto": ("200 OK", b"False"),
        "on": ("503 Service Unavailable", b"The application could not be started\n"),
    }[mode]


@pytest.mark.parametrize("error", [None, RuntimeError("as asked for")])
def test_a_start_up_that_breaks_is_told_in_the_log(
    adapt: Adapt, error: Any, caplog: pytest.LogCaptureFixture
):
    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await receive()
            if error is not None:
                raise error
        else:
            await respond(send)

    assert ask(adapt(app, lifespan="auto")).status == "200 OK"
    assert "going on without lifespan" in caplog.text


def test_lifespan_can_be_switched_off(adapt: Adapt):
    types: list[str] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        types.append(scope["type"])
        await respond(send, str("state" in scope).encode())

    assert ask(adapt(app, lifespan="off")).body == b"False"
    assert types == ["http"]


@pytest.mark.parametrize("answer", ["failed", "raises", "none"])
def test_a_shutdown_that_goes_wrong_is_logged_and_ends(
    adapt: Adapt, answer: str, caplog: pytest.LogCaptureFixture
):
    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            await respond(send)
            return
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        if answer == "failed":
            await send({"type": "lifespan.shutdown.failed", "message": "as asked for"})
        elif answer == "raises":
            raise RuntimeError("as asked for")
        else:
            await asyncio.Event().wait()

    adapter = adapt(app, lifespan="auto", bounds=AsgiToWsgiBounds(shutdown_seconds=0.1))
    ask(adapter)
    adapter.close()
    assert ("did not shut down within 0.1 seconds" if answer == "none" else "as asked for") in caplog.text


def test_requests_that_run_are_finished_before_the_shutdown(adapt: Adapt):
    done: list[str] = []
    released = threading.Event()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            await respond(send)
            await asyncio.to_thread(released.wait, 10)
            done.append("background task")
            return
        for event in ("startup", "shutdown"):
            await receive()
            done.append(event)
            await send({"type": f"lifespan.{event}.complete"})

    adapter = adapt(app, lifespan="auto")
    ask(adapter)
    closing = threading.Thread(target=adapter.close)
    closing.start()
    released.set()
    closing.join(20)
    assert done == ["startup", "background task", "shutdown"]


def test_the_loop_can_be_chosen(adapt: Adapt):
    app = App()
    adapter = adapt(app, lifespan="auto", loop_factory=asyncio.SelectorEventLoop)
    ask(adapter)
    assert {type(loop) for loop in app.loops} == {asyncio.SelectorEventLoop}
