"""The checklist, items 115 to 127: start-up before the first connection, shutdown after the last."""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.conformance.client import Conversation, ProbeClient
from tests.support.raw_client import RawClient, connect, request
from tests.support.server import Output, RunningServer, running_process, running_server

APPS = "tests.conformance.probe.lifespans"


@dataclass(frozen=True)
class Stage:
    """Where an application of `probe.lifespans` writes its events and waits, and how to serve it."""

    folder: Path
    command: Sequence[str]

    @property
    def url(self) -> str:
        return f"unix:{self.folder}/socket"

    @property
    def events(self) -> list[str]:
        file = self.folder / "events"
        return file.read_text().splitlines() if file.exists() else []

    def open_gate(self) -> None:
        (self.folder / "gate").write_bytes(b"")

    def serve(self, name: str, *options: str) -> AbstractContextManager[RunningServer]:
        return running_server(
            f"{APPS}:{name}", *options, bind=[self.url], environment=self._environment, command=self.command
        )

    @contextmanager
    def start(self, name: str, *options: str) -> Iterator[tuple[Callable[[], int], Output]]:
        """Starts the server without waiting for its address; gives what waits for the exit code."""
        command = [*self.command, f"{APPS}:{name}", "--bind", self.url, *options]
        with running_process(command, environment=self._environment) as (process, output):
            yield lambda: process.wait(10), output

    @property
    def _environment(self) -> dict[str, str]:
        names = {"EVENTS": "events", "GATE": "gate", "SOCKET": "socket"}
        return {variable: str(self.folder / name) for variable, name in names.items()}


@pytest.fixture
def stage(tmp_path: Path, server_command: Sequence[str]) -> Stage:
    os.mkfifo(tmp_path / "gate")
    return Stage(tmp_path, server_command)


def get(client: RawClient, target: str = "/") -> bytes:
    client.send(request("GET", target))
    return client.read_response().body


def test_asgi_115_there_is_one_lifespan_in_the_loop_of_the_requests(probe: ProbeClient, stage: Stage):
    assert probe.run("lifespan.compare")["same loop"] is True
    with stage.serve("plain") as server:
        for _ in range(3):
            with connect(server.url) as client:
                get(client)
        server.stop()
    assert [event for event in stage.events if event.startswith("lifespan")] == [
        "lifespan.startup",
        "lifespan.shutdown",
    ]


def test_asgi_116_the_scope_of_the_lifespan_has_its_versions_and_an_empty_state(probe: ProbeClient):
    scope, event = probe.run("lifespan.compare")["lifespan"]
    assert scope["type"] == "lifespan"
    assert scope["asgi"] == {"version": "3.0", "spec_version": "2.0"}
    assert scope["state"] == {}
    assert event == {"type": "lifespan.startup"}


def test_asgi_117_no_request_is_served_before_the_start_up_is_complete(stage: Stage):
    with stage.start("slow_start") as (_, output):
        output.wait_line("starting", seconds=10)
        early = early_connection(stage.url)
        assert "unix:" not in output.text
        stage.open_gate()
        output.wait_line("unix:", seconds=10)
        with connect(stage.url) as client:
            assert get(client).startswith(b"started\n")
        if early is not None:
            with early:
                assert early.read_response().body.startswith(b"started\n")


def early_connection(url: str) -> RawClient | None:
    """A connection with a request in it; None if the server does not listen yet."""
    try:
        client = connect(url)
        client.send(request("GET", "/"))
    except OSError:
        return None
    return client


def test_asgi_118_requests_are_served_when_the_start_up_is_complete(stage: Stage):
    with stage.serve("plain") as server, connect(server.url) as client:
        assert get(client) == b"lifespan.startup\nrequest /\n"


def test_asgi_119_a_failed_start_up_is_reported_and_ends_the_server(stage: Stage):
    with stage.start("failed_start") as (wait_exit, output):
        output.wait_line("the database is away", seconds=10)
        assert wait_exit() > 0
    assert stage.events == ["lifespan.startup"]


@pytest.mark.parametrize("name", ["raises_at_scope", "raises_at_startup"])
def test_asgi_120_an_application_that_raises_at_the_lifespan_is_served_without(stage: Stage, name: str):
    with stage.serve(name) as server, connect(server.url) as client:
        assert get(client).endswith(b"request /\n")


def test_asgi_121_the_shutdown_comes_when_the_last_connection_is_closed(stage: Stage):
    with stage.serve("plain") as server, connect(server.url) as idle, connect(server.url) as busy:
        get(idle)
        busy.send(request("GET", "/wait"))
        server.wait_line("waiting")
        server.process.terminate()
        assert idle.read_to_end() == b""
        assert "lifespan.shutdown" not in stage.events
        stage.open_gate()
        assert busy.read_response().status == 200
        server.wait_exit()
    assert stage.events[-3:] == ["answered /wait", "lifespan.shutdown", "server is closed"]


def test_asgi_122_the_server_waits_for_the_end_of_the_shutdown(stage: Stage):
    with stage.serve("slow_stop") as server:
        server.process.terminate()
        server.wait_line("stopping")
        assert server.process.poll() is None
        stage.open_gate()
        assert server.wait_exit() == 0
    assert stage.events == ["stopped"]


def test_asgi_122_a_failed_shutdown_is_reported(stage: Stage):
    with stage.serve("failed_stop") as server:
        server.stop()
        assert "the disk is full" in server.output


def test_asgi_123_an_application_that_raised_at_the_start_up_gets_no_shutdown(stage: Stage):
    with stage.serve("raises_at_startup") as server:
        server.stop()
    assert stage.events == ["lifespan.startup", "raised"]


def test_asgi_124_requests_share_the_objects_of_the_state_and_not_its_keys(server_command: Sequence[str]):
    target = "tests.conformance.probe.app:create_app"
    with running_server(target, "--factory", command=server_command) as server:
        probe = ProbeClient(server)
        states = [probe.run("http.state")["state"] for _ in range(2)]
        with Conversation(probe, behaviour="websocket.scope") as conversation:
            conversation.open()
            states.append(conversation.call.facts["state"])
    assert [state["first"] for state in states] == [True, True, True]
    assert [state["lifespan"].count("changed") for state in states] == [0, 1, 2]


def test_asgi_127_an_application_that_returns_early_is_served_without(stage: Stage):
    with stage.serve("returns_early") as server, connect(server.url) as client:
        assert get(client) == b"request /\n"
        server.stop()


def test_context_variables_of_the_start_up_are_seen_by_requests(probe: ProbeClient):
    assert probe.run("lifespan.compare")["greeting"] == "set at start-up"
