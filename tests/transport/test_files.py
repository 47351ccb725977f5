"""Files sent by sendfile over real sockets on both loops, and read in parts by threads."""

import asyncio
import os
import socket
import struct
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any

import pytest

from penstock.base.errors import ClientDisconnected, LocalProtocolError
from penstock.transport.files import PART_BYTES, FileTransfer, open_for_sending, read_parts

Run = Callable[..., Any]
MIB = 1024 * 1024
SMALL = b"0123456789" * 100


@pytest.fixture
def small(tmp_path: Path) -> Iterator[int]:
    (tmp_path / "small").write_bytes(SMALL)
    descriptor = os.open(tmp_path / "small", os.O_RDONLY)
    yield descriptor
    os.close(descriptor)


@pytest.fixture(scope="session")
def large_bytes() -> bytes:
    """16 MiB in which no stretch is like another: more than all buffers of a loopback connection."""
    return b"".join(number.to_bytes(8, "big") for number in range(2 * MIB))


@pytest.fixture
def large(tmp_path: Path, large_bytes: bytes) -> Iterator[int]:
    (tmp_path / "large").write_bytes(large_bytes)
    descriptor = os.open(tmp_path / "large", os.O_RDONLY)
    yield descriptor
    os.close(descriptor)


class Owner(asyncio.Protocol):
    """The owner of a transport, as a connection of the server is one."""

    def __init__(self) -> None:
        self.transfer: FileTransfer | None = None
        self.transport: Any = None
        self.lost = asyncio.Event()

    def connection_made(self, transport: Any) -> None:
        self.transport = transport

    def connection_lost(self, error: Exception | None) -> None:
        self.lost.set()
        if self.transfer is not None:
            self.transfer.abandon()

    async def send(self, *arguments: Any) -> None:
        self.transfer = FileTransfer(self.transport)
        await self.transfer.send(*arguments)


def tcp_pair() -> tuple[socket.socket, socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        client = socket.create_connection(listening.getsockname())
        return listening.accept()[0], client


@asynccontextmanager
async def connected(
    pair: Callable[[], tuple[socket.socket, socket.socket]] = tcp_pair,
) -> AsyncIterator[tuple[Owner, socket.socket]]:
    """The owner of the server's end, and the client's socket."""
    ours, theirs = pair()
    ours.setblocking(False)
    theirs.setblocking(False)
    loop = asyncio.get_running_loop()
    transport, owner = await loop.connect_accepted_socket(Owner, ours)
    try:
        yield owner, theirs
    finally:
        transport.abort()
        theirs.close()
        await owner.lost.wait()


async def receive(client: socket.socket, count: int) -> bytes:
    received = bytearray()
    while len(received) < count:
        received += await asyncio.get_running_loop().sock_recv(client, MIB)
    return bytes(received)


async def until_it_stalls(owner: Owner) -> None:
    """Return when the client, which reads nothing, has taken all it can: no turn of the loop sends more."""
    before = -1
    while owner.transfer is None or owner.transfer.bytes_sent != before:
        before = -1 if owner.transfer is None else owner.transfer.bytes_sent
        for _ in range(20):
            await asyncio.sleep(0)


def reset(client: socket.socket) -> None:
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    client.close()


def open_descriptors() -> set[str]:
    return set(os.listdir("/proc/self/fd"))


class TestTransfer:
    @pytest.mark.parametrize("pair", [tcp_pair, socket.socketpair], ids=["tcp", "unix"])
    def test_asgi_076_a_whole_file_arrives(self, run: Run, large: int, large_bytes: bytes, pair: Any) -> None:
        async def transfer() -> bytes:
            async with connected(pair) as (owner, client):
                sending = asyncio.ensure_future(owner.send(large, 0, len(large_bytes)))
                received = await receive(client, len(large_bytes))
                await sending
                return received

        assert run(transfer()) == large_bytes

    @pytest.mark.parametrize(
        ("offset", "count", "expected"),
        [
            (0, None, SMALL),
            (990, None, SMALL[990:]),
            (10, 20, SMALL[10:30]),
            (999, 1, SMALL[999:]),
            (0, 0, b""),
            (1000, None, b""),
            (5000, 0, b""),
        ],
    )
    def test_asgi_076_a_range_arrives(
        self, run: Run, small: int, offset: int, count: int | None, expected: bytes
    ) -> None:
        async def transfer() -> bytes:
            async with connected() as (owner, client):
                await owner.send(small, offset, count)
                owner.transport.write(b".")
                return await receive(client, len(expected) + 1)

        assert run(transfer()) == expected + b"."

    def test_asgi_076_without_an_offset_it_starts_at_the_files_position_and_moves_it(
        self, run: Run, small: int
    ) -> None:
        async def transfer() -> bytes:
            os.lseek(small, 100, os.SEEK_SET)
            async with connected() as (owner, client):
                await owner.send(small, None, 50)
                await owner.send(small, None, 50)
                return await receive(client, 100)

        assert run(transfer()) == SMALL[100:200]
        assert os.lseek(small, 0, os.SEEK_CUR) == 200

    def test_with_an_offset_the_files_position_stays(self, run: Run, small: int) -> None:
        async def transfer() -> None:
            async with connected() as (owner, _):
                await owner.send(small, 10, 20)

        run(transfer())
        assert os.lseek(small, 0, os.SEEK_CUR) == 0

    def test_it_keeps_its_place_between_writes(self, run: Run, large: int, large_bytes: bytes) -> None:
        before, after = b"b" * 12 * MIB, b"a" * 100

        async def transfer() -> bytes:
            async with connected() as (owner, client):
                owner.transport.write(before)
                assert owner.transport.get_write_buffer_size() > 0
                sending = asyncio.ensure_future(owner.send(large, 0, len(large_bytes)))
                sending.add_done_callback(lambda _: owner.transport.write(after))
                received = await receive(client, len(before) + len(large_bytes) + len(after))
                await sending
                return received

        assert run(transfer()) == before + large_bytes + after

    def test_a_small_file_does_not_wait_for_a_large_one(self, run: Run, large: int, small: int) -> None:
        async def transfer() -> list[str]:
            order: list[str] = []
            async with connected() as (one, one_client), connected() as (two, two_client):
                long = asyncio.ensure_future(one.send(large, 0, 16 * MIB))
                long.add_done_callback(lambda _: order.append("large"))
                reading = asyncio.ensure_future(receive(one_client, 16 * MIB))
                short = asyncio.ensure_future(two.send(small, 0, 1000))
                short.add_done_callback(lambda _: order.append("small"))
                await receive(two_client, 1000)
                await asyncio.gather(long, short, reading)
            return order

        assert run(transfer()) == ["small", "large"]

    def test_what_was_sent_can_be_watched(self, run: Run, large: int) -> None:
        async def transfer() -> tuple[int, int]:
            async with connected() as (owner, client):
                sending = asyncio.ensure_future(owner.send(large, 0, 16 * MIB))
                await until_it_stalls(owner)
                assert owner.transfer is not None
                stalled = owner.transfer.bytes_sent
                await receive(client, 16 * MIB)
                await sending
                return stalled, owner.transfer.bytes_sent

        stalled, sent = run(transfer())
        assert 0 < stalled < sent == 16 * MIB

    def test_a_file_that_is_too_short_is_an_error(self, run: Run, small: int) -> None:
        async def transfer() -> None:
            async with connected() as (owner, _):
                await owner.send(small, 0, 1001)

        with pytest.raises(LocalProtocolError, match="ended after 1000 of the 1001 bytes"):
            run(transfer())

    @pytest.mark.parametrize("offset", [0, None])
    def test_a_closed_file_is_an_error_that_no_disconnect_is(self, run: Run, offset: int | None) -> None:
        async def transfer() -> None:
            async with connected() as (owner, _):
                await owner.send(987_654, offset, 10)

        with pytest.raises(LocalProtocolError, match="cannot be read: Bad file descriptor"):
            run(transfer())

    @pytest.mark.parametrize("offset", [0, None])
    def test_a_pipe_is_left_to_who_reads_it_in_parts(self, run: Run, offset: int | None) -> None:
        reading, writing = os.pipe()

        async def transfer() -> None:
            async with connected() as (owner, _):
                await owner.send(reading, offset, 10)

        with (
            closing(os.fdopen(reading)),
            closing(os.fdopen(writing, "w")),
            pytest.raises(asyncio.SendfileNotAvailableError),
        ):
            run(transfer())

    def test_descriptors_do_not_pile_up(self, run: Run, small: int, large: int) -> None:
        async def transfer() -> None:
            async with connected() as (owner, client):
                before = open_descriptors()
                await owner.send(small, 0, None)
                with pytest.raises(LocalProtocolError):
                    await owner.send(small, 0, 1001)
                sending = asyncio.ensure_future(owner.send(large, 0, 16 * MIB))
                await receive(client, 16 * MIB + 2000)
                await sending
                assert open_descriptors() == before

        run(transfer())


class TestClientGone:
    @pytest.mark.parametrize("reading", [True, False], ids=["reading", "not reading"])
    def test_a_reset_while_waiting_is_a_disconnect(self, run: Run, large: int, reading: bool) -> None:
        async def transfer() -> None:
            async with connected() as (owner, client):
                if not reading:
                    owner.transport.pause_reading()
                sending = asyncio.ensure_future(owner.send(large, 0, 16 * MIB))
                await until_it_stalls(owner)
                reset(client)
                await sending

        with pytest.raises(ClientDisconnected):
            run(transfer())

    def test_a_reset_while_earlier_data_waits_is_a_disconnect(self, run: Run, small: int) -> None:
        async def transfer() -> None:
            async with connected() as (owner, client):
                owner.transport.pause_reading()
                owner.transport.write(b"b" * 12 * MIB)
                sending = asyncio.ensure_future(owner.send(small, 0, 1000))
                await until_it_stalls(owner)
                reset(client)
                await sending

        with pytest.raises(ClientDisconnected):
            run(transfer())

    def test_a_connection_that_is_lost_already_is_a_disconnect(self, run: Run, small: int) -> None:
        async def transfer() -> None:
            async with connected() as (owner, client):
                reset(client)
                await owner.lost.wait()
                await owner.send(small, 0, 1000)

        with pytest.raises(ClientDisconnected):
            run(transfer())

    def test_giving_the_connection_up_ends_the_transfer_and_closes_the_socket(
        self, run: Run, large: int
    ) -> None:
        async def transfer() -> int:
            async with connected() as (owner, client):
                sending = asyncio.ensure_future(owner.send(large, 0, 16 * MIB))
                await until_it_stalls(owner)
                owner.transport.abort()
                with pytest.raises(ClientDisconnected):
                    await sending
                received = 0
                while data := await asyncio.get_running_loop().sock_recv(client, MIB):
                    received += len(data)
                return received

        assert 0 < run(transfer()) < 16 * MIB

    def test_a_client_that_closed_its_half_gets_the_file(self, run: Run, small: int) -> None:
        class Patient(Owner):
            def __init__(self) -> None:
                super().__init__()
                self.ended = asyncio.Event()

            def eof_received(self) -> bool:
                self.ended.set()
                return True

        async def transfer() -> bytes:
            ours, theirs = tcp_pair()
            ours.setblocking(False)
            theirs.setblocking(False)
            transport, owner = await asyncio.get_running_loop().connect_accepted_socket(Patient, ours)
            theirs.shutdown(socket.SHUT_WR)
            await owner.ended.wait()
            await owner.send(small, 0, None)
            transport.close()
            with theirs:
                return await receive(theirs, 1000)

        assert run(transfer()) == SMALL

    def test_a_cancelled_transfer_leaves_nothing_open_and_sends_no_more(self, run: Run, large: int) -> None:
        async def transfer() -> None:
            async with connected() as (owner, client):
                before = open_descriptors()
                sending = asyncio.ensure_future(owner.send(large, 0, 16 * MIB))
                await until_it_stalls(owner)
                sending.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await sending
                assert open_descriptors() == before
                assert owner.transfer is not None
                sent = owner.transfer.bytes_sent
                owner.transport.write(b".")
                assert (await receive(client, sent + 1))[-1:] == b"."

        run(transfer())


class TestReadParts:
    @pytest.mark.parametrize(
        ("offset", "count", "expected"),
        [
            (0, None, SMALL),
            (None, None, SMALL[500:]),
            (None, 100, SMALL[500:600]),
            (10, 20, SMALL[10:30]),
            (0, 0, b""),
        ],
    )
    def test_a_range_is_read(
        self, run: Run, small: int, offset: int | None, count: int | None, expected: bytes
    ) -> None:
        os.lseek(small, 500, os.SEEK_SET)
        assert b"".join(run(all_parts(small, offset, count))) == expected

    def test_parts_are_bounded(self, run: Run, large: int, large_bytes: bytes) -> None:
        parts = run(all_parts(large, 0, None))
        assert b"".join(parts) == large_bytes
        assert max(map(len, parts)) <= PART_BYTES

    def test_a_pipe_is_read_to_its_end(self, run: Run) -> None:
        reading, writing = os.pipe()
        with closing(os.fdopen(reading)):
            with open(writing, "wb") as file:
                file.write(SMALL)
            assert b"".join(run(all_parts(reading, None, None))) == SMALL

    def test_a_file_that_is_too_short_is_an_error(self, run: Run, small: int) -> None:
        with pytest.raises(LocalProtocolError, match="ended after 1000 of the 2000 bytes"):
            run(all_parts(small, 0, 2000))

    def test_a_file_that_cannot_be_read_is_an_error_that_no_disconnect_is(
        self, run: Run, tmp_path: Path
    ) -> None:
        with (
            open(tmp_path / "written", "wb") as file,
            pytest.raises(LocalProtocolError, match="cannot be read"),
        ):
            run(all_parts(file.fileno(), 0, None))
        with pytest.raises(LocalProtocolError, match="cannot be read"):
            run(all_parts(987_654, 0, None))

    def test_cancelling_does_not_wait_for_the_thread(self, run: Run) -> None:
        """The thread reads from a pipe that says nothing, still after the pipe is closed here."""
        reading, writing = os.pipe()

        async def cancel() -> None:
            waiting = asyncio.ensure_future(all_parts(reading, None, None))
            await asyncio.sleep(0)
            waiting.cancel()
            with pytest.raises(asyncio.CancelledError):
                await waiting
            os.close(reading)
            os.close(writing)  # lets the thread go
            await asyncio.get_running_loop().shutdown_default_executor()

        before = open_descriptors()
        run(cancel())
        assert open_descriptors() <= before


async def all_parts(descriptor: int, offset: int | None, count: int | None) -> list[bytes]:
    return [part async for part in read_parts(descriptor, offset, count)]


class TestOpen:
    def test_a_regular_file_opens_with_its_size(self, run: Run, tmp_path: Path) -> None:
        path = tmp_path / "file"
        path.write_bytes(SMALL)
        descriptor, size = run(open_for_sending(str(path)))
        assert (os.read(descriptor, 10), size) == (SMALL[:10], 1000)
        assert not os.get_inheritable(descriptor)
        os.close(descriptor)

    def test_a_symbolic_link_is_followed(self, run: Run, tmp_path: Path) -> None:
        (tmp_path / "file").write_bytes(SMALL)
        (tmp_path / "current").symlink_to("file")
        descriptor, size = run(open_for_sending(str(tmp_path / "current")))
        os.close(descriptor)
        assert size == 1000

    @pytest.mark.parametrize(
        ("name", "problem"),
        [
            ("missing", "No such file"),
            ("folder", "it is not a regular file"),
            ("pipe", "it is not a regular file"),
            ("null\0character", "null"),
            ("file/below", "Not a directory"),
        ],
    )
    def test_what_is_no_file_is_an_error_that_no_disconnect_is(
        self, run: Run, tmp_path: Path, name: str, problem: str
    ) -> None:
        """Opening a named pipe without a writer must not hold the thread up, either."""
        (tmp_path / "folder").mkdir()
        (tmp_path / "file").touch()
        os.mkfifo(tmp_path / "pipe")

        async def open_it() -> None:
            before = open_descriptors()
            with pytest.raises(LocalProtocolError, match=problem) as caught:
                await open_for_sending(f"{tmp_path}/{name}")
            assert not isinstance(caught.value, OSError)
            assert open_descriptors() == before

        run(open_it())

    def test_asgi_078_a_relative_path_is_refused(self, run: Run) -> None:
        with pytest.raises(LocalProtocolError, match="not absolute"):
            run(open_for_sending("README.md"))

    def test_a_file_that_opens_after_a_cancel_is_closed(self, run: Run, tmp_path: Path) -> None:
        (tmp_path / "file").touch()

        async def cancel() -> None:
            before = open_descriptors()
            opening = asyncio.ensure_future(open_for_sending(str(tmp_path / "file")))
            await asyncio.sleep(0)
            opening.cancel()
            with pytest.raises(asyncio.CancelledError):
                await opening
            await asyncio.get_running_loop().shutdown_default_executor()
            assert open_descriptors() == before

        run(cancel())
