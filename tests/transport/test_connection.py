"""One connection between transport and handler: back-pressure, the ways to close, and who waits how long."""

import asyncio
from typing import Any

import pytest
from tests.support.wired import Client, Server, get, settled

from penstock.base.asgi import Message, Receive, Scope, Send
from penstock.base.errors import ClientDisconnected
from penstock.engine.closing import ABORT, CLOSE, LINGER

START: Message = {"type": "http.response.start", "status": 200}


async def hello(scope: Scope, receive: Receive, send: Send) -> None:
    await send(START)
    await send({"type": "http.response.body", "body": b"hello"})


class Notes:
    """A handler that writes down what it is told."""

    def __init__(self) -> None:
        self.heard: list[Any] = []

    def receive_data(self, data: bytes) -> None:
        self.heard.append(data)

    def receive_eof(self) -> None:
        self.heard.append("eof")

    def writing_resumed(self) -> None:
        self.heard.append("writing resumed")

    def connection_lost(self) -> None:
        self.heard.append("lost")

    def handle_deadline(self, now: float) -> None:
        self.heard.append(now)

    def drain(self) -> None:
        self.heard.append("drain")


class Held:
    """A connection in the hands of a test: its handler only takes notes."""

    def __init__(self, **limits: Any) -> None:
        self.server = Server(hello, **limits)
        self.client: Client = self.server.connect()
        self.connection = self.client.connection
        self.transport = self.client.transport
        self.notes = self.connection.handler = Notes()


async def test_what_the_transport_tells_goes_to_the_handler() -> None:
    held = Held()
    held.client.send(b"data")
    held.transport.feed_eof()
    held.server.at(7.0)
    held.server.sweep.drain()
    held.transport.lose()
    assert held.notes.heard == [b"data", "eof", 7.0, "drain", "lost"]


async def test_a_replaced_handler_gets_what_comes_from_then_on() -> None:
    held = Held()
    held.client.send(b"a")
    second = held.connection.handler = Notes()
    held.client.send(b"b")
    held.transport.lose()
    assert held.notes.heard == [b"a"]
    assert second.heard == [b"b", "lost"]


async def test_one_piece_and_many_pieces_are_written_in_order() -> None:
    held = Held()
    held.connection.write([b"a"])
    held.connection.write([b"b", b"c"])
    assert held.client.read() == b"abc"


async def test_what_is_written_in_one_turn_of_the_loop_leaves_at_its_end() -> None:
    held = Held()
    held.connection.write([b"a"])
    held.connection.write([b"b"])
    assert held.transport.written == b""
    await settled()
    assert held.transport.written == b"ab"


async def test_what_is_more_than_may_wait_leaves_at_once() -> None:
    held = Held(write_buffer_bytes=1000)
    held.connection.write([b"x" * 600])
    held.connection.write([b"x" * 600])
    assert len(held.transport.written) == 1200


async def test_what_was_written_to_a_connection_that_is_lost_in_the_same_turn_is_dropped() -> None:
    held = Held()
    held.connection.write([b"a"])
    held.transport.lose()
    await settled()
    assert held.transport.written == b""


async def test_a_client_that_takes_nothing_makes_the_wire_unwritable_until_it_does() -> None:
    held = Held(write_buffer_bytes=1000)
    held.transport.fill()
    held.connection.write([b"x" * 1000])
    assert held.connection.writable
    held.connection.write([b"x"])
    assert not held.connection.writable
    waiting = [asyncio.ensure_future(held.connection.wait_writable()) for _ in range(2)]
    await settled()
    assert not any(each.done() for each in waiting)
    held.transport.take()
    await asyncio.gather(*waiting)
    assert held.connection.writable
    assert held.notes.heard == ["writing resumed"]


async def test_waiting_for_a_writable_wire_returns_at_once() -> None:
    held = Held()
    await held.connection.wait_writable()


async def test_who_waits_when_the_connection_is_lost_is_told() -> None:
    held = Held(write_buffer_bytes=1000)
    held.transport.fill()
    held.connection.write([b"x" * 2000])
    waiting = asyncio.ensure_future(held.connection.wait_writable())
    await settled()
    held.transport.lose(ConnectionResetError())
    with pytest.raises(ClientDisconnected):
        await waiting


async def test_a_wait_that_is_cancelled_leaves_the_others() -> None:
    held = Held(write_buffer_bytes=1000)
    held.transport.fill()
    held.connection.write([b"x" * 2000])
    first, second = (asyncio.ensure_future(held.connection.wait_writable()) for _ in range(2))
    await settled()
    first.cancel()
    held.transport.take()
    await second
    assert first.cancelled()


async def test_a_write_to_a_broken_connection_makes_the_wire_unwritable_until_the_loss_is_told() -> None:
    held = Held()
    held.transport.break_off()
    held.connection.write([b"a"])
    held.connection.flush()
    assert held.connection.writable
    held.connection.write([b"b"])
    held.connection.flush()
    assert not held.connection.writable
    with pytest.raises(ClientDisconnected):
        await held.connection.wait_writable()
    assert held.notes.heard == ["lost"]


async def test_reading_is_paused_and_resumed_once_each() -> None:
    held = Held()
    held.connection.pause_reading()
    held.connection.pause_reading()
    assert not held.transport.reading
    held.client.send(b"waits")
    held.connection.resume_reading()
    held.connection.resume_reading()
    await settled()
    assert held.transport.reading
    assert held.notes.heard == [b"waits"]


@pytest.mark.parametrize("wanted", [CLOSE, ABORT])
async def test_a_connection_that_is_closed_while_paused_is_not_read_again(wanted: int) -> None:
    held = Held()
    held.connection.pause_reading()
    held.client.send(b"unread")
    held.connection.close(wanted)
    held.connection.resume_reading()
    held.connection.pause_reading()
    await settled()
    assert held.notes.heard == ["lost"]


async def test_a_close_writes_what_waits_first() -> None:
    held = Held()
    held.transport.fill()
    held.connection.write([b"answer"])
    held.connection.close(CLOSE)
    held.connection.write([b"too late"])
    await settled()
    assert held.notes.heard == []
    held.transport.take()
    await settled()
    assert held.client.read() == b"answer"
    assert held.notes.heard == ["lost"]


async def test_an_abort_drops_what_waits() -> None:
    held = Held()
    held.transport.fill()
    held.connection.write([b"answer"])
    held.connection.close(ABORT)
    assert held.client.ended == "aborted"
    await settled()
    assert held.notes.heard == ["lost"]


async def test_an_abort_is_a_reset_so_that_what_came_is_not_taken_for_all() -> None:
    held = Held()
    held.connection.close(ABORT)
    assert held.transport.resets
    held = Held()
    held.connection.abort()
    assert held.transport.resets


@pytest.mark.parametrize("wanted", [CLOSE, LINGER])
async def test_an_answer_that_is_on_its_way_is_not_reset_when_time_is_over(wanted: int) -> None:
    held = Held()
    held.transport.fill()
    held.connection.write([b"answer"])
    held.connection.close(wanted)
    held.connection.abort()
    assert held.client.ended == "aborted"
    assert not held.transport.resets


async def test_a_lingering_close_says_the_end_and_reads_on_until_the_client_closes() -> None:
    held = Held()
    held.connection.pause_reading()
    held.connection.write([b"answer"])
    held.connection.close(LINGER)
    assert held.transport.eof_written
    assert held.notes.heard == ["lost"]
    held.client.send(b"unread")
    await settled()
    assert held.client.ended == ""
    assert held.transport.reading
    held.transport.feed_eof()
    assert held.client.ended == "closed"
    await settled()
    assert held.notes.heard == ["lost"]
    assert len(held.server.sweep) == 0


async def test_a_second_close_does_nothing() -> None:
    held = Held()
    held.transport.fill()
    held.connection.write([b"answer"])
    held.connection.close(CLOSE)
    held.connection.close(ABORT)
    held.connection.close(LINGER)
    assert held.client.ended == "closed"
    assert not held.transport.eof_written


async def test_the_end_of_the_clients_half_keeps_an_open_connection_and_ends_a_closing_one() -> None:
    held = Held()
    assert held.connection.eof_received()
    held.connection.close(LINGER)
    assert not held.connection.eof_received()


async def test_a_client_that_takes_no_byte_in_time_is_given_up() -> None:
    held = Held(write_buffer_bytes=1000, write_stall_seconds=60)
    held.transport.fill()
    held.connection.write([b"x" * 5000])
    held.server.at(0)
    held.server.at(59)
    assert held.client.ended == ""
    held.transport.take(1)
    held.server.at(61)
    held.server.at(120)
    assert held.client.ended == ""
    held.server.at(121)
    assert held.client.ended == "aborted"
    await settled()
    assert len(held.server.sweep) == 0


async def test_a_client_that_read_again_has_its_whole_time_at_the_next_stall() -> None:
    held = Held(write_buffer_bytes=1000, write_stall_seconds=60)
    held.transport.fill()
    held.connection.write([b"x" * 5000])
    held.server.at(0)
    held.transport.take()
    held.transport.fill()
    held.connection.write([b"x" * 5000])
    held.server.at(59)
    held.server.at(118)
    assert held.client.ended == ""
    held.server.at(119)
    assert held.client.ended == "aborted"


async def test_without_a_deadline_for_stalls_a_client_may_take_for_ever() -> None:
    held = Held(write_buffer_bytes=1000, write_stall_seconds=None)
    held.transport.fill()
    held.connection.write([b"x" * 5000])
    held.server.at(0)
    held.server.at(1e9)
    assert held.client.ended == ""


async def test_an_idle_connection_does_not_stall() -> None:
    held = Held(write_stall_seconds=60)
    held.connection.write([b"x"])
    held.server.at(0)
    held.server.at(1e9)
    assert held.client.ended == ""


async def test_a_closing_connection_is_given_up_sooner_than_an_open_one() -> None:
    held = Held(write_stall_seconds=60, close_seconds=5)
    held.transport.fill()
    held.connection.write([b"answer"])
    held.connection.close(CLOSE)
    held.server.at(0)
    held.server.at(4)
    assert held.client.ended == "closed"
    held.server.at(5)
    assert held.client.ended == "aborted"


async def test_the_time_to_close_begins_with_the_close_also_behind_a_stall() -> None:
    held = Held(write_buffer_bytes=1000, write_stall_seconds=60, close_seconds=5)
    held.transport.fill()
    held.connection.write([b"x" * 5000])
    held.server.at(0)
    held.server.at(59)
    held.connection.close(CLOSE)
    held.server.at(60)
    held.server.at(64)
    assert held.client.ended == "closed"
    held.server.at(65)
    assert held.client.ended == "aborted"


async def test_a_client_that_does_not_close_its_half_is_cut_whatever_it_sends() -> None:
    held = Held(close_seconds=5)
    held.connection.close(LINGER)
    for seconds in range(5):
        held.server.at(seconds)
        held.client.send(b"more")
    assert held.client.ended == ""
    held.server.at(5)
    assert held.client.ended == "aborted"


async def test_a_connection_that_comes_while_the_server_drains_is_answered_with_503() -> None:
    server = Server(hello)
    server.drain()
    client = server.connect()
    assert client.read().startswith(b"HTTP/1.1 503 Service Unavailable\r\n")
    assert client.transport.eof_written
    assert await client.ask(get()) == b""


async def test_an_abort_of_a_connection_that_is_gone_already_does_nothing() -> None:
    held = Held()
    held.connection.close(CLOSE)
    await settled()
    held.connection.abort()
    assert held.notes.heard == ["lost"]
