"""How `penstock run` ends: real processes, from their start to their exit codes."""

import re
import socket
import sys
from pathlib import Path

import pytest
from tests.support.server import running_process, running_server

from penstock.server.exit_codes import ExitCode

APP = """
async def app(scope, receive, send):
    if scope["type"] == "http":
        await send({"type": "http.response.start", "status": 200})
        await send({"type": "http.response.body", "body": b"hello"})
    else:
        raise NotImplementedError
"""
FAILING_LIFESPAN = """
async def app(scope, receive, send):
    await receive()
    await send({"type": "lifespan.startup.failed", "message": "the database\\nis away"})
"""


def outcome(folder: Path, *words: str) -> tuple[int, str]:
    """The exit code and the output of a `penstock run` that ends by itself."""
    command = [sys.executable, "-m", "penstock", "run", *words]
    with running_process(command, folder) as (process, output):
        code = process.wait(30)
        output.wait_end()
        return code, output.text


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "served.py").write_text(APP)
    return tmp_path


def test_a_failing_import_shows_the_users_traceback_above_the_line(folder: Path) -> None:
    (folder / "broken.py").write_text("def fail():\n    1 / 0\n\nfail()\n")
    code, text = outcome(folder, "broken:app")
    assert code == ExitCode.APPLICATION
    lines = text.splitlines()
    assert lines[0] == "Traceback (most recent call last):"
    assert lines[-1] == "penstock: error: 'broken' cannot be imported: ZeroDivisionError: division by zero"
    files = re.findall(r'File "([^"]+)"', text)
    assert {Path(file).name for file in files} == {"broken.py"}


def test_a_server_that_is_told_to_stop_ends_with_code_0(folder: Path) -> None:
    with running_server("served:app", folder=folder) as server:
        assert server.stop() == ExitCode.CLEAN


def test_a_port_in_use_has_its_own_exit_code(folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        code, text = outcome(folder, "served:app", "--bind", address)
    assert code == ExitCode.BIND
    assert text.splitlines()[-1].startswith(f"penstock: error: cannot listen on {address}: ")


def test_a_certificate_that_is_none_has_its_own_exit_code(folder: Path) -> None:
    code, text = outcome(folder, "served:app", "--bind", "127.0.0.1:0", "--certfile", "served.py")
    assert code == ExitCode.TLS
    assert text.splitlines()[-1].startswith("penstock: error: --certfile: ")


def test_a_failed_lifespan_has_its_own_exit_code_and_one_line(folder: Path) -> None:
    (folder / "failing.py").write_text(FAILING_LIFESPAN)
    code, text = outcome(folder, "failing", "--bind", "127.0.0.1:0")
    assert code == ExitCode.LIFESPAN
    assert "penstock: error: the application did not start: the database is away" in text
