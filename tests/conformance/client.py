"""The tests' side of the probe: start behaviours over raw connections, read afterwards what they noted."""

import ast
import itertools
import ssl
from collections.abc import Iterable, Sequence
from typing import Any

from tests.support.raw_client import RawClient, Response, connect, request
from tests.support.raw_websocket import RawWebSocket
from tests.support.server import RunningServer

Step = dict[str, Any] | str

OK: dict[str, Any] = {
    "type": "http.response.start",
    "status": 200,
    "headers": [(b"content-type", b"text/plain")],
}
BODY: dict[str, Any] = {"type": "http.response.body", "body": b"done"}
ACCEPT: dict[str, Any] = {"type": "websocket.accept"}
READ, RELEASE, RAISE = "receive", "release", "raise"


class Call:
    """One run of a behaviour: the fields that ask for it, and what it has noted."""

    def __init__(self, probe: "ProbeClient", behaviour: str, number: int, script: Sequence[Step]) -> None:
        self.fields = [("probe", f"{behaviour} {number}")]
        if script:
            self.fields.append(("script", ascii(list(script))))
        self.number = number
        self._probe = probe

    def wait(self, fact: str) -> dict[str, Any]:
        """All facts, when the one of that name is noted."""
        answer = self._probe.ask(f"/facts/{self.number}/{fact}")
        facts: dict[str, Any] = ast.literal_eval(answer.body.decode())
        return facts

    def release(self) -> None:
        self._probe.ask(f"/release/{self.number}")

    @property
    def facts(self) -> dict[str, Any]:
        """What the behaviour had noted when it ended."""
        return self.wait("ended")

    @property
    def outcomes(self) -> list[Any]:
        """What came of each step of a script: the names of the error's classes, or the event."""
        found: list[Any] = self.facts["outcomes"]
        return found


class ProbeClient:
    """A server that runs the probe."""

    def __init__(self, server: RunningServer, tls: ssl.SSLContext | None = None) -> None:
        self.server = server
        self._tls = tls
        self._numbers = itertools.count(1)

    def connect(self, receive_buffer: int = 0) -> RawClient:
        return connect(self.server.url, self._tls, receive_buffer)

    def ask(self, target: str) -> Response:
        """A request in a connection of its own."""
        with self.connect() as client:
            client.send(request("GET", target))
            return client.read_response()

    def call(self, behaviour: str, script: Sequence[Step] = ()) -> Call:
        """A run of the behaviour that begins when a request with the call's fields is sent."""
        return Call(self, behaviour, next(self._numbers), script)

    def run(
        self, behaviour: str, method: str = "GET", target: str = "/", fields: Iterable[tuple[str, str]] = ()
    ) -> dict[str, Any]:
        """The facts that a behaviour noted which answered the request in good order."""
        call = self.call(behaviour)
        with self.connect() as client:
            client.send(request(method, target, [*call.fields, *fields]))
            client.read_response(method)
        return call.facts

    def play(
        self, *script: Step, method: str = "GET", fields: Iterable[tuple[str, str]] = (), version: str = "1.1"
    ) -> tuple[Response, list[Any]]:
        """The response to a request whose application plays the script, and the outcomes."""
        call = self.call("http.play", script)
        with self.connect() as client:
            client.send(request(method, "/", [*call.fields, *fields], version=version))
            response = client.read_response(method)
        return response, call.outcomes

    def play_to_end(
        self, *script: Step, method: str = "GET", fields: Iterable[tuple[str, str]] = (), version: str = "1.1"
    ) -> tuple[bytes, list[Any]]:
        """The same, with all bytes up to the end of the connection, which the server has to close."""
        call = self.call("http.play", script)
        with self.connect() as client:
            client.send(request(method, "/", [*call.fields, *fields], version=version))
            data = client.read_to_end()
        return data, call.outcomes


class Conversation:
    """A WebSocket to the probe whose application plays a script; a context manager."""

    def __init__(self, probe: ProbeClient, *script: Step, behaviour: str = "websocket.play") -> None:
        self.call = probe.call(behaviour, script)
        self.client = probe.connect()
        self.socket = RawWebSocket(self.client)

    def __enter__(self) -> "Conversation":
        return self

    def __exit__(self, *error: object) -> None:
        self.client.close()

    def open(self, target: str = "/", fields: Iterable[tuple[str, str]] = ()) -> Response:
        return self.socket.handshake(target, [*self.call.fields, *fields])

    def refused(self, fields: Iterable[tuple[str, str]] = ()) -> Response:
        """The response to a handshake that the application does not accept."""
        self.socket.send_handshake("/", [*self.call.fields, *fields])
        return self.client.read_response()
