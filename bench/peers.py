"""The servers and how each is started: one worker, no access log, and the fastest options it has.

Options that only promise speed were tried: of Granian, the runtime modes, task implementations and flushing
cost the same within the noise. Keep-alive is raised to `IDLE_SECONDS` everywhere so that no server closes
connections that the memory test holds open.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

IDLE_SECONDS = 60
ADDRESS = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Start:
    """What a server is started for."""

    app: str
    port: int
    websocket: bool = False
    certificate: Path | None = None
    key: Path | None = None


@dataclass(frozen=True, slots=True)
class Server:
    """`command` makes the words after the path of the environment's `bin` folder."""

    name: str
    title: str
    command: Callable[[Start], list[str]]
    is_peer: bool = True


def penstock(start: Start) -> list[str]:
    return [
        *("penstock", "run", f"bench.apps:{start.app}", "--bind", f"{ADDRESS}:{start.port}"),
        *("--no-access-log", "--keep-alive-seconds", str(IDLE_SECONDS)),
        *_tls(start, "--certfile", "--keyfile"),
    ]


def penstock_logged(start: Start) -> list[str]:
    return ["--access-log" if word == "--no-access-log" else word for word in penstock(start)]


def uvicorn(start: Start, http: str = "httptools") -> list[str]:
    return [
        *("uvicorn", f"bench.apps:{start.app}", "--host", ADDRESS, "--port", str(start.port)),
        *("--no-access-log", "--lifespan", "off", "--loop", "uvloop", "--http", http),
        *("--ws", "websockets-sansio", "--timeout-keep-alive", str(IDLE_SECONDS)),
        *_tls(start, "--ssl-certfile", "--ssl-keyfile"),
    ]


def uvicorn_zttp(start: Start) -> list[str]:
    return uvicorn(start, http="zttp")


def granian(start: Start) -> list[str]:
    return [
        *("granian", f"bench.apps:{start.app}", "--host", ADDRESS, "--port", str(start.port)),
        *("--interface", "asginl", "--loop", "uvloop", "--http", "1", "--workers", "1"),
        *("--runtime-mode", "st", "--backlog", "4096", "--backpressure", "4096"),
        "--ws" if start.websocket else "--no-ws",
        *_tls(start, "--ssl-certificate", "--ssl-keyfile"),
    ]


def hypercorn(start: Start) -> list[str]:
    return [
        *("hypercorn", f"bench.apps:{start.app}", "--bind", f"{ADDRESS}:{start.port}"),
        *("--worker-class", "uvloop", "--workers", "1", "--keep-alive", str(IDLE_SECONDS)),
        *("--backlog", "4096"),
        *_tls(start, "--certfile", "--keyfile"),
    ]


def daphne(start: Start) -> list[str]:
    words = ["daphne", "--verbosity", "0", "--http-timeout", str(IDLE_SECONDS), "--no-server-name"]
    if start.certificate is None:
        words += ["--bind", ADDRESS, "--port", str(start.port)]
    else:
        place = f"ssl:{start.port}:interface={ADDRESS}"
        words += ["--endpoint", f"{place}:privateKey={start.key}:certKey={start.certificate}"]
    return [*words, f"bench.apps:{start.app}"]


def gunicorn(start: Start) -> list[str]:
    return [
        *("gunicorn", f"bench.apps:{start.app}", "--bind", f"{ADDRESS}:{start.port}"),
        *("--worker-class", "asgi", "--workers", "1", "--worker-connections", "10000"),
        *("--http-parser", "fast", "--asgi-loop", "uvloop", "--asgi-lifespan", "off"),
        *("--keep-alive", str(IDLE_SECONDS), "--log-level", "warning", "--no-control-socket"),
        *_tls(start, "--certfile", "--keyfile"),
    ]


def floor(start: Start) -> list[str]:
    return ["python", "-m", "bench.floor", str(start.port)]


def _tls(start: Start, certificate_option: str, key_option: str) -> list[str]:
    if start.certificate is None:
        return []
    return [certificate_option, str(start.certificate), key_option, str(start.key)]


SERVERS = {
    server.name: server
    for server in (
        Server("penstock", "Penstock", penstock, is_peer=False),
        Server("penstock-logged", "Penstock, access log on", penstock_logged, is_peer=False),
        Server("granian", "Granian", granian),
        Server("uvicorn", "Uvicorn", uvicorn),
        Server("uvicorn-zttp", "Uvicorn, zttp", uvicorn_zttp),
        Server("gunicorn", "gunicorn", gunicorn),
        Server("hypercorn", "Hypercorn", hypercorn),
        Server("daphne", "Daphne", daphne),
        Server("floor", "floor", floor, is_peer=False),
    )
}
PEERS = tuple(name for name, server in SERVERS.items() if server.is_peer)
EVERY = ("penstock", *PEERS)
