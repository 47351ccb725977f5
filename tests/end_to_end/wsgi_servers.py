"""WSGI servers that run an ASGI application through the adapter, each started as its users start it.

Servers of the test's own Python are packages of it. Those of the system (mod_wsgi, and uWSGI where it is no
such package) run Debian's Python with the test's packages; what that cannot import is skipped by name.
"""

import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import metadata
from pathlib import Path
from tempfile import TemporaryDirectory

import asgiref
import httpx
import pytest
from packaging.specifiers import SpecifierSet
from tests.support.server import ADDRESS, ROOT, Output, running_process

import penstock

FRAMEWORKS = ("starlette", "fastapi", "quart", "django")
TARGET = "tests.end_to_end.apps.on_wsgi:application"
SYSTEM_PYTHON = "/usr/bin/python3"
MOD_WSGI = Path("/usr/lib/apache2/modules/mod_wsgi.so")
PLACES = (Path(str(penstock.__file__)).resolve().parents[1], ROOT, Path(asgiref.__file__).parents[1])


@dataclass(frozen=True)
class Running:
    """A server that listens. `output` is what it and the application print."""

    name: str
    url: str
    process: subprocess.Popen[str]
    output: Output
    folder: Path

    @property
    def address(self) -> tuple[str, int]:
        host, _, port = self.url.removeprefix("http://").partition(":")
        return host, int(port)

    def client(self) -> httpx.Client:
        """A connection for each request: not every server says that it closes them."""
        once = httpx.Limits(max_keepalive_connections=0)
        return httpx.Client(base_url=self.url, timeout=20, trust_env=False, limits=once)

    def stop(self) -> None:
        """As an administrator does who is in no hurry; returns when the process has ended.

        uWSGI's workers leave the end of Python out when a signal finds them in a request, and they are in it
        longer than the client; its fifo lets them finish.
        """
        if (self.folder / "fifo").exists():
            (self.folder / "fifo").write_text("q")
        else:
            self.process.send_signal(SERVERS[self.name].stop)
        self.process.wait(30)
        self.output.wait_end()


@dataclass(frozen=True)
class WsgiServer:
    """`command` starts it, `says` is in the line that it prints when it listens, `stop` ends it in good
    order; `chunked` tells that it passes chunked bodies on, `cuts` that a client sees where a response
    without a length fails.
    """

    command: Sequence[str]
    says: str
    chunked: bool = False
    cuts: bool = True
    stop: signal.Signals = signal.SIGTERM


def gunicorn(*options: str) -> Sequence[str]:
    bind = ("--bind", "127.0.0.1:0", "--workers", "1", "--no-control-socket")
    return (sys.executable, "-m", "gunicorn", *bind, *options, TARGET)


def uwsgi() -> Sequence[str]:
    """The package's own program, or Debian's."""
    own = Path(sys.executable).parent / "uwsgi"
    program = (
        [str(own)] if own.exists() else ["uwsgi_python3", *(f"--pythonpath={place}" for place in PLACES)]
    )
    options = [
        "--master",
        "--die-on-term",
        "--enable-threads",
        "--threads",
        "4",
        "--need-app",
        "--module",
        TARGET,
    ]
    return (*program, "--http-socket", "127.0.0.1:0", "--master-fifo", "{folder}/fifo", *options)


SERVERS = {
    "gunicorn sync": WsgiServer(gunicorn("--worker-class", "sync"), "Listening at", chunked=True),
    "gunicorn gthread": WsgiServer(
        gunicorn("--worker-class", "gthread", "--threads", "4"), "Listening at", chunked=True
    ),
    "uWSGI": WsgiServer(uwsgi(), "bound to TCP address"),
    "waitress": WsgiServer(
        (sys.executable, "-m", "waitress", "--listen=127.0.0.1:0", TARGET),
        "Serving on",
        chunked=True,
        stop=signal.SIGINT,  # SIGTERM ends it on the spot, without a word to the application
    ),
    "mod_wsgi": WsgiServer(
        ("apache2", "-D", "FOREGROUND", "-f", "{folder}/apache.conf"),
        "resuming normal operations",
        chunked=True,
        cuts=False,  # it ends its chunked coding as if nothing had happened
    ),
    "wsgiref": WsgiServer(
        (sys.executable, "-m", "tests.end_to_end.apps.wsgiref_server"),
        "serving on",
        cuts=False,  # HTTP/1.0, which ends such a response by closing
    ),
}


def skip_unless_possible(name: str, asgi_app: str) -> None:
    """Skips where the server is not installed, or runs a Python that is not for the application."""
    command = SERVERS[name].command[0]
    if name == "mod_wsgi" and not MOD_WSGI.exists():
        pytest.skip("left out: mod_wsgi is not installed (Debian: libapache2-mod-wsgi-py3)")
    if shutil.which(command, path=f"{os.environ['PATH']}:/usr/sbin") is None:
        pytest.skip(f"left out: {command} is not installed")
    if name == "mod_wsgi" or command == "uwsgi_python3":
        skip_unless_the_system_python_can(asgi_app)


def skip_unless_the_system_python_can(asgi_app: str) -> None:
    """The packages are those of the test's Python: they have to be for the other one, too, and be pure."""
    package = asgi_app.rpartition(".")[2].removesuffix("_app")
    wanted = metadata(package)["Requires-Python"] if package in FRAMEWORKS else ""
    asked = subprocess.run(
        [SYSTEM_PYTHON, "-c", f"import sys; print(*sys.version_info[:3], sep='.'); import {asgi_app}"],
        env={"PYTHONPATH": os.pathsep.join(map(str, PLACES)), "APP_FOLDER": "/"},
        capture_output=True,
        text=True,
        check=False,
    )
    version = asked.stdout.strip()
    left_out = f"left out: the system's Python, {version}, cannot run this {package}:"
    if version not in SpecifierSet(wanted):
        pytest.skip(f"{left_out} it needs {wanted}")
    if asked.returncode:
        pytest.skip(f"{left_out} {asked.stderr.strip().splitlines()[-1]}")


@contextmanager
def open_folder() -> Iterator[Path]:
    """A folder that Apache can read and write as well, which serves as another user."""
    with TemporaryDirectory(prefix="penstock-") as name:
        folder = Path(name)
        folder.chmod(0o777)
        yield folder


@contextmanager
def running_wsgi_server(name: str, asgi_app: str, folder: Path) -> Iterator[Running]:
    """The server with the ASGI application of a module (its `app`); gone when the block ends."""
    skip_unless_possible(name, asgi_app)
    server = SERVERS[name]
    port = free_port() if name == "mod_wsgi" else 0
    if port:
        (folder / "apache.conf").write_text(apache_configuration(folder, asgi_app, port))
    command = [word.format(folder=folder) for word in server.command]
    command[0] = shutil.which(command[0], path=f"{os.environ['PATH']}:/usr/sbin") or command[0]
    environment = {"ASGI_APP": asgi_app, "APP_FOLDER": str(folder)}
    with running_process(command, environment=environment) as (process, output):
        line = output.wait_line(server.says, seconds=30)
        found = ADDRESS.search(line) or ADDRESS.search(f"http://{line.rpartition('address ')[2]}")
        url = f"http://127.0.0.1:{port}" if port else found.group()  # type: ignore[union-attr]
        try:
            yield Running(name, url, process, output, folder)
        finally:
            process.terminate()  # so that it ends its workers as well
            process.wait(30)


def free_port() -> int:
    """Apache cannot choose one."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def apache_configuration(folder: Path, asgi_app: str, port: int) -> str:
    script = folder / "application.wsgi"
    script.write_text(
        "import os, sys\n"
        f"sys.path[:0] = {[str(place) for place in PLACES]}\n"
        f"os.environ.update(ASGI_APP={asgi_app!r}, APP_FOLDER={str(folder)!r})\n"
        "from tests.end_to_end.apps.on_wsgi import application\n"
    )
    user = "User www-data\nGroup www-data" if os.geteuid() == 0 else ""
    modules = MOD_WSGI.parent
    return f"""
ServerRoot {folder}
PidFile {folder}/apache.pid
Mutex file:{folder}
ErrorLog /dev/stderr
LogLevel notice
ServerName 127.0.0.1
Listen 127.0.0.1:{port}
{user}
LoadModule mpm_event_module {modules}/mod_mpm_event.so
LoadModule authz_core_module {modules}/mod_authz_core.so
LoadModule wsgi_module {modules}/mod_wsgi.so
WSGIRestrictStdout Off
WSGISocketPrefix {folder}/wsgi
WSGIDaemonProcess test processes=1 threads=4 home={ROOT}
WSGIProcessGroup test
WSGIApplicationGroup %{{GLOBAL}}
WSGIChunkedRequest On
WSGIScriptAlias / {script}
<Directory />
    AllowOverride None
</Directory>
<Directory {folder}>
    Require all granted
</Directory>
"""
