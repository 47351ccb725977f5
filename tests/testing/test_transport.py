"""The fake transport does what asyncio's do, so that tests upon it tell something about them."""

import asyncio
import socket
import struct
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from penstock.testing.transport import FakeTransport

Run = Callable[[Coroutine[Any, Any, None]], None]


class Notes(asyncio.Protocol):
    """Writes down what it is told; `keeps_open` is its answer to the end of the stream."""

    def __init__(self, keeps_open: bool = True) -> None:
        self.heard: list[Any] = []
        self.keeps_open = keeps_open

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.heard.append("made")

    def data_received(self, data: bytes) -> None:
        self.heard.append(data)

    def eof_received(self) -> bool:
        self.heard.append("eof")
        return self.keeps_open

    def pause_writing(self) -> None:
        self.heard.append("pause")

    def resume_writing(self) -> None:
        self.heard.append("resume")

    def connection_lost(self, error: Exception | None) -> None:
        self.heard.append(("lost", type(error).__name__))


LOST = ("lost", "NoneType")


@pytest.fixture
def run() -> Run:
    return lambda coroutine: asyncio.run(asyncio.wait_for(coroutine, 20))


async def turn() -> None:
    await asyncio.sleep(0)


def test_it_tells_its_addresses() -> None:
    transport = FakeTransport(Notes(), client=("192.0.2.9", 1), server="/run/socket")
    assert transport.get_extra_info("peername") == ("192.0.2.9", 1)
    assert transport.get_extra_info("sockname") == "/run/socket"


def test_a_file_finds_no_descriptor_and_goes_in_parts() -> None:
    transport = FakeTransport(Notes())
    with pytest.raises(asyncio.SendfileNotAvailableError):
        transport.get_extra_info("socket").fileno()


def test_it_tells_whether_its_close_is_to_be_a_reset() -> None:
    transport = FakeTransport(Notes())
    assert not transport.resets
    linger = struct.pack("ii", 1, 0)
    transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    assert transport.resets


def test_data_arrives_at_once_while_reading() -> None:
    notes = Notes()
    transport = FakeTransport(notes)
    transport.connect()
    transport.feed(b"a")
    transport.feed_eof()
    assert notes.heard == ["made", b"a", "eof"]
    assert not transport.is_closing()


def test_what_comes_while_reading_is_paused_arrives_by_the_loop_when_it_is_resumed(run: Run) -> None:
    async def scenario() -> None:
        notes = Notes()
        transport = FakeTransport(notes)
        transport.pause_reading()
        transport.feed(b"a")
        transport.feed(b"b")
        assert notes.heard == []
        transport.resume_reading()
        assert notes.heard == []
        await turn()
        assert notes.heard == [b"a", b"b"]

    run(scenario())


def test_a_reader_that_pauses_inside_data_received_gets_no_more(run: Run) -> None:
    async def scenario() -> None:
        notes = Notes()
        transport = FakeTransport(notes)
        transport.pause_reading()
        transport.feed(b"a")
        transport.feed(b"b")

        def pause(data: bytes) -> None:
            notes.heard.append(data)
            transport.pause_reading()

        notes.data_received = pause  # type: ignore[method-assign]
        transport.resume_reading()
        await turn()
        assert notes.heard == [b"a"]

    run(scenario())


def test_a_protocol_that_does_not_keep_the_connection_open_at_the_end_has_it_closed(run: Run) -> None:
    async def scenario() -> None:
        notes = Notes(keeps_open=False)
        transport = FakeTransport(notes)
        transport.feed_eof()
        assert transport.ended == "closed"
        await turn()
        assert notes.heard == ["eof", LOST]

    run(scenario())


def test_the_end_of_the_stream_is_told_again_when_reading_is_resumed_behind_it(run: Run) -> None:
    async def scenario() -> None:
        notes = Notes()
        transport = FakeTransport(notes)
        transport.feed_eof()
        transport.pause_reading()
        transport.resume_reading()
        await turn()
        assert notes.heard == ["eof", "eof"]

    run(scenario())


def test_writing_is_paused_over_the_high_water_mark_and_resumed_when_the_client_takes_it() -> None:
    notes = Notes()
    transport = FakeTransport(notes)
    transport.set_write_buffer_limits(high=10)
    transport.write(b"x" * 100)
    assert notes.heard == []
    transport.fill()
    transport.write(b"x" * 10)
    assert notes.heard == []
    transport.writelines([b"x", b"y"])
    assert notes.heard == ["pause"]
    assert transport.get_write_buffer_size() == 12
    transport.take(5)
    assert notes.heard == ["pause"]
    transport.take()
    assert notes.heard == ["pause", "resume"]
    assert len(transport.written) == 112


def test_a_close_waits_for_what_is_written_and_then_tells_it_once(run: Run) -> None:
    async def scenario() -> None:
        notes = Notes()
        transport = FakeTransport(notes)
        transport.fill()
        transport.write(b"answer")
        transport.close()
        transport.close()
        await turn()
        assert transport.is_closing()
        assert notes.heard == []
        transport.take()
        await turn()
        assert notes.heard == [LOST]

    run(scenario())


def test_an_abort_drops_what_waits(run: Run) -> None:
    async def scenario() -> None:
        notes = Notes()
        transport = FakeTransport(notes)
        transport.fill()
        transport.write(b"answer")
        transport.close()
        transport.abort()
        assert transport.ended == "aborted"
        assert transport.get_write_buffer_size() == 0
        await turn()
        await turn()
        assert notes.heard == [LOST]

    run(scenario())


def test_what_is_written_after_the_end_is_dropped(run: Run) -> None:
    async def scenario() -> None:
        transport = FakeTransport(Notes())
        transport.close()
        transport.write(b"late")
        assert transport.written == b""

    run(scenario())


def test_writing_behind_the_end_of_our_half_is_an_error() -> None:
    transport = FakeTransport(Notes())
    transport.write_eof()
    with pytest.raises(RuntimeError):
        transport.write(b"late")


def test_a_broken_connection_shows_at_the_next_write_and_is_told_by_the_loop(run: Run) -> None:
    async def scenario() -> None:
        notes = Notes()
        transport = FakeTransport(notes)
        transport.break_off()
        assert not transport.is_closing()
        transport.write(b"a")
        assert transport.is_closing()
        assert notes.heard == []
        transport.write(b"b")
        await turn()
        assert notes.heard == [("lost", "BrokenPipeError")]
        assert transport.written == b""

    run(scenario())


def test_a_lost_connection_is_told_at_once_and_once() -> None:
    notes = Notes()
    transport = FakeTransport(notes)
    transport.lose(ConnectionResetError())
    transport.lose()
    transport.abort()
    transport.feed(b"late")
    assert transport.ended == "lost"
    assert notes.heard == [("lost", "ConnectionResetError")]
