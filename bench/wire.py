"""A plain client for one exchange at a time: proves answers right, opens connections that stay idle."""

import http.client
import socket
import ssl

HANDSHAKE = (
    b"GET / HTTP/1.1\r\n"
    b"host: localhost\r\n"
    b"connection: upgrade\r\n"
    b"upgrade: websocket\r\n"
    b"sec-websocket-version: 13\r\n"
    b"sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    b"\r\n"
)
TIMEOUT_SECONDS = 10


class WrongAnswer(Exception):
    """A server answered, but not with what the workload expects."""


def open_connection(port: int, tls: bool) -> socket.socket:
    plain = socket.create_connection(("127.0.0.1", port), timeout=TIMEOUT_SECONDS)
    if not tls:
        return plain
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context.wrap_socket(plain)


def exchange(connection: socket.socket, request: bytes, answer: bytes) -> None:
    """Sends one request and reads one response; raises WrongAnswer unless it is a 200 with that body."""
    connection.sendall(request)
    response = http.client.HTTPResponse(connection, method=request.partition(b" ")[0].decode())
    response.begin()
    check(response.status, response.read(), answer)


def check(status: int, body: bytes, answer: bytes) -> None:
    if status != http.HTTPStatus.OK or body != answer:
        raise WrongAnswer(f"status {status}, {len(body)} bytes: {body[:100]!r}")


def upgrade(connection: socket.socket) -> None:
    """A WebSocket handshake; what follows it is left unread."""
    connection.sendall(HANDSHAKE)
    response = http.client.HTTPResponse(connection, method="GET")
    response.begin()
    if response.status != http.HTTPStatus.SWITCHING_PROTOCOLS:
        raise WrongAnswer(f"status {response.status} instead of 101")
