"""The extensions of ASGI over HTTP/2: each is offered where it works, and works where it is offered."""

from collections.abc import Callable
from typing import Any

import pytest
from tests.support.held_calls import Calls
from tests.support.http2_wire import GET, names, window_update
from tests.support.wired import Server, get, settled
from tests.support.wired_http2 import Peer

from penstock.base.asgi import Message
from penstock.base.errors import LocalProtocolError

Serve = Callable[..., Server]

ENABLE_PUSH, INITIAL_WINDOW = 2, 4
ALWAYS = {
    "http.request.trailers",
    "http.response.early_hint",
    "http.response.pathsend",
    "http.response.priority",
    "http.response.zerocopysend",
}
PUSH, TRAILERS = "http.response.push", "http.response.trailers"


def push(path: Any, *fields: tuple[bytes, bytes]) -> Message:
    return {"type": PUSH, "path": path, "headers": fields}


def priority(**keys: Any) -> Message:
    return {"type": "http.response.priority", **keys}


@pytest.mark.parametrize(
    ("setting", "fields", "more"),
    [
        ((ENABLE_PUSH, 1), (), {PUSH}),
        ((ENABLE_PUSH, 0), (), set()),
        ((ENABLE_PUSH, 0), ((b"te", b"trailers"),), {TRAILERS}),
    ],
)
async def test_an_extension_is_offered_where_it_works(
    serve: Serve, setting: Any, fields: Any, more: set[str]
) -> None:
    app = Calls()
    await Peer(serve(app), setting).get(b"/", *fields)
    assert app[0].scope["extensions"].keys() == ALWAYS | more
    await app.finish()


async def test_a_promised_request_is_a_call_of_its_own(serve: Serve) -> None:
    app = Calls()
    server = serve(app)
    peer = Peer(server)
    await peer.get(b"/page")
    await app[0].start()
    await app[0].send(push("/style.css?v=1", (b"accept", b"text/css")))
    await settled()
    assert app.paths() == ["/page", "/style.css"]
    scope = app[1].scope
    assert (scope["method"], scope["http_version"], scope["query_string"]) == ("GET", "2", b"v=1")
    assert scope["headers"] == [(b"host", b"example.com"), (b"accept", b"text/css")]
    assert PUSH not in scope["extensions"]
    assert await app[1].receive() == {"type": "http.request", "body": b"", "more_body": False}
    await app[1].respond(b"body{}")
    await app[0].body(b"<html>")
    await peer.settled()
    assert dict(peer.answers[1].promised[0].fields)[b":authority"] == b"example.com"
    assert (peer.answers[2].body, peer.answers[1].body) == (b"body{}", b"<html>")
    assert server.log.statuses == [200, 200]
    await app.finish()


async def test_a_promised_path_is_escaped_as_far_as_it_needs_to_be(serve: Serve) -> None:
    app = Calls()
    peer = Peer(serve(app))
    await peer.get()
    await app[0].start()
    await app[0].send(push("/a b/é/%2f#x"))
    await settled()
    assert app[1].scope["raw_path"] == b"/a%20b/%C3%A9/%2f%23x"
    await app.finish()


@pytest.mark.parametrize(
    ("message", "problem"),
    [
        (push("relative"), "begins with /"),
        (push(b"/bytes"), "begins with /"),
        ({"type": PUSH}, "path is missing"),
        (push("/%zz"), "not good"),
        (push("/", (b"bad name", b"")), "token"),
        (push("/", (b"x", "text")), "bytes"),  # type: ignore[arg-type]
    ],
)
async def test_a_request_that_cannot_be_promised_is_raised(
    serve: Serve, message: Message, problem: str
) -> None:
    app = Calls()
    peer = Peer(serve(app))
    await peer.get()
    await app[0].start()
    with pytest.raises(LocalProtocolError, match=problem):
        await app[0].send(message)
    await app[0].body(b"still answered")
    await peer.settled()
    assert (peer.answers[1].body, len(app)) == (b"still answered", 1)
    await app.finish()


async def test_a_promise_to_a_client_that_takes_none_is_nothing(serve: Serve) -> None:
    app = Calls()
    peer = Peer(serve(app), (ENABLE_PUSH, 0))
    await peer.get()
    await app[0].start()
    await app[0].send(push("/style.css"))
    await app[0].body(b"alone")
    await peer.settled()
    assert (len(app), peer.answers[1].promised, peer.answers[1].body) == (1, [], b"alone")
    await app.finish()


async def test_a_promised_response_promises_nothing(serve: Serve) -> None:
    app = Calls()
    peer = Peer(serve(app))
    await peer.get()
    await app[0].start()
    await app[0].send(push("/1"))
    await settled()
    await app[1].start()
    await app[1].send(push("/2"))
    await settled()
    assert app.paths() == ["/", "/1"]
    await app.finish()


async def test_promises_belong_between_the_head_and_the_end(serve: Serve) -> None:
    app = Calls()
    peer = Peer(serve(app))
    await peer.get()
    with pytest.raises(LocalProtocolError, match="no place here"):
        await app[0].send(push("/early"))
    await app[0].respond()
    await app[0].send(push("/late"))  # behind the end messages are ignored
    await settled()
    assert len(app) == 1
    await app.finish()


async def test_early_hints_are_interim_responses(serve: Serve) -> None:
    app = Calls()
    peer = Peer(serve(app))
    answer = await peer.get()
    for links in ([b"</a.css>", b"</b.js>"], [b"</c>"]):
        await app[0].send({"type": "http.response.early_hint", "links": links})
    peer.collect()
    assert answer.informational == [
        (103, [(b"link", b"</a.css>"), (b"link", b"</b.js>")]),
        (103, [(b"link", b"</c>")]),
    ]
    await app[0].respond(b"done")
    await peer.settled()
    assert (answer.status, answer.body) == (200, b"done")
    await app.finish()


async def test_trailers_follow_the_body(serve: Serve) -> None:
    app = Calls()
    peer = Peer(serve(app))
    answer = await peer.get(b"/", (b"te", b"trailers"))
    await app[0].start(trailers=True)
    await app[0].body(b"body")
    peer.collect()
    assert (answer.body, answer.ended) == (b"body", False)
    await app[0].send(
        {"type": "http.response.trailers", "headers": [(b"x-sum", b"1")], "more_trailers": True}
    )
    await app[0].send({"type": "http.response.trailers", "headers": [(b"y", b"2")]})
    await peer.settled()
    assert (answer.trailers, answer.ended) == ([(b"x-sum", b"1"), (b"y", b"2")], True)
    await app.finish()


async def test_a_client_that_wants_no_trailers_gets_none(serve: Serve) -> None:
    app = Calls()
    peer = Peer(serve(app))
    answer = await peer.get()
    await app[0].start(trailers=True)
    await app[0].body(b"body")
    await peer.settled()
    assert (answer.body, answer.ended, answer.trailers) == (b"body", True, [])
    await app.finish()


async def test_the_more_urgent_response_goes_first(serve: Serve) -> None:
    app = Calls()
    peer = Peer(serve(app), (INITIAL_WINDOW, 1 << 20))
    for _ in range(3):
        await peer.get()
    await peer.tells(b"")
    blocked, later, urgent = app
    await blocked.respond(bytes(65535))  # all of the connection's window
    await later.start()
    await later.send(priority(urgency=6))
    await urgent.send(priority(urgency=0, incremental=True))
    await later.body(b"later")
    await urgent.respond(b"urgent")
    peer.collect()
    await peer.tells(window_update(0, 6))
    assert (peer.answers[3].body, peer.answers[5].body) == (b"", b"urgent")
    await peer.tells(window_update(0, 5))
    assert peer.answers[3].body == b"later"
    await app.finish()


@pytest.mark.parametrize("keys", [{"urgency": 8}, {"urgency": -1}, {"urgency": True}, {"incremental": 1}])
async def test_a_priority_that_is_none_is_raised(serve: Serve, keys: dict[str, Any]) -> None:
    app = Calls()
    peer = Peer(serve(app))
    await peer.get()
    with pytest.raises(LocalProtocolError, match=r"http\.response\.priority"):
        await app[0].send(priority(**keys))
    await app.finish()


@pytest.mark.parametrize("message", [push("/"), priority(urgency=1)])
async def test_over_http_1_neither_is_known(serve: Serve, message: Message) -> None:
    app = Calls()
    client = serve(app).connect()
    await client.ask(get())
    with pytest.raises(LocalProtocolError, match="HTTP"):
        await app[0].send(message)
    await app[0].start()
    with pytest.raises(LocalProtocolError, match="HTTP"):
        await app[0].send(message)
    await app.finish()


async def test_a_drain_ends_promises(serve: Serve) -> None:
    app = Calls()
    server = serve(app)
    peer = Peer(server)
    peer.ask(GET)
    await settled()
    server.drain()
    await app[0].start()
    await app[0].send(push("/more"))
    await peer.settled()
    assert (len(app), "PUSH_PROMISE" in names(peer.read())) == (1, False)
    await app.finish()
