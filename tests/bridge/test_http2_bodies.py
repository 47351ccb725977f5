"""Bodies over HTTP/2: what a window does not take waits in the application, what the application does not
take waits at the client, and files go in parts.
"""

import asyncio
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.support.held_calls import Call, Calls
from tests.support.http2_wire import GET, reset, window_update
from tests.support.wired import Server, settled, until
from tests.support.wired_http2 import Peer

from penstock.base.errors import ClientDisconnected, LocalProtocolError

Serve = Callable[..., Server]

INITIAL_WINDOW = 4  # SETTINGS_INITIAL_WINDOW_SIZE
HEAD = [(b":method", b"HEAD"), *GET[1:]]
LETTERS = b"abcdefghijklmnopqrstuvwxyz"


@pytest.fixture
def letters(tmp_path: Path) -> Path:
    path = tmp_path / "letters"
    path.write_bytes(LETTERS)
    return path


async def test_a_sender_waits_for_the_window_of_its_stream_and_no_other_does(serve: Serve) -> None:
    app = Calls()
    peer = Peer(serve(app, write_buffer_bytes=100), (INITIAL_WINDOW, 50))
    for _ in range(2):
        await peer.get()
    await app[0].start()
    sending = asyncio.ensure_future(app[0].body(b"x" * 200, more=True))
    await app[1].respond(b"short")
    await peer.settled()
    assert not sending.done()
    assert (peer.answers[1].body, peer.answers[3].body) == (b"x" * 50, b"short")
    await peer.tells(window_update(1, 150))
    await sending
    assert peer.answers[1].body == b"x" * 200
    await app.finish()


async def test_a_sender_waits_for_a_wire_that_is_full(serve: Serve) -> None:
    app = Calls()
    peer = Peer(serve(app, write_buffer_bytes=100))
    await peer.get()
    await app[0].start()
    peer.transport.fill()
    sent = 0
    while sent < 1000:
        sending = asyncio.ensure_future(app[0].body(b"x" * 60, more=True))
        await settled()
        if not sending.done():
            break
        sent += 60
    assert 0 < sent < 1000
    peer.transport.take()
    await sending
    await app[0].body(b"")
    await peer.settled()
    assert len(peer.answers[1].body) == sent + 60
    await app.finish()


async def test_many_streams_share_a_bound_on_what_waits(serve: Serve) -> None:
    app = Calls()
    peer = Peer(serve(app, write_buffer_bytes=1000), (INITIAL_WINDOW, 0))
    accepted: list[int] = []

    async def send_on(call: Call) -> None:
        await call.start()
        while True:
            await call.body(b"x" * 100, more=True)
            accepted.append(100)

    for _ in range(100):
        await peer.get()
    senders = [asyncio.ensure_future(send_on(call)) for call in app]
    await settled()
    assert sum(accepted) < 20 * 1000
    for sender in senders:
        sender.cancel()
    await app.finish()


async def test_two_tasks_may_wait_on_one_stream(serve: Serve) -> None:
    app = Calls()
    peer = Peer(serve(app, write_buffer_bytes=10), (INITIAL_WINDOW, 0))
    await peer.get()
    await app[0].start()
    waiting = [asyncio.ensure_future(app[0].body(b"x" * 20, more=True)) for _ in range(2)]
    await settled()
    await app[0].body(b"the end")
    await asyncio.gather(*waiting)  # whoever completes a response frees who waits to write to it
    await peer.tells(window_update(1, 100))
    assert peer.answers[1].body == b"x" * 40 + b"the end"
    await app.finish()


async def test_an_application_that_does_not_read_closes_the_window(serve: Serve) -> None:
    app = Calls()
    peer = Peer(serve(app, stream_window_bytes=1000))
    stream_id = await peer.open_post()
    frames = len(peer.control)
    await peer.sends(stream_id, b"x" * 1000)
    assert peer.collect() == []
    assert len(peer.control) == frames
    assert len((await app[0].receive())["body"]) == 1000
    updates = [each for each in peer.read() if each.name == "WINDOW_UPDATE" and each.stream_id == stream_id]
    assert sum(each.number for each in updates) == 1000
    await app.finish()


async def test_what_no_application_took_goes_back_to_the_connection(serve: Serve) -> None:
    app = Calls()
    peer = Peer(serve(app, connection_window_bytes=100000, stream_window_bytes=80000))
    stream_id = await peer.open_post()
    for _ in range(5):
        await peer.sends(stream_id, b"x" * 16000)
    await app[0].respond(b"no, thanks")
    await peer.settled()
    await peer.tells(peer.headers(stream_id + 2))
    assert sum(each.number for each in peer.control if each.name == "WINDOW_UPDATE") >= 80000
    await app.finish()


async def test_a_client_that_asks_and_takes_no_answers_is_not_read(serve: Serve) -> None:
    peer = Peer(serve(Calls(), write_buffer_bytes=100, max_idle_frames=10000))
    peer.transport.fill()
    pings = b"\0\0\x08\x06\0\0\0\0\0" + bytes(8)
    for _ in range(100):
        peer.network.far.send(pings)
        peer.network.far.connection.flush()
    assert not peer.transport.reading
    peer.transport.take()
    await settled()
    assert peer.transport.reading


async def test_a_file_goes_in_parts_and_waits_for_the_window(serve: Serve, tmp_path: Path) -> None:
    content = bytes(range(256)) * 4000
    path = tmp_path / "content"
    path.write_bytes(content)
    app = Calls()
    peer = Peer(serve(app), (INITIAL_WINDOW, 70000))
    await peer.get()
    await app[0].start()
    message = {"type": "http.response.pathsend", "path": str(path)}
    sending = asyncio.ensure_future(app[0].send(message))
    await until(
        lambda: bool(peer.collect()) and len(peer.answers[1].body) == 65535
    )  # the connection's window
    assert not sending.done()
    peer.tell(window_update(1, 1 << 20) + window_update(0, 1 << 20))
    await sending
    await peer.settled()
    assert (peer.answers[1].body, peer.answers[1].ended) == (content, True)
    await app.finish()


async def test_a_range_of_an_open_file_mixes_with_bodies(serve: Serve, letters: Path) -> None:
    app = Calls()
    peer = Peer(serve(app))
    await peer.get()
    descriptor = os.open(letters, os.O_RDONLY)
    await app[0].start()
    await app[0].body(b"<", more=True)
    zerocopy = {"type": "http.response.zerocopysend", "file": descriptor, "more_body": True}
    await app[0].send({**zerocopy, "offset": 2, "count": 3})
    await app[0].send({**zerocopy, "count": 2})
    await app[0].send({**zerocopy, "count": 0})
    await app[0].body(b">")
    await peer.settled()
    assert (peer.answers[1].body, peer.answers[1].ended) == (b"<cdeab>", True)
    os.close(descriptor)
    await app.finish()


async def test_a_head_response_reads_nothing_of_the_file(serve: Serve, letters: Path) -> None:
    app = Calls()
    peer = Peer(serve(app))
    peer.ask(HEAD)
    await settled()
    await app[0].start(headers=[(b"content-length", b"26")])
    await app[0].send({"type": "http.response.pathsend", "path": str(letters)})
    await peer.settled()
    assert (peer.answers[1].fields, peer.answers[1].body) == ([(b"content-length", b"26")], b"")
    assert peer.answers[1].ended
    await app.finish()


async def test_a_file_that_is_too_short_is_raised_and_seen_as_cut(serve: Serve, letters: Path) -> None:
    app = Calls()
    peer = Peer(serve(app))
    await peer.get()
    descriptor = os.open(letters, os.O_RDONLY)
    await app[0].start()
    with pytest.raises(LocalProtocolError, match="ended after 26"):
        await app[0].send({"type": "http.response.zerocopysend", "file": descriptor, "count": 27})
    os.close(descriptor)
    await app[0].fail()
    await peer.settled()
    assert peer.answers[1].reset == "INTERNAL_ERROR"


async def test_a_reset_ends_the_sending_of_a_file(serve: Serve, tmp_path: Path) -> None:
    path = tmp_path / "large"
    path.write_bytes(bytes(1 << 20))
    app = Calls()
    peer = Peer(serve(app), (INITIAL_WINDOW, 10))
    await peer.get()
    await app[0].start()
    sending = asyncio.ensure_future(app[0].send({"type": "http.response.pathsend", "path": str(path)}))
    await until(lambda: bool(peer.collect()))
    peer.tell(reset(1))
    with pytest.raises(ClientDisconnected):
        await sending
    await app.finish()
