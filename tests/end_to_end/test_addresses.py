"""Where a server listens: any number of addresses, of every kind, and what is left of them afterwards."""

import socket
import stat
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from tests.end_to_end.conftest import PLAIN, Start
from tests.support.raw_client import connect, request
from tests.support.server import ADDRESS, running_process


def is_served(url: str) -> bool:
    with connect(url) as client:
        client.send(request("GET", "/"))
        return client.read_response().body == b"hello"


def test_one_server_listens_on_many_addresses(tmp_path: Path, start: Start):
    bind = ["127.0.0.1:0", "127.0.0.1:0", f"unix:{tmp_path}/one", f"unix:{tmp_path}/two"]
    with start(bind=bind) as server:
        assert len(set(server.addresses)) == 4
        assert all(map(is_served, server.addresses))


@pytest.mark.skipif(not socket.has_ipv6, reason="this machine has no IPv6")
def test_ipv6_is_written_in_brackets(start: Start):
    with start(bind=["[::1]:0"]) as server:
        assert server.url.startswith("http://[::1]:")
        assert is_served(server.url)


def test_a_unix_socket_has_its_mode_and_is_removed_at_the_end(tmp_path: Path, start: Start):
    path = tmp_path / "socket"
    options = ("--unix-socket-mode", "600")
    with start(*options, bind=[f"unix:{path}"]) as server:
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert is_served(server.url)
        assert server.stop() == 0
    assert not path.exists()


def test_a_stale_unix_socket_is_replaced_and_a_living_one_is_not(
    tmp_path: Path, start: Start, server_command: Sequence[str]
):
    path = tmp_path / "socket"
    with socket.socket(socket.AF_UNIX) as stale:
        stale.bind(str(path))
    with start(bind=[f"unix:{path}"]) as server:
        assert is_served(server.url)
        words = [*server_command, PLAIN, "--factory", "--bind", f"unix:{path}"]
        with running_process(words) as (process, _):
            assert process.wait(10) > 0
        assert is_served(server.url)


def test_an_inherited_socket_is_served(server_command: Sequence[str]):
    with socket.create_server(("127.0.0.1", 0)) as listening:
        number = listening.fileno()
        words = [*server_command, PLAIN, "--factory", "--bind", f"fd://{number}"]
        process = subprocess.Popen(words, pass_fds=[number], stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        assert process.stdout is not None
        with process.stdout as lines:
            try:
                line = next(line for line in lines if ADDRESS.search(line.decode()))
                assert f":{listening.getsockname()[1]}" in line.decode()
                assert is_served(f"http://127.0.0.1:{listening.getsockname()[1]}")
            finally:
                process.kill()
                process.wait()


def test_the_package_can_be_run_from_any_folder(tmp_path: Path):
    words = [sys.executable, "-m", "penstock", "run", "--help"]
    with running_process(words, tmp_path) as (process, output):
        assert process.wait(10) == 0
        output.wait_line("--max-head-bytes", seconds=5)
