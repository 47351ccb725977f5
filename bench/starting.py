"""How a server is started: what for, and the words of its command line."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

# Keep-alive is raised to this everywhere: no server may close connections that the memory test holds open.
IDLE_SECONDS = 60
ADDRESS = "127.0.0.1"
# Of whatever calls a WSGI application in threads. Fewer cost less in a test in which no call ever waits, and
# are no choice where calls do.
THREADS = 16

ASGI, WSGI = "asgi", "wsgi"


class Role(Enum):
    """A variant is Penstock with something changed: it is told in a sentence and has no column."""

    OURS = "ours"
    VARIANT = "variant"
    PEER = "peer"
    FLOOR = "floor"


@dataclass(frozen=True, slots=True)
class Start:
    """What a server is started for."""

    app: str
    port: int
    interface: str = ASGI
    websocket: bool = False
    http2: bool = False
    certificate: Path | None = None
    key: Path | None = None

    @property
    def target(self) -> str:
        """The application as servers name it."""
        return f"bench.{'wsgi_apps' if self.interface == WSGI else 'apps'}:{self.app}"

    @property
    def authority(self) -> str:
        return f"{ADDRESS}:{self.port}"

    def tls(self, certificate_option: str, key_option: str) -> list[str]:
        if self.certificate is None:
            return []
        return [certificate_option, str(self.certificate), key_option, str(self.key)]


@dataclass(frozen=True, slots=True)
class Contestant:
    """What is measured: a server, or a channel layer."""

    name: str
    title: str
    role: Role

    @property
    def runs_penstock(self) -> bool:
        return self.role in (Role.OURS, Role.VARIANT)


@dataclass(frozen=True, slots=True)
class Server(Contestant):
    """`command` makes the words after the path of the environment's `bin` folder."""

    command: Callable[[Start], list[str]]
