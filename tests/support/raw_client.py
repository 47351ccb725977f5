"""A client that writes the bytes it is told to, and lets h11 judge what comes back.

Blocking sockets, each operation bounded by `SECONDS`. Responses are parsed by h11, so that a server which
frames a body wrongly, or cuts it short, shows as `h11.RemoteProtocolError` and not as a strange assertion.
"""

import socket
import ssl
import struct
from collections.abc import Iterable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

import h11

SECONDS = 10.0
READ_BYTES = 65536

Fields = list[tuple[bytes, bytes]]


@dataclass
class Response:
    """One response: the final head, the body, the trailers, and the 1xx heads that went before."""

    status: int = 0
    http_version: bytes = b""
    reason: bytes = b""
    fields: Fields = field(default_factory=list)
    parts: list[bytes] = field(default_factory=list)
    trailers: Fields = field(default_factory=list)
    informational: list[tuple[int, Fields]] = field(default_factory=list)

    @property
    def body(self) -> bytes:
        return b"".join(self.parts)

    def values(self, name: bytes) -> list[bytes]:
        return [value for one, value in self.fields if one == name]


class RawClient:
    """A connection; a context manager that closes it."""

    def __init__(self, sock: socket.socket) -> None:
        sock.settimeout(SECONDS)
        self.socket = sock
        self._unread = b""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def half_close(self) -> None:
        self.socket.shutdown(socket.SHUT_WR)

    def read(self) -> bytes:
        """The next bytes; `b""` at the end of the connection, orderly or not."""
        if self._unread:
            data, self._unread = self._unread, b""
            return data
        try:
            return self.socket.recv(READ_BYTES)
        except (ConnectionError, ssl.SSLEOFError):
            return b""

    def read_exactly(self, count: int) -> bytes:
        data, self._unread = self._unread, b""
        while len(data) < count:
            part = self.read()
            assert part, f"the connection ended after {len(data)} of {count} bytes: {data!r}"
            data += part
        data, self._unread = data[:count], data[count:]
        return data

    def read_until(self, mark: bytes) -> bytes:
        """The bytes up to the mark and with it."""
        data, self._unread = self._unread, b""
        while mark not in data:
            part = self.read()
            assert part, f"the connection ended before {mark!r}: {data!r}"
            data += part
        end = data.index(mark) + len(mark)
        data, self._unread = data[:end], data[end:]
        return data

    def read_to_end(self) -> bytes:
        """All bytes until the server closes; fails after `SECONDS` without any."""
        return b"".join(iter(self.read, b""))

    def read_response(self, method: str = "GET") -> Response:
        """The next response, judged as the answer to a request of that method."""
        judge = h11.Connection(h11.CLIENT)
        judge.send(h11.Request(method=method, target="/", headers=[("host", "judge")]))
        judge.send(h11.EndOfMessage())
        response = Response()
        while True:
            event = judge.next_event()
            if event is h11.NEED_DATA:
                judge.receive_data(self.read())
            elif not isinstance(event, h11.Event):
                raise AssertionError(f"{event} instead of a response")
            elif _take(response, event):
                self._unread = judge.trailing_data[0]
                return response

    def abort(self) -> None:
        """Closes with a reset, as a client does that crashes."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close()

    def close(self) -> None:
        self.socket.close()


def _take(response: Response, event: h11.Event) -> bool:
    """Puts the event into the response; True when that completes it."""
    if isinstance(event, h11.InformationalResponse):
        response.informational.append((event.status_code, list(event.headers)))
    elif isinstance(event, h11.Response):
        response.status, response.reason = event.status_code, bytes(event.reason)
        response.fields, response.http_version = list(event.headers), bytes(event.http_version)
    elif isinstance(event, h11.Data):
        response.parts.append(bytes(event.data))
    elif isinstance(event, h11.EndOfMessage):
        response.trailers = list(event.headers)
    else:
        raise AssertionError(f"{event!r} inside a response")
    return isinstance(event, h11.EndOfMessage)


def connect(url: str, tls: ssl.SSLContext | None = None, receive_buffer: int = 0) -> RawClient:
    """A connection to `http://host:port`, `https://host:port` (with `tls`) or `unix:/path`.

    `receive_buffer` is the size of the kernel's buffer on this side, for a client that is to read nothing.
    """
    if url.startswith("unix:"):
        sock, address = socket.socket(socket.AF_UNIX), url.removeprefix("unix:")
    else:
        parts = urlsplit(url)
        family = socket.AF_INET6 if ":" in str(parts.hostname) else socket.AF_INET
        sock, address = socket.socket(family), (parts.hostname, parts.port)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, True)
    if receive_buffer:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
    try:
        sock.settimeout(SECONDS)
        sock.connect(address)
        return RawClient(sock if tls is None else tls.wrap_socket(sock, server_hostname="localhost"))
    except OSError:
        sock.close()
        raise


def request(
    method: str = "GET",
    target: str = "/",
    fields: Iterable[tuple[str, str]] = (),
    body: bytes = b"",
    version: str = "1.1",
) -> bytes:
    """The bytes of a request with `host`, and with `content-length` where there is a body."""
    lines = [f"{method} {target} HTTP/{version}", "host: localhost"]
    lines += [f"{name}: {value}" for name, value in fields]
    if body:
        lines.append(f"content-length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


def chunked(*parts: bytes, trailers: bytes = b"") -> bytes:
    """The parts in chunked coding, with the trailer lines given (each with its line end)."""
    chunks = b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in parts)
    return chunks + b"0\r\n" + trailers + b"\r\n"
