"""The place of a layer in the file system: the socket, and the lock that decides who may make it.

Whoever finds no hub behind the socket takes the lock (flock on a file beside it, which the system frees when
its holder dies), looks again, and only then puts a socket of its own in the place: nobody unlinks another's.
The lock is held while that is decided, not while the hub lives, so a hub that stands still (SIGSTOP) can be
replaced; it finds that out by `is_ours`. What the lock file holds tells our sockets from foreign ones.
"""

import contextlib
import fcntl
import os
import socket
import stat
from collections.abc import Iterator

from penstock.base.errors import SettingsError
from penstock.channels.local.meeting import make_folder

BACKLOG = 128  # processes that connect in one moment
KEPT_SECONDS = 3600.0  # the system's cleaners count in days
Mark = tuple[int, int]  # device and number of a file


class Busy(Exception):
    """Somebody else decides just now."""


class Place:
    """All methods return at once. What cannot be used is a SettingsError that names `path`."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._lock_path = f"{path}.lock"
        self._kept_at = 0.0

    def check(self) -> None:
        """That nobody else can replace a socket in the folder, and nothing else has its name. The folder of
        those who gave no path is made.
        """
        make_folder(self._path)
        folder = os.path.dirname(self._path)
        try:
            facts = os.stat(folder)
        except OSError as error:
            raise SettingsError("path", f"{folder} cannot be used: {error.strerror}; make it first") from None
        if not stat.S_ISDIR(facts.st_mode):
            raise SettingsError("path", f"{folder} is no folder; give the path of a socket in one")
        if facts.st_uid not in {0, os.geteuid()}:
            raise SettingsError("path", f"{folder} belongs to another user, who could replace the socket")
        if facts.st_mode & stat.S_IWOTH and not facts.st_mode & stat.S_ISVTX:
            raise SettingsError("path", f"everybody may write to {folder}; give a folder of your own")
        self.mark()

    def mark(self) -> Mark | None:
        """Which socket is there, None for none."""
        try:
            facts = os.lstat(self._path)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise SettingsError("path", f"{self._path} cannot be used: {error.strerror}") from None
        if not stat.S_ISSOCK(facts.st_mode):
            problem = f"{self._path} is there and no socket; give another path, or take it away"
            raise SettingsError("path", problem)
        if facts.st_uid != os.geteuid():
            problem = f"{self._path} is a socket of the user {facts.st_uid}; run all processes as one user"
            raise SettingsError("path", problem)
        return facts.st_dev, facts.st_ino

    def connect(self) -> socket.socket | None:
        """A connection to whoever listens there, None if nobody does."""
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            connection.setblocking(False)
            connection.connect(self._path)
        except (FileNotFoundError, ConnectionRefusedError):
            connection.close()
            return None
        except BlockingIOError:  # its backlog is full: somebody listens who does not accept
            connection.close()
            raise Busy from None
        return connection

    def is_known(self, mark: Mark | None) -> bool:
        """Whether a hub of this layer has made that socket, alive or not."""
        try:
            with open(self._lock_path, encoding="ascii") as file:
                return mark is not None and file.read(100).split() == [str(number) for number in mark]
        except (OSError, UnicodeDecodeError):
            return False

    @contextlib.contextmanager
    def deciding(self) -> Iterator[int]:
        """With the lock, as the descriptor of its file. Raises Busy."""
        flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
        try:
            descriptor = os.open(self._lock_path, flags, 0o600)
        except OSError as error:
            raise SettingsError("path", f"{self._lock_path} cannot be used: {error.strerror}") from None
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            yield descriptor
        except BlockingIOError:
            raise Busy from None
        finally:
            os.close(descriptor)

    def listen(self, descriptor: int) -> tuple[socket.socket, Mark]:
        """A socket of ours in the place, whatever socket was there before. The lock is held."""
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        fresh = f"{self._path}.new"
        with contextlib.suppress(FileNotFoundError):
            os.unlink(fresh)
        try:
            listener.bind(fresh)
            os.chmod(fresh, 0o600)  # before anybody can connect
            listener.listen(BACKLOG)
            facts = os.lstat(fresh)
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, f"{facts.st_dev} {facts.st_ino}\n".encode(), 0)
            os.rename(fresh, self._path)
        except OSError:
            listener.close()
            raise
        listener.setblocking(False)
        return listener, (facts.st_dev, facts.st_ino)

    def is_ours(self, mark: Mark) -> bool:
        """Whether the socket that we made is still the one in the place."""
        try:
            facts = os.lstat(self._path)
        except OSError:
            return False
        return (facts.st_dev, facts.st_ino) == mark

    def keep(self, now: float) -> None:
        """Where the system takes away files that nobody has used for days, ours are not to be among them. It
        does not know that the socket is alive, which was made under another name.
        """
        if now - self._kept_at >= KEPT_SECONDS:
            self._kept_at = now
            for path in (self._path, self._lock_path):
                with contextlib.suppress(OSError):
                    os.utime(path)

    def leave(self, mark: Mark) -> None:
        """Take our socket away, unless somebody decides just now, who will."""
        with contextlib.suppress(Busy, SettingsError, OSError), self.deciding():
            if self.is_ours(mark):
                os.unlink(self._path)
