"""Requests as bytes, ways to cut them, and what an engine makes of them: the test files of HTTP/1.1 share
these.

Parser cases run in four ways, because what an engine makes of bytes may not depend on how they were cut.
"""

import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import h11
import pytest

from penstock.base.limits import Limits
from penstock.engine.closing import KEEP_OPEN, LINGER
from penstock.engine.defaults import ResponseDefaults
from penstock.engine.http1.connection import Http1Connection
from penstock.engine.http1.events import Event

GET = b"GET / HTTP/1.1\r\nHost: example.com\r\n\r\n"
TAIL = b"GET /smuggled HTTP/1.1\r\nHost: example.com\r\n\r\n"
WAYS = ("whole", "byte by byte", "at random cuts", "with a tail")
every_way = pytest.mark.parametrize("way", WAYS)

Facts = tuple[Any, ...]


def request(*lines: bytes, body: bytes = b"", method: bytes = b"GET", target: bytes = b"/") -> bytes:
    """A request for example.com with further field lines."""
    return b"\r\n".join((method + b" " + target + b" HTTP/1.1", b"Host: example.com", *lines, b"", body))


def chunked(*chunks: bytes, trailers: bytes = b"") -> bytes:
    """A request whose body is sent in these chunks."""
    framed = b"".join(b"%x\r\n%b\r\n" % (len(chunk), chunk) for chunk in chunks)
    return request(b"Transfer-Encoding: chunked", method=b"POST", body=framed + b"0\r\n" + trailers + b"\r\n")


def defaults(
    server: bytes = b"", fields: tuple[tuple[bytes, bytes], ...] = (), date_wanted: bool = False
) -> ResponseDefaults:
    return ResponseDefaults(server, fields, date_wanted)


def connection(**limits: Any) -> Http1Connection:
    return Http1Connection(Limits(**limits), defaults())


def open_response(data: bytes = GET, **limits: Any) -> Http1Connection:
    """A connection on which one request, complete or not, waits for its response."""
    opened = connection(**limits)
    opened.receive_data(data)
    opened.events()
    return opened


def facts(event: Event) -> Facts:
    """An event as its class's name and attributes: comparable, and the same for both twins."""
    return (type(event).__name__, *(getattr(event, name) for name in sorted(type(event).__slots__)))


def cut(data: bytes, way: str) -> Iterator[bytes]:
    if way == "whole":
        yield data
    elif way == "byte by byte":
        for at in range(len(data)):
            yield data[at : at + 1]
    elif way == "with a tail":
        yield data + TAIL
    else:
        yield from cut_at(data, random.Random(data).sample(range(len(data)), min(5, len(data))))


def cut_at(data: bytes, places: Iterable[int]) -> Iterator[bytes]:
    edges = [0, *sorted(places), len(data)]
    for start, end in pairwise(edges):
        if start < end:
            yield data[start:end]


@dataclass
class Heard:
    """What the engine told and did of some bytes. Parts of the body are joined: how they are cut is not its
    choice.
    """

    connection: Http1Connection
    events: list[Event]

    @property
    def names(self) -> list[str]:
        return [type(event).__name__ for event in self.events]

    @property
    def body(self) -> bytes:
        return b"".join(event.data for event in self._of("BodyPart"))

    @property
    def head(self) -> Any:
        return self._only("RequestHead")

    @property
    def end(self) -> Any:
        return self._only("RequestEnd")

    @property
    def fault(self) -> Any:
        return self._only("PeerFault")

    def _of(self, name: str) -> list[Any]:
        return [event for event in self.events if type(event).__name__ == name]

    def _only(self, name: str) -> Any:
        (event,) = self._of(name)
        return event


def hear(data: bytes, way: str = "whole", hearer: Http1Connection | None = None) -> Heard:
    """Give the engine the bytes in that way. With a tail only the first request is heard: it is not yet
    answered.
    """
    hearer = hearer or connection()
    events: list[Event] = []
    for piece in cut(data, way):
        hearer.receive_data(piece)
        events.extend(hearer.events())
    return Heard(hearer, events)


def output(sender: Http1Connection) -> bytes:
    return b"".join(sender.data_to_send())


@dataclass
class Answer:
    """A response as h11 reads it, in the client's role."""

    status: int
    fields: list[tuple[bytes, bytes]]
    body: bytes
    trailers: list[tuple[bytes, bytes]]
    rest: bytes

    def values(self, name: bytes) -> list[bytes]:
        return [value for key, value in self.fields if key == name]


def answers(data: bytes, methods: Iterable[bytes] = (b"GET",), closed: bool = True) -> list[Answer]:
    """What a client reads that sent requests with these methods; `closed` when the connection ends after
    `data`.
    """
    read = []
    for method in methods:
        answer = _answer(data, method, closed)
        read.append(answer)
        data = answer.rest
    assert data == b"", "there is more than was asked for"
    return read


def only_answer(sender: Http1Connection, method: bytes = b"GET") -> Answer:
    (answer,) = answers(output(sender), (method,), closed=sender.close_wanted != KEEP_OPEN)
    return answer


def _answer(data: bytes, method: bytes, closed: bool) -> Answer:
    client = h11.Connection(h11.CLIENT)
    client.send(h11.Request(method=method, target=b"/", headers=[(b"host", b"example.com")]))
    client.send(h11.EndOfMessage())
    client.receive_data(data)
    if closed:
        client.receive_data(b"")
    head = client.next_event()
    while isinstance(head, h11.InformationalResponse):
        head = client.next_event()
    assert isinstance(head, h11.Response), head
    parts = []
    while isinstance(event := client.next_event(), h11.Data):
        parts.append(bytes(event.data))
    assert isinstance(event, h11.EndOfMessage), event
    rest, _ = client.trailing_data
    return Answer(head.status_code, list(head.headers), b"".join(parts), list(event.headers), rest)


def assert_refused(heard: Heard, status: int) -> None:
    """One fault, one complete answer with that status that closes, and nothing more whatever comes."""
    assert heard.names[-1] == "PeerFault", heard.names
    assert heard.names.count("PeerFault") == 1
    assert heard.fault.status == status, heard.fault.reason
    assert heard.connection.close_wanted == LINGER
    answer = only_answer(heard.connection)
    assert answer.status == status
    assert answer.values(b"connection") == [b"close"]
    assert answer.body == heard.fault.reason.encode() + b"\n"
    heard.connection.receive_data(TAIL)
    assert heard.connection.events() == []
    assert heard.connection.data_to_send() == []
