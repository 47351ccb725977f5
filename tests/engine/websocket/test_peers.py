"""Two other implementations as clients: what they send is understood, and what they are sent they accept."""

import itertools
from collections.abc import Iterable
from typing import Protocol

import pytest
import websockets.client
import websockets.datastructures
import websockets.extensions.permessage_deflate
import websockets.frames
import websockets.http11
import websockets.uri
import wsproto
import wsproto.events
import wsproto.extensions

from penstock.base.asgi import Fields
from penstock.base.limits import Limits
from penstock.engine.websocket.connection import WebSocketConnection
from penstock.engine.websocket.events import BytesMessage, Closed, Event, TextMessage
from penstock.engine.websocket.handshake import Acceptance, Offer, accept, read_offer

LIMITS = Limits(deflate_min_bytes=1, deflate_memory_bytes=1 << 20)

MESSAGES: list[str | bytes] = [
    "hello",
    b"\x00\xff",
    "",
    b"",
    "κόσμε " * 500,
    bytes(range(256)) * 300,
    "hello",
    "x" * 70_000,
    b"y" * 126,
    "κόσμε " * 500,
]


class Client(Protocol):
    """What a test needs of another implementation's client."""

    def handshake(self) -> Offer: ...

    def accepted(self, acceptance: Acceptance) -> str | None:
        """Takes the answer and returns the subprotocol."""

    def send(self, message: str | bytes, parts: int = 1) -> bytes: ...

    def receive(self, data: bytes) -> list[str | bytes]: ...

    def close(self, code: int, reason: str) -> bytes: ...

    def closed_with(self) -> tuple[int, str]: ...


class WsprotoClient:
    def __init__(self, deflate: dict[str, bool | int | None] | None) -> None:
        self._extensions: list[wsproto.extensions.Extension] = []
        if deflate is not None:
            self._extensions.append(wsproto.extensions.PerMessageDeflate(**deflate))  # type: ignore[arg-type]
        self._connection = wsproto.WSConnection(wsproto.ConnectionType.CLIENT)
        self._parts: list[str | bytes] = []
        self._closed: tuple[int, str] | None = None

    def handshake(self) -> Offer:
        request = wsproto.events.Request(
            host="localhost", target="/", subprotocols=["chat", "more"], extensions=self._extensions
        )
        _, *lines = self._connection.send(request).split(b"\r\n\r\n")[0].split(b"\r\n")
        return read_offer("GET", "1.1", parsed(lines))

    def accepted(self, acceptance: Acceptance) -> str | None:
        self._connection.receive_data(response(acceptance))
        [event] = self._connection.events()
        assert isinstance(event, wsproto.events.AcceptConnection)
        return event.subprotocol

    def send(self, message: str | bytes, parts: int = 1) -> bytes:
        kind = wsproto.events.TextMessage if isinstance(message, str) else wsproto.events.BytesMessage
        pieces = cut(message, parts)
        return b"".join(
            self._connection.send(kind(data=piece, message_finished=number == parts - 1))
            for number, piece in enumerate(pieces)
        )

    def receive(self, data: bytes) -> list[str | bytes]:
        self._connection.receive_data(data)
        messages: list[str | bytes] = []
        for event in self._connection.events():
            if isinstance(event, wsproto.events.Message):
                self._parts.append(event.data)
                if event.message_finished:
                    messages.append(type(self._parts[0])().join(self._parts))  # type: ignore[arg-type]
                    self._parts.clear()
            elif isinstance(event, wsproto.events.CloseConnection):
                self._closed = (event.code, event.reason or "")
        return messages

    def close(self, code: int, reason: str) -> bytes:
        return self._connection.send(wsproto.events.CloseConnection(code=code, reason=reason))

    def closed_with(self) -> tuple[int, str]:
        assert self._closed is not None
        return self._closed


class WebsocketsClient:
    def __init__(self, deflate: dict[str, bool | int | None] | None) -> None:
        factory = websockets.extensions.permessage_deflate.ClientPerMessageDeflateFactory
        self._protocol = websockets.client.ClientProtocol(
            websockets.uri.parse_uri("ws://localhost/"),
            extensions=None if deflate is None else [factory(**deflate)],  # type: ignore[arg-type]
            subprotocols=["chat", "more"],  # type: ignore[list-item]
        )

    def handshake(self) -> Offer:
        request = self._protocol.connect()
        self._protocol.send_request(request)
        self._protocol.data_to_send()
        return read_offer(
            "GET",
            "1.1",
            [(name.lower().encode(), value.encode()) for name, value in request.headers.raw_items()],
        )

    def accepted(self, acceptance: Acceptance) -> str | None:
        self._protocol.receive_data(response(acceptance))
        [event] = self._protocol.events_received()
        assert isinstance(event, websockets.http11.Response)
        assert self._protocol.handshake_exc is None
        return self._protocol.subprotocol

    def send(self, message: str | bytes, parts: int = 1) -> bytes:
        for number, piece in enumerate(cut(message, parts)):
            data = piece.encode() if isinstance(piece, str) else piece
            fin = number == parts - 1
            if number:
                self._protocol.send_continuation(data, fin)
            elif isinstance(piece, str):
                self._protocol.send_text(data, fin)
            else:
                self._protocol.send_binary(data, fin)
        return b"".join(self._protocol.data_to_send())

    def receive(self, data: bytes) -> list[str | bytes]:
        self._protocol.receive_data(data)
        frames = [
            event for event in self._protocol.events_received() if isinstance(event, websockets.frames.Frame)
        ]
        assert self._protocol.parser_exc is None
        return [
            bytes(frame.data).decode() if frame.opcode is websockets.frames.Opcode.TEXT else bytes(frame.data)
            for frame in frames
            if frame.opcode in {websockets.frames.Opcode.TEXT, websockets.frames.Opcode.BINARY}
        ]

    def close(self, code: int, reason: str) -> bytes:
        self._protocol.send_close(code, reason)
        return b"".join(self._protocol.data_to_send())

    def closed_with(self) -> tuple[int, str]:
        assert self._protocol.close_rcvd is not None
        return self._protocol.close_rcvd.code, self._protocol.close_rcvd.reason


def parsed(lines: Iterable[bytes]) -> Fields:
    pairs = [line.split(b":", 1) for line in lines]
    return [(name.lower(), value.strip()) for name, value in pairs]


def response(acceptance: Acceptance) -> bytes:
    lines = [
        b"HTTP/1.1 101 Switching Protocols",
        *(name + b": " + value for name, value in acceptance.fields),
    ]
    return b"\r\n".join(lines) + b"\r\n\r\n"


def cut(message: str | bytes, parts: int) -> list[str | bytes]:
    size = len(message) // parts + 1
    return [message[number * size : (number + 1) * size] for number in range(parts)]


CLIENTS = [WsprotoClient, WebsocketsClient]

# Every combination of the parameters that each of the two can offer.
FLAGS = [(False, False), (False, True), (True, False), (True, True)]
OFFERS = [
    {
        "client_no_context_takeover": client_forgets,
        "server_no_context_takeover": server_forgets,
        "client_max_window_bits": client_bits,
        "server_max_window_bits": server_bits,
    }
    for (client_forgets, server_forgets), client_bits, server_bits in itertools.product(
        FLAGS, [None, True, 9, 12, 15], [None, 9, 12, 15]
    )
]


def connected(
    kind: type[Client], deflate: dict[str, bool | int | None] | None
) -> tuple[Client, WebSocketConnection, Acceptance]:
    if kind is WsprotoClient and deflate is not None:
        deflate = {
            name: 15 if value is True and name.endswith("bits") else value for name, value in deflate.items()
        }
        deflate = {name: value for name, value in deflate.items() if value is not None}
    client = kind(deflate)  # type: ignore[call-arg]
    acceptance = accept(client.handshake(), "more", LIMITS)
    assert client.accepted(acceptance) == "more"
    return client, WebSocketConnection(LIMITS, acceptance.deflate), acceptance


def payload(event: Event) -> str | bytes:
    assert not isinstance(event, Closed)
    return event.text if isinstance(event, TextMessage) else event.data


def assert_echoes(client: Client, connection: WebSocketConnection, parts: int) -> None:
    """Each message there and back, and then all in one write."""
    for message in MESSAGES:
        connection.receive_data(client.send(message, parts))
        [event] = connection.events()
        assert payload(event) == message
    for message in MESSAGES:
        if isinstance(message, str):
            connection.send_text(message)
        else:
            connection.send_bytes(message)
    assert client.receive(b"".join(connection.data_to_send())) == MESSAGES


@pytest.mark.parametrize("kind", CLIENTS)
@pytest.mark.parametrize("parts", [1, 3])
def test_messages_go_both_ways(kind: type[Client], parts: int) -> None:
    client, connection, acceptance = connected(kind, None)
    assert acceptance.deflate is None
    assert_echoes(client, connection, parts)


@pytest.mark.parametrize("kind", CLIENTS)
@pytest.mark.parametrize("offer", OFFERS, ids=lambda offer: "-".join(str(value) for value in offer.values()))
def test_compressed_messages_go_both_ways_whatever_was_agreed(
    kind: type[Client], offer: dict[str, bool | int | None]
) -> None:
    """RFC 7692 section 7.1: every combination of parameters."""
    client, connection, acceptance = connected(kind, offer)
    assert acceptance.deflate is not None
    assert acceptance.deflate.client_no_context_takeover is bool(offer["client_no_context_takeover"])
    assert acceptance.deflate.server_no_context_takeover is bool(offer["server_no_context_takeover"])
    assert acceptance.deflate.server_window_bits == (offer["server_max_window_bits"] or 15)
    assert_echoes(client, connection, 1 if kind is WsprotoClient else 2)


@pytest.mark.parametrize("kind", CLIENTS)
@pytest.mark.parametrize(("code", "reason"), [(1000, ""), (1001, "going"), (4999, "é" * 61)])
def test_either_side_can_close(kind: type[Client], code: int, reason: str) -> None:
    client, connection, _ = connected(kind, None)
    connection.receive_data(client.close(code, reason))
    assert connection.events() == [Closed(code, reason)]
    client.receive(b"".join(connection.data_to_send()))

    client, connection, _ = connected(kind, None)
    connection.send_close(code, reason)
    client.receive(b"".join(connection.data_to_send()))
    assert client.closed_with() == (code, reason)


@pytest.mark.parametrize("kind", CLIENTS)
def test_a_fault_is_told_with_its_code_and_a_reason(kind: type[Client]) -> None:
    client, connection, _ = connected(kind, None)
    connection.receive_data(b"\x81\x00")
    client.receive(b"".join(connection.data_to_send()))
    assert client.closed_with() == (1002, "a frame of the client is not masked")
    assert isinstance(connection.events()[0], Closed)


def test_bytes_messages_of_both_are_told_from_text() -> None:
    for kind in CLIENTS:
        client, connection, _ = connected(kind, None)  # type: ignore[type-abstract]
        connection.receive_data(client.send(b"bytes"))
        assert connection.events() == [BytesMessage(b"bytes")]
