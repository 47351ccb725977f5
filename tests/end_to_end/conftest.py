"""What the end-to-end tests share: the command that starts the server, certificates, a large file, one
server that runs the plain application for all of them, and the doors into it.

The environment variable `SERVER_UNDER_TEST` names another command (it gets the application, `--bind` and the
options behind it), so that the tests themselves can be tried against other servers.
"""

import os
import shlex
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest
from tests.end_to_end.doors import Door
from tests.support.certificates import Certificates, make_certificates
from tests.support.server import PENSTOCK, RunningServer, running_server

MIB = 1024 * 1024
PLAIN = "tests.end_to_end.apps.plain:create_app"
ASYNCIO = ("--no-uvloop", "--no-eager-tasks")
Start = Callable[..., AbstractContextManager[RunningServer]]

# A shell has what it runs in the background ignore SIGINT, and every server that we start would inherit that.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def server_command() -> Sequence[str]:
    return shlex.split(os.environ.get("SERVER_UNDER_TEST", "")) or PENSTOCK


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return make_certificates(tmp_path_factory.mktemp("certificates"))


@pytest.fixture(scope="session")
def tls_options(certificates: Certificates) -> Sequence[str]:
    return ("--certfile", str(certificates.cert_file), "--keyfile", str(certificates.key_file))


@pytest.fixture(scope="session")
def large_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """10 MiB in which no stretch is like another."""
    file = tmp_path_factory.mktemp("files") / "file.bin"
    file.write_bytes(b"".join(number.to_bytes(8, "big") for number in range(10 * MIB // 8)))
    return file


@pytest.fixture(scope="session")
def start(server_command: Sequence[str], large_file: Path) -> Start:
    def starter(*options: str, **keys: Any) -> AbstractContextManager[RunningServer]:
        environment = {"FILE": str(large_file)}
        return running_server(
            PLAIN, "--factory", *options, environment=environment, command=server_command, **keys
        )

    return starter


@pytest.fixture(scope="session")
def plain_server(start: Start, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """Listens on TCP and on a Unix socket."""
    with start(bind=["127.0.0.1:0", f"unix:{tmp_path_factory.mktemp('unix')}/socket"]) as server:
        yield server


@pytest.fixture(scope="session")
def tcp_door(plain_server: RunningServer) -> Door:
    return Door(plain_server, plain_server.addresses[0])


@pytest.fixture(scope="session")
def unix_door(plain_server: RunningServer) -> Door:
    return Door(plain_server, plain_server.addresses[1])


@pytest.fixture(scope="session")
def tls_door(start: Start, tls_options: Sequence[str], certificates: Certificates) -> Iterator[Door]:
    with start(*tls_options) as server:
        yield tls_door_of(server, certificates)


@pytest.fixture(scope="session")
def asyncio_door(start: Start) -> Iterator[Door]:
    with start(*ASYNCIO) as server:
        yield Door(server, server.url)


@pytest.fixture(scope="session")
def asyncio_tls_door(start: Start, tls_options: Sequence[str], certificates: Certificates) -> Iterator[Door]:
    with start(*ASYNCIO, *tls_options) as server:
        yield tls_door_of(server, certificates)


def tls_door_of(server: RunningServer, certificates: Certificates) -> Door:
    return Door(server, server.url, certificates.ca_file)


@pytest.fixture(params=["tcp", "unix", "asyncio"])
def bare_door(request: pytest.FixtureRequest) -> Door:
    """A door without TLS."""
    found: Door = request.getfixturevalue(f"{request.param}_door")
    return found


@pytest.fixture(params=["tcp", "tls", "unix", "asyncio", "asyncio_tls"])
def door(request: pytest.FixtureRequest) -> Door:
    found: Door = request.getfixturevalue(f"{request.param}_door")
    return found
