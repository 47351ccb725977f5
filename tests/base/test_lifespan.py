"""The lifespan of an application: each way in which it can begin, end, or never have been there."""

import asyncio
import contextvars
import logging
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any

import pytest

from penstock.base.asgi import App, Message, Receive, Scope, Send
from penstock.base.errors import LifespanFailed, LocalProtocolError
from penstock.base.lifespan import Lifespan

Run = Callable[[Coroutine[Any, Any, None]], None]
LOGGED = contextvars.ContextVar("LOGGED", default="")


class Script:
    """An application that answers start-up and shutdown with the messages it was given."""

    def __init__(self, *answers: Message) -> None:
        self.answers = list(answers)
        self.received: list[Message] = []
        self.scope: Scope = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.scope = scope
        for answer in self.answers:
            self.received.append(await receive())
            await send(answer)


def complete() -> Script:
    return Script({"type": "lifespan.startup.complete"}, {"type": "lifespan.shutdown.complete"})


def raising(error: BaseException, *, after_receiving: bool) -> App:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if after_receiving:
            await receive()
        raise error

    return app


def records(caplog: pytest.LogCaptureFixture) -> list[tuple[str, str]]:
    return [(each.levelname, each.getMessage()) for each in caplog.records]


def test_asgi_117_121_the_application_gets_startup_and_then_shutdown(run: Run) -> None:
    app = complete()

    async def scenario() -> None:
        lifespan = Lifespan(app, required=False)
        await lifespan.startup()
        assert app.received == [{"type": "lifespan.startup"}]
        assert lifespan.supported
        await lifespan.shutdown()
        assert app.received == [{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}]
        await lifespan.abandon(None)

    run(scenario())


def test_asgi_116_the_scope_tells_the_versions_and_holds_the_state(run: Run) -> None:
    app = complete()

    async def scenario() -> None:
        lifespan = Lifespan(app, required=False)
        await lifespan.startup()
        assert app.scope == {
            "type": "lifespan",
            "asgi": {"version": "3.0", "spec_version": "2.0"},
            "state": {},
        }
        assert app.scope["state"] is lifespan.state
        await lifespan.shutdown()

    run(scenario())


def test_asgi_119_a_failed_startup_raises_with_the_message_of_the_application(run: Run) -> None:
    app = Script({"type": "lifespan.startup.failed", "message": "no database"})

    async def scenario() -> None:
        lifespan = Lifespan(app, required=False)
        with pytest.raises(LifespanFailed, match="no database"):
            await lifespan.startup()
        await lifespan.shutdown()
        assert app.received == [{"type": "lifespan.startup"}]

    run(scenario())


def test_a_failed_startup_without_a_message_says_so_itself(run: Run) -> None:
    async def scenario() -> None:
        lifespan = Lifespan(Script({"type": "lifespan.startup.failed"}), required=False)
        with pytest.raises(LifespanFailed, match="start-up failed"):
            await lifespan.startup()

    run(scenario())


def test_an_application_that_raises_behind_its_failed_startup_is_told_of_once(
    run: Run, caplog: pytest.LogCaptureFixture
) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "lifespan.startup.failed", "message": "no database"})
        raise RuntimeError("no database")

    async def scenario() -> None:
        lifespan = Lifespan(app, required=False)
        with pytest.raises(LifespanFailed):
            await lifespan.startup()
        await lifespan.abandon(None)

    run(scenario())
    assert records(caplog) == []


@pytest.mark.parametrize("error", [NotImplementedError(), ValueError(), AssertionError(), KeyError("path")])
def test_asgi_120_an_application_that_refuses_the_scope_runs_without_lifespan_in_silence(
    run: Run, caplog: pytest.LogCaptureFixture, error: Exception
) -> None:
    async def scenario() -> None:
        lifespan = Lifespan(raising(error, after_receiving=False), required=False)
        await lifespan.startup()
        assert not lifespan.supported
        await lifespan.shutdown()

    run(scenario())
    assert records(caplog) == []


@pytest.mark.parametrize("error", [KeyError("DATABASE_URL"), RuntimeError("no database")])
def test_a_start_up_that_raises_is_told_with_its_traceback_and_the_server_goes_on(
    run: Run, caplog: pytest.LogCaptureFixture, error: Exception
) -> None:
    async def scenario() -> None:
        lifespan = Lifespan(raising(error, after_receiving=True), required=False)
        await lifespan.startup()
        assert not lifespan.supported

    run(scenario())
    assert records(caplog) == [("WARNING", f"going on without lifespan: it raised {type(error).__name__}")]
    assert caplog.records[0].exc_info is not None


def test_an_application_that_answers_every_scope_with_a_response_runs_without_lifespan(
    run: Run, caplog: pytest.LogCaptureFixture
) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "http.response.start", "status": 200})

    async def scenario() -> None:
        lifespan = Lifespan(app, required=False)
        await lifespan.startup()
        assert not lifespan.supported

    run(scenario())
    assert records(caplog) == []


def test_asgi_127_an_application_that_returns_at_once_runs_without_lifespan(run: Run) -> None:
    async def scenario() -> None:
        lifespan = Lifespan(Script(), required=False)
        await lifespan.startup()
        assert not lifespan.supported
        await lifespan.shutdown()

    run(scenario())


def test_an_application_whose_start_up_is_cancelled_from_inside_runs_without_lifespan(
    run: Run, caplog: pytest.LogCaptureFixture
) -> None:
    async def scenario() -> None:
        lifespan = Lifespan(raising(asyncio.CancelledError(), after_receiving=True), required=False)
        await lifespan.startup()
        assert not lifespan.supported

    run(scenario())
    assert records(caplog) == [("WARNING", "going on without lifespan: its task was cancelled")]


@pytest.mark.parametrize(
    "app",
    [
        raising(ValueError(), after_receiving=False),
        raising(RuntimeError(), after_receiving=True),
        raising(asyncio.CancelledError(), after_receiving=True),
        Script(),
    ],
)
def test_where_lifespan_is_required_an_application_without_it_fails(run: Run, app: App) -> None:
    async def scenario() -> None:
        lifespan = Lifespan(app, required=True)
        with pytest.raises(LifespanFailed, match="does not support it"):
            await lifespan.startup()

    run(scenario())


def test_asgi_122_a_failed_shutdown_is_logged_with_its_message(
    run: Run, caplog: pytest.LogCaptureFixture
) -> None:
    app = Script(
        {"type": "lifespan.startup.complete"}, {"type": "lifespan.shutdown.failed", "message": "lost"}
    )

    async def scenario() -> None:
        lifespan = Lifespan(app, required=False)
        await lifespan.startup()
        await lifespan.shutdown()

    run(scenario())
    assert records(caplog) == [("ERROR", "the application's shutdown failed: lost")]


def test_an_exception_during_shutdown_is_logged_and_shutdown_ends(
    run: Run, caplog: pytest.LogCaptureFixture
) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        raise RuntimeError("pool is broken")

    async def scenario() -> None:
        lifespan = Lifespan(app, required=False)
        await lifespan.startup()
        await lifespan.shutdown()

    run(scenario())
    assert records(caplog) == [("ERROR", "the application's lifespan failed while stopping")]


def test_an_application_that_ended_while_the_server_ran_gets_no_shutdown(
    run: Run, caplog: pytest.LogCaptureFixture
) -> None:
    gate = asyncio.Event()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await gate.wait()
        raise RuntimeError("a background task failed")

    async def scenario() -> None:
        lifespan = Lifespan(app, required=False)
        await lifespan.startup()
        gate.set()
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        await lifespan.shutdown()

    run(scenario())
    assert records(caplog) == [("ERROR", "the application's lifespan failed while running")]


def test_an_application_that_returns_behind_its_start_up_is_supported_and_needs_no_shutdown(run: Run) -> None:
    async def scenario() -> None:
        lifespan = Lifespan(Script({"type": "lifespan.startup.complete"}), required=True)
        await lifespan.startup()
        assert lifespan.supported
        await lifespan.shutdown()

    run(scenario())


def test_an_application_that_answered_and_does_not_return_is_ended(run: Run) -> None:
    ended = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await send({"type": "lifespan.shutdown.complete"})
        try:
            await receive()
        finally:
            ended.append(True)

    async def scenario() -> None:
        lifespan = Lifespan(app, required=False)
        await lifespan.startup()
        await lifespan.shutdown()
        assert not ended
        await lifespan.abandon(None)
        assert ended

    run(scenario())


@pytest.mark.parametrize(
    "kind", ["lifespan.startup.complete", "lifespan.shutdown.complete", "lifespan.pause", "http.disconnect"]
)
def test_a_message_out_of_its_place_is_raised_into_the_application(run: Run, kind: str) -> None:
    caught: list[Exception] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "lifespan.startup.complete"})
        try:
            await send({"type": kind})
        except LocalProtocolError as error:
            caught.append(error)

    async def scenario() -> None:
        lifespan = Lifespan(app, required=False)
        await lifespan.startup()

    run(scenario())
    assert kind in str(caught[0])


def test_what_the_application_sets_while_it_starts_is_in_the_context_for_requests(run: Run) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        LOGGED.set("by the lifespan")
        await receive()
        await send({"type": "lifespan.startup.complete"})

    async def scenario() -> None:
        lifespan = Lifespan(app, required=False)
        await lifespan.startup()
        assert lifespan.context.copy().run(LOGGED.get) == "by the lifespan"
        assert LOGGED.get() == ""

    run(scenario())


def test_a_cancelled_start_up_leaves_a_task_that_can_be_abandoned(run: Run) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await asyncio.Event().wait()

    async def scenario() -> None:
        before = asyncio.all_tasks()
        lifespan = Lifespan(app, required=False)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0):
                await lifespan.startup()
        await lifespan.shutdown()
        await lifespan.abandon(None)
        assert asyncio.all_tasks() == before

    run(scenario())


@pytest.fixture(autouse=True)
def capture(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)


def test_an_application_that_ignores_its_cancellation_is_left_behind(
    run: Run, caplog: pytest.LogCaptureFixture
) -> None:
    released = asyncio.Event()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "lifespan.startup.complete"})
        while not released.is_set():
            with suppress(asyncio.CancelledError):
                await released.wait()

    async def scenario() -> None:
        lifespan = Lifespan(app, required=False)
        await lifespan.startup()
        await lifespan.abandon(0)
        released.set()

    run(scenario())
    assert "left behind" in caplog.text
