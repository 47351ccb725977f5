"""`penstock run` as a process: what it serves, what it prints, and how it ends when it cannot run."""

import socket
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from tests.support.raw_client import connect, request
from tests.support.server import running_process, running_server

from penstock.server.exit_codes import ExitCode
from penstock.server.variant import engine_variant

HELLO = """
async def app(scope, receive, send):
    assert scope["type"] == "http"
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/plain")]})
    await send({"type": "http.response.body", "body": b"Hello"})


def create_app():
    return app


class Holder:
    app = staticmethod(app)
"""
FAILING = """
async def app(scope, receive, send):
    assert scope["type"] == "lifespan"
    await receive()
    await send({"type": "lifespan.startup.failed", "message": "no database"})
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "hello.py").write_text(HELLO)
    (tmp_path / "broken.py").write_text("import hello\n\n\ndef load():\n    return 1 / 0\n\n\nload()\n")
    (tmp_path / "failing.py").write_text(FAILING)
    return tmp_path


@pytest.mark.parametrize(
    "words",
    [
        ("hello:app",),
        ("hello",),
        ("hello:create_app", "--factory"),
        ("hello:Holder.app",),
        ("hello.py:app",),
        ("./hello.py",),
    ],
)
def test_an_application_is_found_however_it_is_named(
    folder: Path, server_command: Sequence[str], words: tuple[str, ...]
):
    with running_server(*words, folder=folder, command=server_command) as server:
        with connect(server.url) as client:
            client.send(request("GET", "/"))
            assert client.read_response().body == b"Hello"
        assert server.stop() == 0


def test_the_start_line_tells_what_runs_and_where(folder: Path, server_command: Sequence[str]):
    with running_server("hello:app", folder=folder, command=server_command) as server:
        assert "hello:app" in server.start_line
        assert f"http://127.0.0.1:{server.port}" in server.start_line
        assert "uvloop" in server.start_line
        assert f"engines {engine_variant()}" in server.start_line
        assert server.port != 0


def test_the_loop_can_be_chosen(folder: Path, server_command: Sequence[str]):
    with running_server("hello:app", "--no-uvloop", folder=folder, command=server_command) as server:
        assert "asyncio" in server.start_line
        with connect(server.url) as client:
            client.send(request("GET", "/"))
            assert client.read_response().body == b"Hello"


def test_the_fields_of_every_response_can_be_chosen(folder: Path, server_command: Sequence[str]):
    options = ("--no-date-header", "--no-server-header", "--header", "X-One: 1", "--header", "x-two: 2")
    with (
        running_server("hello:app", *options, folder=folder, command=server_command) as server,
        connect(server.url) as client,
    ):
        client.send(request("GET", "/"))
        fields = client.read_response().fields
    assert dict(fields).keys().isdisjoint({b"date", b"server"})
    assert [pair for pair in fields if pair[0].startswith(b"x-")] == [(b"x-one", b"1"), (b"x-two", b"2")]


def test_a_lifespan_that_is_off_is_not_begun(folder: Path, server_command: Sequence[str]):
    options = ("--lifespan", "off")
    with running_server("failing:app", *options, folder=folder, command=server_command) as server:
        assert server.stop() == 0
        assert "no database" not in server.output


ERRORS = {
    "no module": (("nothing:app",), ExitCode.APPLICATION, "nothing"),
    "no attribute": (("hello:nothing",), ExitCode.APPLICATION, "nothing"),
    "not callable": (("hello:HELLO",), ExitCode.APPLICATION, "HELLO"),
    "no file": (("nothing.py",), ExitCode.APPLICATION, "nothing.py"),
    "an import that fails": (("broken:app",), ExitCode.APPLICATION, "broken"),
    "a start-up that fails": (("failing:app",), ExitCode.LIFESPAN, "no database"),
    "no lifespan where it has to be": (("hello:app", "--lifespan", "on"), ExitCode.LIFESPAN, "lifespan"),
    "no certificate": (("hello:app", "--certfile", "none.pem"), ExitCode.TLS, "none.pem"),
    "an unknown option": (("hello:app", "--nothing"), ExitCode.USAGE, "--nothing"),
    "a bad number": (("hello:app", "--max-head-bytes", "many"), ExitCode.USAGE, "--max-head-bytes"),
    "a negative number": (("hello:app", "--head-seconds", "-1"), ExitCode.USAGE, "--head-seconds"),
    "a bad address": (("hello:app", "--bind", "localhost:http"), ExitCode.USAGE, "localhost:http"),
    "no application named": ((), ExitCode.USAGE, "TARGET"),
}


@pytest.mark.parametrize("kind", ERRORS)
def test_what_keeps_the_server_from_running_is_told_in_one_line_and_a_code(
    folder: Path, server_command: Sequence[str], kind: str
):
    words, code, named = ERRORS[kind]
    bind = () if "--bind" in words else ("--bind", "127.0.0.1:0")
    with running_process([*server_command, *words, *bind], folder) as (process, output):
        assert process.wait(10) == code
        output.wait_end()
    lines = [line for line in output.text.splitlines() if line.startswith("penstock: error: ")]
    assert len(lines) == 1
    assert named in lines[0]
    assert output.text.splitlines()[-1] == lines[0]


def test_an_import_that_fails_shows_the_frames_of_the_application_alone(
    folder: Path, server_command: Sequence[str]
):
    with running_process([*server_command, "broken:app"], folder) as (process, output):
        process.wait(10)
        output.wait_end()
    assert "ZeroDivisionError" in output.text
    assert "return 1 / 0" in output.text
    assert "importlib" not in output.text


def test_a_port_in_use_is_told_with_its_address(folder: Path, server_command: Sequence[str]):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        words = [*server_command, "hello:app", "--bind", f"127.0.0.1:{port}"]
        with running_process(words, folder) as (process, output):
            assert process.wait(10) == ExitCode.BIND
            output.wait_line(f"penstock: error: .*127.0.0.1:{port}", seconds=5)


def test_a_module_run_by_python_is_the_same_command():
    with running_process([sys.executable, "-m", "penstock", "--version"]) as (process, output):
        assert process.wait(10) == ExitCode.CLEAN
        output.wait_line(r"^penstock \d", seconds=5)
