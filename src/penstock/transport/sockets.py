"""From a `Bind` to listening sockets: what the operating system is asked for, and in which order.

TCP: every address that a name stands for gets a socket of its own; IPv6 sockets take IPv6 only, so that
both families can have one port. Unix: the mode is set between bind() and listen(). Until listen() every
connect() is refused, so nobody slips in while the mode is the wrong one, and no umask is changed that other
threads share.
"""

import errno
import os
import socket
import stat
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from penstock.base.errors import BindError
from penstock.transport.binds import Bind, DescriptorBind, TcpBind, UnixBind

PORT_ATTEMPTS = 16  # a port that is free in one family is nearly always free in the other
PROBLEMS = {
    errno.EADDRINUSE: "the address is already in use; stop the server that uses it or choose another one",
    errno.EACCES: "permission denied; ports below 1024 and protected folders need a privilege",
    errno.EPERM: "permission denied; ports below 1024 and protected folders need a privilege",
    errno.EADDRNOTAVAIL: "this machine does not have the address; choose one of its own, or :port for all",
    errno.EAFNOSUPPORT: "this machine does not support the address family",
    errno.ENOENT: "its folder does not exist; create it first",
    errno.ENOTDIR: "its folder does not exist; create it first",
}
_FAMILY_ABSENT = (errno.EAFNOSUPPORT, errno.EADDRNOTAVAIL)
_Address = tuple[socket.AddressFamily, tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class SocketFile:
    """The file of a Unix socket, known by its inode: the same name may belong to another server by now."""

    path: str
    device: int
    inode: int

    @classmethod
    def at(cls, path: str) -> "SocketFile":
        status = os.lstat(path)
        return cls(path, status.st_dev, status.st_ino)

    def unlink(self) -> None:
        """Remove the file if it is still the same one."""
        with suppress(FileNotFoundError):
            if SocketFile.at(self.path) == self:
                os.unlink(self.path)


@dataclass(frozen=True, slots=True)
class ListeningSocket:
    """A non-blocking socket that listens, and the file that goes when it goes. One that is `inherited` lives
    on with whoever has it too, and so do those who wait there to be accepted.
    """

    socket: socket.socket
    file: SocketFile | None = None
    inherited: bool = False

    def close(self) -> None:
        """May be called twice. The file goes first: while we listen, nobody else takes its name."""
        if self.file is not None and self.socket.fileno() >= 0:
            self.file.unlink()
        self.socket.close()


def open_sockets(bind: Bind, backlog: int, unix_socket_mode: int | None) -> list[ListeningSocket]:
    """The sockets of one bind. A BindError names the address and says what to do; nothing stays open then."""
    try:
        match bind:
            case TcpBind():
                return [ListeningSocket(each) for each in _open_tcp(bind, backlog)]
            case UnixBind():
                return [_open_unix(bind, backlog, unix_socket_mode)]
            case DescriptorBind():
                return [ListeningSocket(_adopt(bind), inherited=True)]
    except OSError as error:
        raise BindError(str(bind), _problem(error)) from error


def _problem(error: OSError) -> str:
    if isinstance(error, socket.gaierror):
        return f"the host name cannot be resolved ({error.strerror})"
    return PROBLEMS.get(error.errno or 0) or error.strerror or str(error)


def _open_tcp(bind: TcpBind, backlog: int) -> list[socket.socket]:
    addresses = _resolve(bind)
    attempts = 1 if bind.port else PORT_ATTEMPTS
    while True:
        try:
            return _listen_on_all(addresses, bind.port, backlog)
        except OSError as error:
            attempts -= 1
            if error.errno != errno.EADDRINUSE or not attempts:
                raise


def _resolve(bind: TcpBind) -> list[_Address]:
    """The addresses in the resolver's order, each once. AI_PASSIVE gives the wildcards for an empty host."""
    tcp = socket.IPPROTO_TCP
    found = socket.getaddrinfo(
        bind.host or None, bind.port, type=socket.SOCK_STREAM, proto=tcp, flags=socket.AI_PASSIVE
    )
    return list(dict.fromkeys((family, address) for family, _, _, _, address in found))


def _listen_on_all(addresses: list[_Address], port: int, backlog: int) -> list[socket.socket]:
    """A port of 0 is chosen by the first socket and shared by the others.

    A family that the machine does not have is left out as long as another address remains: "localhost" often
    stands for ::1 where IPv6 is switched off.
    """
    opened: list[socket.socket] = []
    absent: OSError | None = None
    try:
        for family, (host, _, *scope) in addresses:
            try:
                opened.append(_listen_tcp(family, (host, port, *scope), backlog))
            except OSError as error:
                if error.errno not in _FAMILY_ABSENT:
                    raise
                absent = error
            else:
                port = opened[-1].getsockname()[1]
        if absent is not None and not opened:
            raise absent
    except OSError:
        for each in opened:
            each.close()
        raise
    return opened


def _listen_tcp(family: socket.AddressFamily, address: tuple[Any, ...], backlog: int) -> socket.socket:
    """The protocol number is given, not left 0: asyncio sets TCP_NODELAY only on sockets that carry it."""
    opened = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if os.name == "posix":  # on Windows the option would let another process take the port over
            opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            opened.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        opened.bind(address)
        opened.listen(backlog)
        opened.setblocking(False)
    except OSError:
        opened.close()
        raise
    return opened


def _open_unix(bind: UnixBind, backlog: int, mode: int | None) -> ListeningSocket:
    if not hasattr(socket, "AF_UNIX"):
        raise BindError(str(bind), "this system has no Unix sockets; listen on host:port instead")
    opened = ListeningSocket(*_bind_unix(bind))
    try:
        if mode is not None:
            os.chmod(bind.path, mode)
        opened.socket.listen(backlog)
        opened.socket.setblocking(False)
    except OSError:
        opened.close()
        raise
    return opened


def _bind_unix(bind: UnixBind) -> tuple[socket.socket, SocketFile]:
    opened = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        try:
            opened.bind(bind.path)
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise
            _remove_stale(bind)
            opened.bind(bind.path)
        return opened, SocketFile.at(bind.path)
    except (OSError, BindError):
        opened.close()
        raise


def _remove_stale(bind: UnixBind) -> None:
    """Remove the file of a server that is gone. What is not a socket, or is listened on, is left alone."""
    found = SocketFile.at(bind.path)
    if not stat.S_ISSOCK(os.lstat(bind.path).st_mode):
        raise BindError(
            str(bind), "a file that is not a socket has this name; remove it or choose another one"
        )
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.setblocking(False)  # a live server whose backlog is full must not hold us up
        if probe.connect_ex(bind.path) != errno.ECONNREFUSED:
            raise OSError(errno.EADDRINUSE, os.strerror(errno.EADDRINUSE))
    found.unlink()


def _adopt(bind: DescriptorBind) -> socket.socket:
    """Take an inherited socket over. One that cannot be used stays open: it is not ours to close."""
    if os.name != "posix":
        raise BindError(str(bind), "this system hands no sockets over by number; listen on host:port instead")
    try:
        adopted = socket.socket(fileno=bind.number)
    except OSError as error:
        raise BindError(str(bind), f"the descriptor is not an open socket ({error.strerror})") from error
    if adopted.type != socket.SOCK_STREAM or not _listens(adopted):
        adopted.detach()
        raise BindError(
            str(bind), "the descriptor is not a stream socket that listens; its maker has to listen()"
        )
    adopted.setblocking(False)
    return adopted


def _listens(adopted: socket.socket) -> bool:
    return bool(adopted.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN))
