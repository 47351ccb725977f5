"""Which version of HTTP a connection speaks, and the handler that finds out.

On TLS the handshake says it (ALPN). On a plain socket the first octets do: an HTTP/2 client with prior
knowledge begins with a preface that is no request of HTTP/1 (RFC 9113 section 3.4). Whatever is not the
beginning of that preface goes to HTTP/1 at once. `Upgrade: h2c` is a request of HTTP/1, and its session's
affair.
"""

from penstock.bridge.http1 import Http1Session
from penstock.bridge.http2 import Http2Session
from penstock.bridge.service import Service
from penstock.bridge.wire import Handler, Wire

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
ALPN = {"auto": ("h2", "http/1.1"), "1": ("http/1.1",), "2": ("h2",)}


def open_session(wire: Wire, service: Service, agreed: str | None) -> Handler:
    """The handler of a connection that begins. `agreed` is what TLS has agreed on, if it has."""
    if agreed == "h2" or service.http == "2":
        session = Http2Session(wire, service)
        session.begin()
        return session
    if service.http == "1" or agreed is not None or wire.facts.scheme == "https":
        return Http1Session(wire, service)
    return Opening(wire, service)


class Opening:
    """The handler until the first octets are here. It waits as HTTP/1 does, with a session of that, which is
    then the right one for nearly everybody.
    """

    __slots__ = ("_deadline", "_received", "_service", "_session", "_wire")

    def __init__(self, wire: Wire, service: Service) -> None:
        self._wire = wire
        self._service = service
        self._session = Http1Session(wire, service)
        self._received = b""
        self._deadline: float | None = None

    def receive_data(self, data: bytes) -> None:
        if self._received:
            data = self._received + data
        if data.startswith(PREFACE):
            session = Http2Session(self._wire, self._service)
            self._wire.handler = session
            session.receive_data(data)
        elif PREFACE.startswith(data):
            self._received = data
        else:
            self._choose_http1(data)

    def receive_eof(self) -> None:
        self._choose_http1(self._received)
        self._session.receive_eof()

    def writing_resumed(self) -> None:
        """Nothing was written."""

    def connection_lost(self) -> None:
        self._session.connection_lost()

    def handle_deadline(self, now: float) -> None:
        """A beginning of the preface is held to the time of a request's head."""
        seconds = self._service.limits.head_seconds
        if not self._received:
            self._session.handle_deadline(now)
        elif seconds is not None and self._deadline is None:
            self._deadline = now + seconds
        elif self._deadline is not None and now >= self._deadline:
            self.refuse(408, "the head of the request took too long")

    def drain(self) -> None:
        self._session.drain()

    def refuse(self, status: int, reason: str) -> None:
        self._wire.handler = self._session
        self._session.refuse(status, reason)

    def _choose_http1(self, data: bytes) -> None:
        self._wire.handler = self._session
        if data:
            self._session.receive_data(data)
