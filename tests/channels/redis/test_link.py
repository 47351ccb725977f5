"""One connection with commands under way, beside a server that answers as the test says."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from redis.exceptions import AuthenticationError, NoScriptError
from tests.support.wired import settled

from penstock.channels.errors import LayerUnavailable
from penstock.channels.redis.link import Link

SECONDS = 10
PING = b"*1\r\n$4\r\nPING\r\n"


class Talk:
    """Both ends of a connection: the link on `ours`, and what the server reads and writes."""

    def __init__(
        self, ours: asyncio.StreamWriter, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self.ours = ours.transport
        self.link = Link(ours)
        self.reader = reader
        self.writer = writer

    async def hear(self, count: int = 1) -> None:
        for _ in range(count):
            assert await self.reader.readexactly(len(PING)) == PING


@asynccontextmanager
async def talk() -> AsyncIterator[Talk]:
    came: asyncio.Future[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = asyncio.Future()
    server = await asyncio.start_server(lambda *ends: came.set_result(ends), "127.0.0.1", 0)
    async with server, asyncio.timeout(SECONDS):
        _, ours = await asyncio.open_connection(*server.sockets[0].getsockname())
        there = Talk(ours, *await came)
        try:
            yield there
        finally:
            there.link.close()
            await there.link.lost
            there.writer.close()


def ask(link: Link, count: int = 1) -> list[asyncio.Task[object]]:
    return [asyncio.create_task(link.ask("PING")) for _ in range(count)]


async def test_answers_go_to_who_asked_in_the_order_of_asking() -> None:
    async with talk() as there:
        asked = ask(there.link, 3)
        await there.hear(3)
        there.writer.write(b":1\r\n:2\r\n$1\r\n3\r\n")
        assert await asyncio.gather(*asked) == [1, 2, b"3"]


async def test_who_gives_up_does_not_get_the_next_ones_answer() -> None:
    async with talk() as there:
        first, second = ask(there.link, 2)
        await there.hear(2)
        first.cancel()
        there.writer.write(b":1\r\n:2\r\n")
        assert await second == 2


async def test_what_is_to_follow_is_called_though_nobody_waits_and_not_for_a_refusal() -> None:
    async with talk() as there:
        told: list[object] = []
        for _ in range(3):
            there.link.tell("PING", then=told.append)
        await there.hear(3)
        there.writer.write(b":1\r\n-ERR no\r\n:3\r\n")
        (asked,) = ask(there.link)
        await there.hear()
        there.writer.write(b":4\r\n")
        assert await asked == 4
        assert told == [1, 3]


async def test_a_failure_of_what_follows_is_logged_and_the_others_are_answered(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with talk() as there:
        there.link.tell("PING", then=lambda answer: answer.nothing)
        (asked,) = ask(there.link)
        await there.hear(2)
        there.writer.write(b":1\r\n:2\r\n")
        assert await asked == 2
    assert "an answer of Redis could not be acted upon" in caplog.text


@pytest.mark.parametrize(
    ("refusal", "kind"), [(b"-NOSCRIPT no\r\n", NoScriptError), (b"-NOAUTH no\r\n", AuthenticationError)]
)
async def test_a_refusal_is_raised_as_redis_py_names_it(refusal: bytes, kind: type[Exception]) -> None:
    async with talk() as there:
        (asked,) = ask(there.link)
        await there.hear()
        there.writer.write(refusal)
        with pytest.raises(kind):
            await asked


@pytest.mark.parametrize("said", [b"HTTP/1.1 400 Bad Request\r\n", b":1\r\n:2\r\n", b""])
async def test_what_was_not_asked_for_ends_the_link_and_who_waits_is_told(said: bytes) -> None:
    """Nothing at all is the end of the connection."""
    async with talk() as there:
        first, *others = ask(there.link, 1 if said.startswith(b":") else 2)
        await there.hear(1 + len(others))
        there.writer.write(said)
        if not said:
            there.writer.close()
        await there.link.lost
        if said.startswith(b":"):
            assert await first == 1
        for each in others:
            with pytest.raises(LayerUnavailable, match="whether the operation was done is not known"):
                await each
        with pytest.raises(LayerUnavailable, match="nothing was done"):
            await there.link.ask("PING")


async def test_who_asks_waits_while_the_server_takes_nothing() -> None:
    async with talk() as there:
        there.writer.transport.pause_reading()
        large = b"x" * (8 << 20)
        first = asyncio.create_task(there.link.ask("SET", "key", large))
        await settled()
        kept = there.ours.get_write_buffer_size()
        (second,) = ask(there.link)
        await settled()
        assert there.ours.get_write_buffer_size() == kept > 0
        there.writer.transport.resume_reading()
        head = len(b"*3\r\n$3\r\nSET\r\n$3\r\nkey\r\n$8388608\r\n")
        await there.reader.readexactly(head + len(large) + 2)
        await there.hear()
        there.writer.write(b"+OK\r\n:2\r\n")
        assert await asyncio.gather(first, second) == [b"OK", 2]
