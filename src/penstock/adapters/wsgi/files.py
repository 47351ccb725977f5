"""`wsgi.file_wrapper`: a file as the body of a response.

Where the server can send files itself the bytes do not pass through Python; elsewhere, and for what is no
regular file, the wrapper is an iterable of blocks like any other. So it is for whatever may read other bytes
than those of its descriptor: a `GzipFile`, for one, has the `fileno` of what it unpacks.
"""

import io
import os
import stat
import tempfile
from typing import Any

from penstock.adapters.shown import shown
from penstock.adapters.wsgi.handoff import FilePart
from penstock.adapters.wsgi.head import UNKNOWN

ZERO_COPY, PATH_SEND = "http.response.zerocopysend", "http.response.pathsend"
LEAST_BLOCK_BYTES = 65536  # the size that an application asks for is a suggestion; small ones only cost time


class FileWrapper:
    """Iterates over `filelike` in blocks; `close` is there when the file has one."""

    def __init__(self, filelike: Any, block_size: int = LEAST_BLOCK_BYTES) -> None:
        if not callable(getattr(filelike, "read", None)):
            raise TypeError(
                f"wsgi.file_wrapper was given {shown(filelike)}; expected a file that can be read"
            )
        if not isinstance(block_size, int):
            raise TypeError(f"wsgi.file_wrapper was given {shown(block_size)} as block size; expected an int")
        self.filelike = filelike
        self.block_size = max(block_size, LEAST_BLOCK_BYTES)
        if hasattr(filelike, "close"):
            self.close = filelike.close

    def __iter__(self) -> "FileWrapper":
        return self

    def __next__(self) -> bytes:
        if data := self.filelike.read(self.block_size):
            block: bytes = data
            return block
        raise StopIteration


def file_part(wrapper: FileWrapper, promised: int, extensions: Any) -> FilePart | None:
    """What the server is to send: from where the file stands, as much as is promised or all.

    None when it cannot: the extension is missing, or this is not a regular file.
    """
    try:
        file = _plain_file(wrapper.filelike)
        if file is None:
            return None
        file.flush()  # what was written before
        descriptor = file.fileno()
        status, offset = os.fstat(descriptor), file.tell()
    except (OSError, ValueError):  # the second from a closed file
        return None
    left = max(0, status.st_size - offset)
    count = left if promised == UNKNOWN else min(left, promised)
    if not stat.S_ISREG(status.st_mode) or not count:
        return None
    if ZERO_COPY in extensions:
        return FilePart(descriptor, offset, count, None)
    path = _path_of(file, status)
    if PATH_SEND in extensions and path is not None and count == status.st_size:
        return FilePart(descriptor, offset, count, path)
    return None


def _plain_file(filelike: Any) -> Any:
    """The file that reads what is at its descriptor, byte by byte; None for others, and for subclasses, which
    may read as they like.
    """
    file: Any = filelike.file if type(filelike) is tempfile._TemporaryFileWrapper else filelike
    is_buffer = type(file) is io.BufferedReader or type(file) is io.BufferedRandom
    raw = file.raw if is_buffer else file
    return file if type(raw) is io.FileIO and raw.readable() else None


def _path_of(file: Any, status: os.stat_result) -> str | None:
    """The absolute path of an open file, if it is still the path of this file."""
    name = file.name
    if not isinstance(name, str) or not os.path.isabs(name):
        return None
    try:
        return name if os.path.samestat(os.stat(name), status) else None
    except OSError:
        return None
