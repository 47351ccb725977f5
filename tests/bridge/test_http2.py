"""Requests over HTTP/2, many at a time on one connection: each is a call of its own, and what ends one leaves
the others.
"""

import asyncio
import logging
from collections.abc import Callable

import pytest
from tests.support.held_calls import Calls, echo
from tests.support.http2_wire import ACK, GET, PREFACE, data, frame, names, reset, settings
from tests.support.wired import Server, settled, timers_fired
from tests.support.wired_http2 import Peer

from penstock.base.errors import ClientDisconnected, LocalProtocolError

Serve = Callable[..., Server]

PART = b"a part"


def pong(peer: Peer) -> bytes:
    """The answer to the last PING."""
    ping = next(each for each in reversed(peer.control) if each.name == "PING")
    return frame("PING", payload=ping.payload, flags=ACK)


async def sent_while(app: Calls, peer: Peer, octets: bytes) -> None:
    """A part that does not fit is sent, and meanwhile the octets come, or the end."""
    sending = asyncio.ensure_future(app[0].body(bytes(1 << 20), more=True))
    await settled()
    assert not sending.done()
    if octets:
        peer.tell(octets)
    else:
        peer.transport.lose()
    await sending


async def test_a_request_is_answered_and_logged(serve: Serve) -> None:
    server = serve(echo)
    peer = Peer(server)
    answer = await peer.get(b"/over/2")
    assert (answer.status, answer.body, answer.ended) == (200, b"/over/2", True)
    assert answer.fields == [(b"x-kind", b"echo"), (b"content-length", b"7")]
    assert [(each.path, each.status, each.body_bytes) for each in server.log] == [("/over/2", 200, 7)]


async def test_the_scope_tells_of_http_2(serve: Serve) -> None:
    app = Calls()
    peer = Peer(serve(app), client=("192.0.2.7", 5555))
    await peer.get(b"/caf%c3%a9?a=b", (b"cookie", b"a=1"), (b"x", b"y"), (b"cookie", b"b=2"))
    scope = app[0].scope
    assert (scope["type"], scope["http_version"], scope["method"]) == ("http", "2", "GET")
    assert scope["scheme"] == "http"
    assert (scope["path"], scope["raw_path"], scope["query_string"]) == ("/café", b"/caf%c3%a9", b"a=b")
    assert scope["headers"] == [(b"host", b"example.com"), (b"cookie", b"a=1; b=2"), (b"x", b"y")]
    assert scope["client"] == ("192.0.2.7", 5555)
    await app.finish()


async def test_a_body_comes_in_parts_and_with_trailers(serve: Serve) -> None:
    app = Calls()
    peer = Peer(serve(app))
    stream_id = await peer.open_post()
    await peer.sends(stream_id, b"one")
    assert await app[0].receive() == {"type": "http.request", "body": b"one", "more_body": True}
    peer.tell(data(stream_id, b"two"))
    await peer.tells(peer.headers(stream_id, [(b"digest", b"d")]))
    assert await app[0].receive() == {
        "type": "http.request",
        "body": b"two",
        "more_body": False,
        "trailers": [(b"digest", b"d")],
    }
    await app[0].respond(b"done")
    assert await app[0].receive() == {"type": "http.disconnect"}
    await app.finish()


async def test_what_is_read_together_is_answered_in_one_write(serve: Serve) -> None:
    peer = Peer(serve(echo))
    asked = b"".join(peer.headers(number, GET) for number in (1, 3, 5))
    writes: list[int] = []
    write = peer.transport.write
    peer.transport.write = lambda octets: (writes.append(len(octets)), write(octets))[1]  # type: ignore[method-assign]
    await peer.tells(asked)
    assert [peer.answers[number].ended for number in (1, 3, 5)] == [True] * 3
    assert len(writes) == 1


async def test_answers_leave_in_the_order_in_which_they_are_given(serve: Serve) -> None:
    app = Calls()
    peer = Peer(serve(app))
    for path in (b"/1", b"/2", b"/3"):
        await peer.get(path)
    assert app.paths() == ["/1", "/2", "/3"]
    for call in reversed(app):
        await call.respond(call.scope["path"].encode())
    frames = peer.collect()
    assert [frame.stream_id for frame in frames if frame.name == "DATA"] == [5, 3, 1]
    assert peer.answers[1].body == b"/1"
    await app.finish()


async def test_a_failure_before_the_head_is_a_500_on_its_stream_alone(serve: Serve) -> None:
    app = Calls()
    server = serve(app)
    peer = Peer(server)
    await peer.get(b"/fails")
    await peer.get(b"/lives")
    await app[0].fail()
    await app[1].respond(b"still here")
    await peer.settled()
    assert peer.answers[1].status == 500
    assert peer.answers[3].body == b"still here"
    assert server.log.statuses == [500, 200]
    await app.finish()


async def test_a_failure_behind_the_head_resets_its_stream_alone(serve: Serve) -> None:
    app = Calls()
    server = serve(app)
    peer = Peer(server)
    await peer.get(b"/fails")
    await peer.get(b"/lives")
    await app[0].start()
    await app[0].body(PART, more=True)
    await app[0].fail()
    await app[1].respond(b"still here")
    await peer.settled()
    failed = peer.answers[1]
    assert (failed.status, failed.body, failed.reset, failed.ended) == (200, PART, "INTERNAL_ERROR", False)
    assert (peer.answers[3].body, peer.network.far.ended) == (b"still here", "")
    assert [(each.path, each.status, each.body_bytes) for each in server.log] == [
        ("/fails", 200, len(PART)),
        ("/lives", 200, 10),
    ]
    await app.finish()


async def test_an_application_that_returns_without_an_answer_is_a_500(serve: Serve) -> None:
    app = Calls()
    peer = Peer(serve(app))
    answer = await peer.get()
    await app[0].finish()
    await peer.settled()
    assert answer.status == 500


async def test_a_reset_disconnects_exactly_its_exchange(serve: Serve) -> None:
    app = Calls()
    server = serve(app)
    peer = Peer(server)
    await peer.get(b"/left")
    await peer.get(b"/stays")
    await peer.tells(reset(1))
    assert await app[0].receive() == {"type": "http.request", "body": b"", "more_body": False}
    assert await app[0].receive() == {"type": "http.disconnect"}
    with pytest.raises(OSError, match="disconnected") as raised:
        await app[0].start()
    assert isinstance(raised.value, ClientDisconnected)
    await app[1].respond(b"stays")
    await peer.settled()
    assert peer.answers[3].body == b"stays"
    assert server.log.statuses == [499, 200]
    await app.finish()


async def test_a_sender_that_waits_is_told_of_the_reset(serve: Serve) -> None:
    app = Calls()
    peer = Peer(serve(app), (4, 10))
    await peer.get()
    await app[0].start()
    with pytest.raises(ClientDisconnected):
        await sent_while(app, peer, reset(1))
    await app.finish()


async def test_a_sender_that_waits_is_told_of_the_end_of_the_connection(serve: Serve) -> None:
    app = Calls()
    peer = Peer(serve(app), (4, 10))
    await peer.get()
    await app[0].start()
    with pytest.raises(ClientDisconnected):
        await sent_while(app, peer, b"")
    await app.finish()


async def test_the_end_of_the_connection_disconnects_all(serve: Serve) -> None:
    app = Calls()
    server = serve(app)
    peer = Peer(server)
    await peer.get(b"/1")
    await peer.open_post()
    peer.transport.lose()
    await settled()
    for call in app:
        while (await call.receive())["type"] != "http.disconnect":
            pass
        with pytest.raises(ClientDisconnected):
            await call.start()
    assert server.log.statuses == [499, 499]
    await app.finish()


async def test_a_half_closed_connection_gets_its_answers(serve: Serve) -> None:
    app = Calls()
    peer = Peer(serve(app))
    answer = await peer.get()
    peer.transport.feed_eof()
    await settled()
    await app[0].receive()
    assert await app[0].receive() == {"type": "http.disconnect"}
    await app[0].respond(b"still answered")
    await peer.settled()
    assert answer.body == b"still answered"
    assert peer.transport.ended == "closed"
    await app.finish()


async def test_a_fault_of_the_client_ends_the_connection_with_goaway(
    serve: Serve, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "penstock.server")
    app = Calls()
    peer = Peer(serve(app))
    await peer.get()
    await peer.tells(data(9, b"of no stream"))
    assert peer.control[-1].error == "PROTOCOL_ERROR"
    assert (await app[0].receive())["type"] == "http.request"
    assert await app[0].receive() == {"type": "http.disconnect"}
    assert "192.0.2.1" in caplog.text
    assert peer.transport.eof_written
    await app.finish()


async def test_a_refused_request_reaches_no_application(serve: Serve) -> None:
    app = Calls()
    server = serve(app, max_fields=5)
    peer = Peer(server)
    answer = await peer.get(b"/", *[(b"x", b"y")] * 4)
    assert (answer.status, len(app)) == (431, 0)
    assert (await peer.get(b"/next")).status == 0
    assert app.paths() == ["/next"]
    assert server.log.statuses == [431]
    await app.finish()


async def test_a_body_that_turns_out_too_long_is_answered_and_ends_the_exchange(serve: Serve) -> None:
    app = Calls()
    server = serve(app, max_body_bytes=4)
    peer = Peer(server)
    stream_id = await peer.open_post()
    await peer.sends(stream_id, b"too long")
    assert peer.answers[stream_id].status == 413
    with pytest.raises(ClientDisconnected):
        await app[0].start()
    assert server.log.statuses == [413]
    await app.finish()


async def test_a_client_that_expects_100_is_told_when_the_application_reads(serve: Serve) -> None:
    app = Calls()
    peer = Peer(serve(app))
    stream_id = await peer.open_post((b"expect", b"100-continue"))
    assert stream_id not in peer.answers
    task = asyncio.ensure_future(app[0].receive())
    await peer.settled()
    assert peer.answers[stream_id].informational == [(100, [])]
    await peer.sends(stream_id, b"now", end=True)
    assert (await task)["body"] == b"now"
    await app.finish()


async def test_requests_wait_for_their_turn_one_by_one(serve: Serve) -> None:
    app = Calls()
    server = serve(app, max_concurrent_requests=1, max_waiting_requests=1)
    peer = Peer(server)
    await peer.get(b"/1")
    await peer.get(b"/2")
    refused = await peer.get(b"/3")
    assert (app.paths(), refused.status) == (["/1"], 503)
    await app[0].respond()
    await app[0].finish()
    assert app.paths() == ["/1", "/2"]
    await app.finish()


async def test_a_request_that_is_reset_while_it_waits_never_runs(serve: Serve) -> None:
    app = Calls()
    peer = Peer(serve(app, max_concurrent_requests=1))
    await peer.get(b"/1")
    await peer.get(b"/2")
    await peer.tells(reset(3))
    await app[0].finish()
    assert app.paths() == ["/1"]


async def test_a_request_that_is_reset_in_the_same_read_never_runs(serve: Serve) -> None:
    app = Calls()
    peer = Peer(serve(app))
    await peer.tells(peer.headers(1) + reset(1) + peer.headers(3, [*GET[:2], (b":path", b"/2"), GET[3]]))
    assert app.paths() == ["/2"]
    await app.finish()


async def test_an_application_of_a_client_that_left_is_cancelled_where_that_is_wanted(serve: Serve) -> None:
    app = Calls()
    peer = Peer(serve(app, cancel_on_disconnect_seconds=0))
    await peer.get(b"/1")
    await peer.get(b"/2")
    await peer.tells(reset(1))
    await timers_fired()
    assert [call.cancelled for call in app] == [True, False]
    await app.finish()


async def test_draining_finishes_what_runs_and_says_goaway(serve: Serve) -> None:
    app = Calls()
    server = serve(app)
    peer = Peer(server)
    await peer.get()
    server.drain()
    await peer.settled()
    assert names(peer.control)[-2:] == ["GOAWAY", "PING"]
    await peer.tells(pong(peer))
    assert names(peer.control)[-1] == "GOAWAY"
    assert peer.network.far.ended == ""
    await app[0].respond(b"finished")
    await peer.settled()
    assert peer.answers[1].body == b"finished"
    assert peer.network.far.ended == "closed"
    await app.finish()


async def test_an_idle_connection_ends_at_its_deadline(serve: Serve) -> None:
    server = serve(echo, keep_alive_seconds=10)
    peer = Peer(server)
    await peer.get()
    for seconds in (0, 11):
        server.at(seconds)
    await peer.settled()
    assert names(peer.control)[-1] == "GOAWAY"
    assert peer.network.far.ended == "closed"


async def test_the_refusal_of_a_connection_is_a_goaway(serve: Serve) -> None:
    server = serve(echo, http="2", max_connections=1)
    Peer(server)
    second = Peer(server)
    assert names(second.control) == ["SETTINGS", "WINDOW_UPDATE", "GOAWAY"]
    assert second.network.far.ended == "closed"


async def test_a_wrong_message_is_raised_and_the_next_is_taken(serve: Serve) -> None:
    app = Calls()
    peer = Peer(serve(app))
    answer = await peer.get()
    with pytest.raises(LocalProtocolError):
        await app[0].start(headers=[(b"bad name", b"")])
    await app[0].respond(b"right")
    await peer.settled()
    assert answer.body == b"right"
    await app.finish()


async def test_the_preface_may_come_octet_by_octet(serve: Serve) -> None:
    client = serve(echo).connect()
    for octet in PREFACE + settings():
        client.send(bytes((octet,)))
    assert client.read()[3:5] == b"\x04\x00"
