"""Files on their way to a client: by sendfile on plain sockets, in parts read by a thread elsewhere.

uvloop has no loop.sendfile, and no loop lets anybody wait for a transport's own descriptor. So a
transfer works on a copy of it, which is another one to the loop and the same socket to the kernel. It
starts when the transport has written all it holds, and sends a slice each time that the socket takes
more: others get their turn between.
"""

import asyncio
import errno
import os
import socket
import stat
from collections.abc import AsyncGenerator
from contextlib import suppress

from penstock.base.errors import ClientDisconnected, LocalProtocolError

SLICE_BYTES = 1048576  # the most that one call sends: 0.3 ms on loopback, while other connections wait
# For a client on the same machine the kernel lets a send buffer grow to megabytes, more than the caches hold:
# 10 MB cost 2.3 ms that way, and 1.6 ms with this one (by hand, wrk beside it; 1.9 with twice as much).
# Elsewhere the path needs what the kernel finds.
LOCAL_BUFFER_BYTES = 131072
PART_BYTES = 262144  # the most that one thread reads, and so what is in memory

_PEER_IS_GONE = (errno.ENOTCONN, errno.EHOSTUNREACH, errno.ENETUNREACH, errno.ENETDOWN)
_NOT_FOR_SENDFILE = (errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP, errno.ESPIPE)
_OPEN_FLAGS = os.O_RDONLY | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
_NO_WAITING = getattr(os, "O_NONBLOCK", 0)  # opening a named pipe would wait for a writer


class FileTransfer:
    """One range of a file on its way through the socket of a transport; nobody else may write meanwhile.

    `bytes_sent` grows for as long as the client takes something. The owner calls `abandon` when the
    connection is lost or given up: the copy of its descriptor keeps the socket open until `send` has
    ended.
    """

    __slots__ = ("_count", "_descriptor", "_done", "_position", "_socket", "_transport", "bytes_sent")

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self._done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._socket = self._descriptor = -1
        self._position = 0
        self._count: int | None = None
        self.bytes_sent = 0

    async def send(self, descriptor: int, offset: int | None, count: int | None) -> None:
        """Send `count` bytes, None for all to the end of the file, from `offset`, None for where it stands.

        Raises ClientDisconnected when the client has gone, LocalProtocolError when the file is too short
        or cannot be read, and asyncio.SendfileNotAvailableError, with nothing sent, where only
        `read_parts` will do.
        """
        self._descriptor, self._count = descriptor, count
        self._position = _current_position(descriptor) if offset is None else offset
        self._socket = _copy_of_socket(self._transport)
        _fit_buffer(self._transport)
        try:
            await self._send_all()
        finally:
            os.close(self._socket)
            if offset is None:
                with suppress(OSError):  # the application may have closed it by now
                    os.lseek(descriptor, self._position, os.SEEK_SET)

    def abandon(self) -> None:
        """End `send` with ClientDisconnected."""
        self._fail(ClientDisconnected("the client went away while a file was sent"))

    async def _send_all(self) -> None:
        loop = asyncio.get_running_loop()
        self._send_slice()
        if not self._done.done():
            loop.add_writer(self._socket, self._send_slice)
        try:
            await self._done
        finally:
            loop.remove_writer(self._socket)

    def _send_slice(self) -> None:
        """Called when the socket takes more; it may come once more than needed."""
        if self._done.done():
            return
        if self._transport.is_closing():
            self.abandon()
        elif not self._transport.get_write_buffer_size():
            left = SLICE_BYTES if self._count is None else self._count - self.bytes_sent
            self._send_some(min(left, SLICE_BYTES))

    def _send_some(self, most: int) -> None:
        try:
            sent = os.sendfile(self._socket, self._descriptor, self._position, most) if most else 0
        except BlockingIOError:
            return
        except OSError as error:
            self._fail(self._explained(error))
            return
        self.bytes_sent += sent
        self._position += sent
        if self.bytes_sent == self._count or (not sent and self._count is None):
            self._done.set_result(None)
        elif not sent:
            self._fail(_too_short(self.bytes_sent, self._count))

    def _fail(self, error: Exception) -> None:
        if not self._done.done():
            self._done.set_exception(error)

    def _explained(self, error: OSError) -> Exception:
        if isinstance(error, ConnectionError | TimeoutError) or error.errno in _PEER_IS_GONE:
            return ClientDisconnected(f"the client went away while a file was sent: {error.strerror}")
        if error.errno in _NOT_FOR_SENDFILE and not self.bytes_sent:
            return asyncio.SendfileNotAvailableError(error.strerror)
        return _unreadable(error)


async def open_for_sending(path: str) -> tuple[int, int]:
    """Open a regular file in a thread: its descriptor, which the caller closes, and its size in bytes.

    `path` is absolute. Symbolic links are followed: who names the file has chosen it, and releases that
    are switched by a link are common. LocalProtocolError for what cannot be sent, never an OSError,
    which applications take for a client that has gone.
    """
    if not os.path.isabs(path):
        raise LocalProtocolError(f"cannot send {path!r}: the path is not absolute")
    opening = asyncio.get_running_loop().run_in_executor(None, _open, path)
    try:
        return await asyncio.shield(opening)
    except asyncio.CancelledError:
        opening.add_done_callback(_close_opened)
        raise


async def read_parts(
    descriptor: int, offset: int | None, count: int | None, part_bytes: int = PART_BYTES
) -> AsyncGenerator[bytes, None]:
    """The same range as `FileTransfer.send` takes, in parts that threads read.

    A pipe has no offset. LocalProtocolError when the file is too short or cannot be read.
    """
    loop = asyncio.get_running_loop()
    done = 0
    while count is None or done < count:
        most = part_bytes if count is None else min(part_bytes, count - done)
        at = None if offset is None else offset + done
        # When we are cancelled the thread reads on. It has a copy, and closes it: the descriptor may be
        # closed by then, and its number may be another file's.
        reading = loop.run_in_executor(None, _read, _copy_of_file(descriptor), at, most)
        part = await asyncio.shield(reading)
        if not part:
            break
        done += len(part)
        yield part
    if count is not None and done < count:
        raise _too_short(done, count)


def _open(path: str) -> tuple[int, int]:
    try:
        descriptor = os.open(path, _OPEN_FLAGS | _NO_WAITING)
    except (OSError, ValueError) as error:  # ValueError: a null character
        raise LocalProtocolError(f"cannot send {path!r}: {error}") from error
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode):
        os.close(descriptor)
        raise LocalProtocolError(f"cannot send {path!r}: it is not a regular file")
    return descriptor, status.st_size


def _close_opened(opening: asyncio.Future[tuple[int, int]]) -> None:
    if opening.exception() is None:
        os.close(opening.result()[0])


def _copy_of_file(descriptor: int) -> int:
    try:
        return os.dup(descriptor)
    except OSError as error:
        raise _unreadable(error) from error


def _read(copy: int, at: int | None, most: int) -> bytes:
    try:
        if at is not None and hasattr(os, "pread"):
            return os.pread(copy, most, at)
        if at is not None:  # on Windows, where the position moves, then
            os.lseek(copy, at, os.SEEK_SET)
        return os.read(copy, most)
    except OSError as error:
        raise _unreadable(error) from error
    finally:
        os.close(copy)


def _copy_of_socket(transport: asyncio.Transport) -> int:
    """Asked of an open transport only: a closed one's number may be another connection's by now."""
    if transport.is_closing():
        raise ClientDisconnected("the client went away before a file was sent")
    if not hasattr(os, "sendfile"):
        raise asyncio.SendfileNotAvailableError("this system has no sendfile")
    copy: int = os.dup(transport.get_extra_info("socket").fileno())
    return copy


def _fit_buffer(transport: asyncio.Transport) -> None:
    """Bound the kernel's buffer where the client is on the same machine."""
    client, server = transport.get_extra_info("peername"), transport.get_extra_info("sockname")
    if isinstance(client, tuple) and isinstance(server, tuple) and client[0] == server[0]:
        own = transport.get_extra_info("socket")
        own.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, LOCAL_BUFFER_BYTES)


def _current_position(descriptor: int) -> int:
    try:
        return os.lseek(descriptor, 0, os.SEEK_CUR)
    except OSError as error:
        if error.errno in _NOT_FOR_SENDFILE:
            raise asyncio.SendfileNotAvailableError("the file has no position") from error
        raise _unreadable(error) from error


def _too_short(done: int, count: int | None) -> LocalProtocolError:
    return LocalProtocolError(f"the file ended after {done} of the {count} bytes that were to be sent")


def _unreadable(error: OSError) -> LocalProtocolError:
    return LocalProtocolError(f"the file cannot be read: {error.strerror}")
