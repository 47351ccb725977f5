"""Bodies from files: `http.response.pathsend` and `http.response.zerocopysend`.

The bytes do not pass through Python where the wire can do without; what is sent and how much is settled here,
before the first byte, because the framing has to know.
"""

import os
import stat
from typing import Any

from penstock.base.asgi import Message
from penstock.base.errors import LocalProtocolError
from penstock.bridge.messages import required
from penstock.bridge.stream import HttpStream

MOST_BYTES = 1 << 60  # of a file; sums of two stay numbers of 64 bits


async def send_path(stream: HttpStream, message: Message) -> None:
    """Send the whole of the regular file at the absolute `path`. The file is ours: opened and closed here."""
    path = required(message, "path")
    if not isinstance(path, str) or not os.path.isabs(path):
        raise LocalProtocolError(f"http.response.pathsend: path is {path!r}; expected an absolute path")
    descriptor, size = await stream.open_file(path)
    try:
        await stream.send_file(descriptor, 0, size, end=True)
    finally:
        os.close(descriptor)


async def send_descriptor(stream: HttpStream, message: Message, *, end: bool) -> None:
    """Send `count` bytes from `offset` of an open file, which stays the application's."""
    file, offset, count = required(message, "file"), message.get("offset"), message.get("count")
    descriptor = _descriptor_of(file)
    _check_number("offset", 0 if offset is None else offset)
    if count is None:
        count = _rest_of(descriptor, offset)
    _check_number("count", count)
    await stream.send_file(descriptor, offset, count, end=end)


def _descriptor_of(file: Any) -> int:
    """Of an open file, before there is a head that could not be taken back."""
    try:
        descriptor: int = file if isinstance(file, int) and not isinstance(file, bool) else file.fileno()
        os.fstat(descriptor)
    except (AttributeError, OSError, OverflowError, TypeError, ValueError) as error:
        problem = f"http.response.zerocopysend: file is {type(file).__name__}, {error}"
        raise LocalProtocolError(f"{problem}; expected an open file that has a descriptor") from error
    return descriptor


def _rest_of(descriptor: int, offset: int | None) -> int:
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode):
        raise LocalProtocolError(
            "http.response.zerocopysend: without a count, the file must be a regular one"
        )
    start = os.lseek(descriptor, 0, os.SEEK_CUR) if offset is None else offset
    return max(0, status.st_size - start)


def _check_number(name: str, value: Any) -> None:
    if not isinstance(value, int) or not 0 <= value <= MOST_BYTES:
        raise LocalProtocolError(
            f"http.response.zerocopysend: {name} is {value!r}; expected a whole number from 0 to 2**60"
        )
