"""Which version of HTTP a connection speaks: what the first octets, the settings and an upgrade decide."""

from typing import Any

import pytest
from tests.support.held_calls import Calls, echo
from tests.support.http2_wire import ACK, PREFACE, Client, frame, settings
from tests.support.wired import Server, get, post, settled
from tests.support.wired_http2 import Network

SETTINGS = b"AAMAAABkAAQAAP__"  # as nghttp sends it
UPGRADE = b"connection: Upgrade, HTTP2-Settings\r\nupgrade: h2c\r\nhttp2-settings: %b\r\n"


def versions(app: Calls) -> list[str]:
    return [call.scope["http_version"] for call in app]


def kinds(octets: bytes) -> list[int]:
    """The types of the frames."""
    found = []
    while octets:
        found.append(octets[3])
        octets = octets[9 + int.from_bytes(octets[:3]) :]
    return found


async def test_a_preface_is_answered_with_settings() -> None:
    client = Server(echo).connect()
    assert kinds(await client.ask(PREFACE + settings())) == [4, 8, 4]


@pytest.mark.parametrize("cut", [1, 3, 14, 23])
async def test_a_preface_may_come_in_two_pieces(cut: int) -> None:
    client = Server(echo).connect()
    assert await client.ask(PREFACE[:cut]) == b""
    assert kinds(await client.ask(PREFACE[cut:] + settings())) == [4, 8, 4]


@pytest.mark.parametrize("cut", [1, 2, 4])
async def test_a_request_that_begins_like_the_preface_is_http_1(cut: int) -> None:
    app = Calls()
    client = Server(app).connect()
    asked = post(b"body")
    client.send(asked[:cut])
    await client.ask(asked[cut:])
    assert versions(app) == ["1.1"]
    await app.finish()


async def test_what_differs_from_the_preface_at_its_end_is_answered_in_http_1() -> None:
    client = Server(echo).connect()
    assert (await client.ask(PREFACE[:-1] + b"x")).startswith(b"HTTP/1.1 ")


async def test_half_a_preface_is_held_to_the_time_of_a_head() -> None:
    server = Server(echo, head_seconds=10)
    client = server.connect()
    client.send(PREFACE[:10])
    for seconds in (0, 9):
        server.at(seconds)
    assert client.read() == b""
    server.at(10)
    assert client.read().startswith(b"HTTP/1.1 408 ")
    assert client.transport.eof_written


async def test_a_silent_connection_is_held_to_the_time_of_a_head() -> None:
    server = Server(echo, head_seconds=10)
    client = server.connect()
    for seconds in (0, 11):
        server.at(seconds)
    await settled()
    assert client.ended == "closed"


async def test_half_a_preface_and_the_end_are_a_request_cut_short() -> None:
    client = Server(echo).connect()
    client.send(PREFACE[:10])
    client.transport.feed_eof()
    await settled()
    assert client.ended == "closed"


async def test_a_drain_closes_a_connection_that_has_said_nothing() -> None:
    server = Server(echo)
    client = server.connect()
    server.drain()
    await settled()
    assert client.ended == "closed"


async def test_a_connection_too_many_is_refused_in_http_1() -> None:
    server = Server(echo, max_connections=1)
    server.connect()
    second = server.connect()
    assert second.read().startswith(b"HTTP/1.1 503 ")


async def test_a_lost_connection_that_has_said_nothing_leaves_nothing() -> None:
    server = Server(echo)
    server.connect().transport.lose()
    assert len(server.sweep) == 0


async def test_with_http_1_a_preface_is_no_request() -> None:
    client = Server(echo, http="1").connect()
    assert (await client.ask(PREFACE + settings())).startswith(b"HTTP/1.1 ")


async def test_with_http_2_nothing_else_is_spoken() -> None:
    client = Server(echo, http="2").connect()
    octets = await client.ask(get())
    assert kinds(octets) == [4, 8, 7]
    assert client.transport.eof_written


async def upgraded(server: Server, asked: bytes) -> tuple[bytes, Client]:
    """The head of what HTTP/1.1 answered, and a client of HTTP/2 behind it."""
    network = Network(server, {})
    network.far.send(asked)
    await settled()
    head, _, rest = network.far.read().partition(b"\r\n\r\n")
    network.far.transport.written += rest
    client = Client(network)
    client.tell(PREFACE + settings() + frame("SETTINGS", flags=ACK))
    return head, client


async def test_an_upgrade_answers_its_request_on_stream_1() -> None:
    app = Calls()
    server = Server(app)
    head, client = await upgraded(server, get(b"/up?a=b", UPGRADE % SETTINGS + b"x: y\r\n"))
    assert head.startswith(b"HTTP/1.1 101 ")
    assert b"upgrade: h2c" in head
    scope = app[0].scope
    assert (scope["path"], scope["query_string"], scope["http_version"]) == ("/up", b"a=b", "2")
    assert scope["headers"] == [(b"host", b"test"), (b"x", b"y")]
    await app[0].respond(b"on stream 1")
    answered = [(each.name, each.stream_id) for each in client.read() if each.stream_id]
    assert answered == [("HEADERS", 1), ("DATA", 1)]
    client.tell(client.headers(3))
    await settled()
    assert versions(app) == ["2", "2"]
    await app.finish()


async def test_frames_may_come_right_behind_the_upgrade() -> None:
    app = Calls()
    client = Server(app).connect()
    octets = await client.ask(get(b"/", UPGRADE % SETTINGS) + PREFACE + settings())
    _, _, frames = octets.partition(b"\r\n\r\n")
    assert kinds(frames) == [4, 8, 4]
    await app.finish()


NO_UPGRADES: dict[str, Any] = {
    "no settings": get(b"/", b"connection: Upgrade\r\nupgrade: h2c\r\n"),
    "settings that connection does not name": get(
        b"/", b"connection: Upgrade\r\nupgrade: h2c\r\nhttp2-settings: %b\r\n" % SETTINGS
    ),
    "settings twice": get(b"/", UPGRADE % SETTINGS + b"http2-settings: %b\r\n" % SETTINGS),
    "a body": post(b"body", b"/", UPGRADE % SETTINGS),
    "another protocol": get(b"/", b"connection: Upgrade\r\nupgrade: tls/1.2\r\n"),
}


@pytest.mark.parametrize("asked", NO_UPGRADES.values(), ids=NO_UPGRADES.keys())
async def test_an_upgrade_that_is_not_clean_is_ignored(asked: bytes) -> None:
    app = Calls()
    client = Server(app).connect()
    await client.ask(asked)
    assert versions(app) == ["1.1"]
    await app.finish()


async def test_an_upgrade_is_ignored_where_only_http_1_is_spoken() -> None:
    app = Calls()
    client = Server(app, http="1").connect()
    await client.ask(get(b"/", UPGRADE % SETTINGS))
    assert versions(app) == ["1.1"]
    await app.finish()


@pytest.mark.parametrize("wrong", [b"AAM", b"!!!!", b"AAIAAAAC"])
async def test_settings_that_are_none_are_refused(wrong: bytes) -> None:
    app = Calls()
    client = Server(app).connect()
    assert (await client.ask(get(b"/", UPGRADE % wrong))).startswith(b"HTTP/1.1 400 ")
    assert app == []
