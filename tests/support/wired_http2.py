"""A client of HTTP/2 for a server without sockets: frames of `http2_wire`, on the fake network of `wired`."""

from dataclasses import dataclass, field
from typing import Any

from tests.support.http2_wire import GET, POST, Client, Frame, data
from tests.support.wired import Server, settled

from penstock.base.asgi import Fields

CONNECT = (
    (b":method", b"CONNECT"),
    (b":protocol", b"websocket"),
    (b":scheme", b"http"),
    (b":path", b"/"),
    (b":authority", b"example.com"),
    (b"sec-websocket-version", b"13"),
)


@dataclass
class Answer:
    """What came on one stream. `reset` is the error of RST_STREAM, `ended` that the response is complete."""

    status: int = 0
    fields: Fields = field(default_factory=list)
    body: bytes = b""
    trailers: Fields = field(default_factory=list)
    informational: list[tuple[int, Fields]] = field(default_factory=list)
    promised: list[Any] = field(default_factory=list)
    reset: str = ""
    ended: bool = False

    def add(self, frame: Frame) -> None:
        if frame.name == "HEADERS":
            self._add_head(frame)
        elif frame.name == "DATA":
            self.body += frame.payload
        elif frame.name == "PUSH_PROMISE":
            self.promised.append(frame)
        elif frame.name == "RST_STREAM":
            self.reset = frame.error
        self.ended = self.ended or frame.ends

    def _add_head(self, frame: Frame) -> None:
        fields = list(frame.fields)
        if self.status:
            self.trailers = fields
            return
        status = int(fields.pop(0)[1])
        if status < 200:
            self.informational.append((status, fields))
        else:
            self.status, self.fields = status, fields


class Network:
    """A wired connection, with the verbs of an engine that `Client` knows."""

    def __init__(self, server: Server, addresses: dict[str, Any]) -> None:
        self.far = server.connect(**addresses)

    def receive_data(self, octets: bytes) -> None:
        self.far.send(octets)

    def events(self) -> list[Any]:
        return []

    def data_to_send(self) -> list[bytes]:
        octets = self.far.read()
        return [octets] if octets else []


class Peer(Client):
    """A client that has greeted the server with these settings; `answers` are what came, by stream.
    `control` are the frames of the connection.
    """

    def __init__(self, server: Server, *pairs: tuple[int, int], **addresses: Any) -> None:
        self.network = Network(server, addresses)
        super().__init__(self.network)
        self.transport = self.network.far.transport
        self.answers: dict[int, Answer] = {}
        self.control: list[Frame] = []
        self.greet(*pairs)
        self.collect()

    def collect(self) -> list[Frame]:
        """Take what came since, and sort it."""
        frames = self.read()
        for frame in frames:
            if frame.stream_id:
                self.answers.setdefault(frame.stream_id, Answer()).add(frame)
            else:
                self.control.append(frame)
        return frames

    async def settled(self) -> None:
        """Everything has run, and what came of it is sorted."""
        await settled()
        self.collect()

    async def tells(self, octets: bytes) -> None:
        """Send, and sort what comes of it."""
        self.tell(octets)
        await self.settled()

    async def get(self, path: bytes = b"/", *fields: tuple[bytes, bytes]) -> Answer:
        """What comes of a request, which may be nothing yet."""
        return await self._asked([*GET[:2], (b":path", path), GET[3], *fields], None)

    async def post(self, body: bytes, *fields: tuple[bytes, bytes]) -> Answer:
        return await self._asked([*POST, *fields], body)

    async def open_post(self, *fields: tuple[bytes, bytes]) -> int:
        """The head of a request whose body is still to come; its stream."""
        return await self.opens([*POST, *fields])

    async def opens(self, fields: Any) -> int:
        stream_id, self._next_id = self._next_id, self._next_id + 2
        await self.tells(self.headers(stream_id, fields, end=False))
        return stream_id

    async def sends(self, stream_id: int, payload: bytes, end: bool = False) -> None:
        await self.tells(data(stream_id, payload, end))

    async def _asked(self, fields: Any, body: bytes | None) -> Answer:
        stream_id = self.ask(fields, body)
        await self.settled()
        return self.answers.setdefault(stream_id, Answer())
