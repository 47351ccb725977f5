"""The listening sockets of one server: opened, served, closed.

`Listener.open` listens at once: a port in use is told before the application is loaded, two servers that
start together cannot both believe in one address, and clients that come early wait in the backlog until
`start`. The loop takes the sockets over in `start` and closes them when the server stops accepting.
"""

import asyncio
import inspect
import socket
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from penstock.base.errors import BindError, PenstockError
from penstock.transport.binds import Bind, DescriptorBind
from penstock.transport.sockets import ListeningSocket, open_sockets

ProtocolFactory = Callable[[], asyncio.BaseProtocol]


class Listener:
    """Made by `open`; then `start`, and `stop_accepting` or, where that was not done, `close` in the end."""

    def __init__(self, opened: list[ListeningSocket], backlog: int) -> None:
        self._opened = opened
        self._backlog = backlog
        self._names = [socket_name(each.socket) for each in opened]
        self._servers: list[asyncio.AbstractServer] = []
        self._factory: ProtocolFactory = asyncio.Protocol

    @classmethod
    def open(
        cls, binds: Sequence[Bind], backlog: int = 2048, unix_socket_mode: int | None = None
    ) -> "Listener":
        """Listen on all of `binds`, or raise a BindError for the first that fails and listen on none.

        `unix_socket_mode` are the permissions of the Unix sockets' files; None leaves them to the umask.
        """
        opened: list[ListeningSocket] = []
        try:
            for position, bind in enumerate(binds):
                if isinstance(bind, DescriptorBind) and bind in binds[:position]:
                    raise BindError(str(bind), "it is given twice; give it once")
                opened += open_sockets(bind, backlog, unix_socket_mode)
        except PenstockError:
            for each in opened:
                each.close()
            raise
        return cls(opened, backlog)

    @property
    def sockets(self) -> Sequence[socket.socket]:
        """The listening sockets in the order of the binds; empty once closed."""
        return [each.socket for each in self._opened]

    def addresses(self, scheme: str) -> list[str]:
        """Where clients find the server: `http://127.0.0.1:8000`, `unix:/path.sock`. Kept when closed."""
        return [name if name.startswith("unix:") else f"{scheme}://{name}" for name in self._names]

    async def start(self, loop: asyncio.AbstractEventLoop, protocol_factory: ProtocolFactory) -> None:
        """Accept connections: each gets a protocol of `protocol_factory`."""
        self._factory = protocol_factory
        for each in self._opened:
            self._servers.append(await _serve(loop, each.socket, protocol_factory, self._backlog))

    async def stop_accepting(self) -> None:
        """Close the listening sockets and remove their files. Who has connected until now is still accepted,
        for the system would reset whoever waits: to clients they are connected. Connections live on.
        """
        waiting = [each for opened in self._opened for each in _backlog_of(opened, self._backlog)]
        self.close()
        loop = asyncio.get_running_loop()
        try:
            while waiting:
                await self._take_over(loop, waiting[0])
                del waiting[0]
        finally:
            for connection in waiting:
                connection.close()

    async def _take_over(self, loop: asyncio.AbstractEventLoop, connection: socket.socket) -> None:
        try:
            await loop.connect_accepted_socket(self._factory, connection)
        except OSError:  # it has gone again
            connection.close()

    def close(self) -> None:
        """At once: who waits to be accepted is reset. May be called twice."""
        for each in self._opened:
            if each.file is not None:
                each.file.unlink()
        for server in self._servers:
            server.close()
        for each in self._opened:
            each.close()
        self._servers.clear()
        self._opened.clear()


def _backlog_of(opened: ListeningSocket, most: int) -> Iterator[socket.socket]:
    """Who waits there to be accepted."""
    if opened.inherited:
        return
    for _ in range(most):
        try:
            connection, _ = opened.socket.accept()
        except ConnectionAbortedError:  # one that has gone again
            continue
        except OSError:  # nobody any more, mostly
            return
        connection.setblocking(False)
        yield connection


async def _serve(
    loop: asyncio.AbstractEventLoop, listening: socket.socket, protocol_factory: ProtocolFactory, backlog: int
) -> asyncio.AbstractServer:
    if listening.family in (socket.AF_INET, socket.AF_INET6):
        return await loop.create_server(protocol_factory, sock=listening, backlog=backlog)
    # Newer loops remove the file of any Unix socket they close, even of one that systemd made and keeps.
    knows_files = "cleanup_socket" in inspect.signature(loop.create_unix_server).parameters
    options: dict[str, Any] = {"cleanup_socket": False} if knows_files else {}
    return await loop.create_unix_server(protocol_factory, sock=listening, backlog=backlog, **options)


def socket_name(opened: socket.socket) -> str:
    """`127.0.0.1:8000`, `[::1]:8000`, `unix:/path.sock`, or `unix:@name` in Linux's abstract namespace."""
    address = opened.getsockname()
    if isinstance(address, bytes):
        return f"unix:@{address[1:].decode(errors='backslashreplace')}"
    if isinstance(address, str):
        return f"unix:{address}"
    host, port = address[:2]
    return f"[{host}]:{port}" if opened.family == socket.AF_INET6 else f"{host}:{port}"
