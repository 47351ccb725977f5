"""A real project of Channels, with real consumers in two processes, on the layers of `penstock.django`."""

import contextlib
import json
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest
from tests.support.redis_server import redis_server
from tests.support.server import ROOT, RunningServer, running_server
from websockets.sync.client import ClientConnection, connect

TARGET = "tests.django.project.asgi:application"
SECONDS = 10


@pytest.fixture(scope="module")
def redis_config() -> Iterator[dict[str, Any]]:
    with redis_server() as server:
        yield {
            "BACKEND": "penstock.django.RedisChannelLayer",
            "CONFIG": {
                "hosts": [server.address],
                "prefix": "project",
                "expiry": 30,
                "group_expiry": 3600,
                "capacity": 5000,
                "lease_seconds": 1,
                "channel_capacity": {"specific*": 6000},
                "symmetric_encryption_keys": ["a secret"],
            },
        }


@pytest.fixture(params=["redis", "local"])
def config(request: pytest.FixtureRequest, tmp_path: Path) -> dict[str, Any]:
    if request.param == "redis":
        config: dict[str, Any] = request.getfixturevalue("redis_config")
        return config
    path = str(tmp_path / "layer.sock")
    return {"BACKEND": "penstock.django.LocalChannelLayer", "CONFIG": {"path": path, "capacity": 5000}}


@pytest.fixture
def servers(config: dict[str, Any]) -> Iterator[list[RunningServer]]:
    environment = {"CHANNEL_LAYER": json.dumps(config)}
    with contextlib.ExitStack() as stack:
        yield [
            stack.enter_context(running_server(TARGET, folder=ROOT, environment=environment))
            for _ in range(2)
        ]


@pytest.fixture
def folder_of_sockets() -> Iterator[Path]:
    """Its name is short, as a socket's has to be."""
    with tempfile.TemporaryDirectory(prefix="p") as folder:
        yield Path(folder)


@pytest.fixture
def lone_server() -> Iterator[RunningServer]:
    config = {"BACKEND": "penstock.django.InMemoryChannelLayer", "CONFIG": {"expiry": 30, "capacity": 5000}}
    with running_server(TARGET, folder=ROOT, environment={"CHANNEL_LAYER": json.dumps(config)}) as server:
        yield server


def chat(server: RunningServer, path: str = "chat") -> ClientConnection:
    return connect(f"ws://127.0.0.1:{server.port}/{path}")


def received(client: ClientConnection) -> Any:
    return json.loads(client.recv(timeout=SECONDS))


def say(client: ClientConnection, text: str) -> None:
    client.send(json.dumps({"say": text}))


def test_consumers_of_two_processes_hear_each_other(servers: list[RunningServer]) -> None:
    with chat(servers[0]) as here, chat(servers[0]) as beside, chat(servers[1]) as there:
        hellos = [received(client) for client in (here, beside, there)]
        assert len({hello["process"] for hello in hellos}) == 2
        assert len({hello["name"] for hello in hellos}) == 3
        for number, speaker in enumerate((here, beside, there)):
            say(speaker, f"sentence {number}")
            for client in (here, beside, there):
                assert received(client) == {"said": f"sentence {number}"}


def test_code_without_a_loop_speaks_to_all(servers: list[RunningServer]) -> None:
    with chat(servers[0], "sync") as here, chat(servers[1]) as there:
        received(there)
        say(here, "from a thread")
        assert received(here) == received(there) == {"said": "from a thread"}
        assert members(servers[1]) == 2
        assert received(here) == received(there) == {"said": "from a view"}


def test_consumers_of_one_process_hear_each_other_in_memory(lone_server: RunningServer) -> None:
    with chat(lone_server) as one, chat(lone_server, "sync") as other:
        received(one)
        say(one, "from a loop")
        assert received(one) == received(other) == {"said": "from a loop"}
        say(other, "from a thread")
        assert received(one) == received(other) == {"said": "from a thread"}
        assert members(lone_server) == 2
        assert received(one) == received(other) == {"said": "from a view"}


def test_consumers_of_a_process_that_is_killed_are_members_no_more(servers: list[RunningServer]) -> None:
    with chat(servers[0]) as here, chat(servers[1]) as there:
        received(here)
        received(there)
        say(there, "hello")
        assert received(here) == received(there) == {"said": "hello"}
        servers[1].process.kill()
        while members(servers[0]) > 1:
            assert received(here) == {"said": "from a view"}
        assert received(here) == {"said": "from a view"}


def test_processes_of_one_project_meet_without_a_path(folder_of_sockets: Path, tmp_path: Path) -> None:
    """Wherever they are started."""
    environment = {
        "CHANNEL_LAYER": '{"BACKEND": "penstock.django.LocalChannelLayer"}',
        "TMPDIR": str(folder_of_sockets),
        "PYTHONPATH": os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH")))),
    }
    with contextlib.ExitStack() as stack:
        here, there = (
            chat(stack.enter_context(running_server(TARGET, folder=folder, environment=environment)))
            for folder in (ROOT, tmp_path)
        )
        with here, there:
            received(here)
            received(there)
            say(there, "hello")
            assert received(here) == received(there) == {"said": "hello"}
    assert [each.name[:8] for each in folder_of_sockets.glob("penstock-*/*.lock")] == ["project-"]


def members(server: RunningServer) -> int:
    with urlopen(f"http://127.0.0.1:{server.port}/tell", timeout=SECONDS) as answer:
        return int(json.load(answer)["members"])
