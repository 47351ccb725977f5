"""What cannot work is told at once, with the setting that is to be changed."""

import asyncio
import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.channels.redis.raw import ask
from tests.support.certificates import Certificates, make_certificates
from tests.support.redis_server import RedisServer, redis_server

from penstock.base.errors import SettingsError
from penstock.channels import connect
from penstock.channels.errors import LayerUnavailable

ACL = (
    "on", ">right", "~{penstock}*", "&*", "-@all", "+@read", "+@write", "+@connection", "+@scripting",
    "+time", "+exists", "+select",
)  # fmt: skip


@pytest.fixture(scope="module")
def server() -> Iterator[RedisServer]:
    with redis_server("--requirepass", "right") as server:
        yield server


async def refused(url: str, setting: str, *words: str, **options: object) -> None:
    layer = connect(url, **options)
    with pytest.raises(SettingsError) as caught:
        await layer.open()
    await layer.close()
    assert caught.value.setting == setting
    for word in words:
        assert word in str(caught.value)


async def test_a_wrong_password_and_none_are_told(server: RedisServer) -> None:
    await refused(f"redis://:wrong@127.0.0.1:{server.port}", "password", str(server.port))
    await refused(f"redis://127.0.0.1:{server.port}", "password")
    async with connect(f"redis://:right@127.0.0.1:{server.port}/1"):
        pass


async def test_a_user_with_few_rights_is_enough_and_one_with_fewer_is_told() -> None:
    with redis_server() as server:
        await ask(server, "ACL", "SETUSER", "chat", *ACL)
        await ask(server, "ACL", "SETUSER", "guest", "on", ">right", "-@all", "+@connection")
        await refused(f"redis://guest:right@127.0.0.1:{server.port}", "username", "permissions")
        async with connect(f"redis://chat:right@127.0.0.1:{server.port}") as layer:
            channel = await layer.new_channel()
            await layer.group_add("room", channel)
            await layer.group_send("room", {"type": "test"})
            assert await layer.receive(channel) == {"type": "test"}
            await layer.send("queue", {"type": "test"})
            assert await layer.receive("queue") == {"type": "test"}


async def test_a_database_that_is_not_there_is_told(server: RedisServer) -> None:
    await refused(f"redis://:right@127.0.0.1:{server.port}/99", "hosts", "99")


async def test_a_redis_that_is_too_old_is_told() -> None:
    """Stood in for by one that answers as Redis 5 and 6.0 do."""
    for answer in (
        b"-ERR unknown command `HELLO`\r\n",
        b"*4\r\n$6\r\nserver\r\n$5\r\nredis\r\n$7\r\nversion\r\n$5\r\n6.0.9\r\n",
    ):

        async def serve(
            reader: asyncio.StreamReader, writer: asyncio.StreamWriter, said: bytes = answer
        ) -> None:
            while asked := await reader.read(1000):
                writer.write(said if b"HELLO" in asked else b"-ERR unknown command\r\n" * asked.count(b"*"))
            writer.close()

        async with await asyncio.start_server(serve, "127.0.0.1", 0) as old:
            port = old.sockets[0].getsockname()[1]
            await refused(f"redis://127.0.0.1:{port}", "hosts", "6.2")


async def test_what_is_no_redis_is_told() -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        await reader.read()
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as foreign:
        port = foreign.sockets[0].getsockname()[1]
        layer = connect(f"redis://127.0.0.1:{port}", connect_seconds=0.3)
        with pytest.raises(LayerUnavailable):
            await layer.open()
        await layer.close()


async def test_a_redis_that_is_not_there_is_told() -> None:
    layer = connect("redis://127.0.0.1:1", connect_seconds=0.1)
    with pytest.raises(LayerUnavailable, match=r"127\.0\.0\.1:1"):
        await layer.open()
    await layer.close()


@pytest.mark.parametrize(
    ("url", "setting"),
    [
        ("redis://localhost?capcity=7", "capcity"),
        ("redis://localhost?prefix=a{b", "prefix"),
        ("redis://localhost/first", "hosts"),
        ("redis+sentinel://localhost", "url"),
        ("redis://localhost:99999", "url"),
        ("redis://localhost?lease_seconds=0", "lease_seconds"),
    ],
)
def test_a_url_that_cannot_be_used_names_what_is_wrong(url: str, setting: str) -> None:
    with pytest.raises(SettingsError) as caught:
        connect(url)
    assert caught.value.setting == setting


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return make_certificates(tmp_path_factory.mktemp("certificates"))


async def test_tls_proves_both_sides(certificates: Certificates, tmp_path: Path) -> None:
    files = ("--tls-cert-file", certificates.cert_file, "--tls-key-file", certificates.key_file)
    options = [str(word) for word in (*files, "--tls-ca-cert-file", certificates.ca_file)]
    with redis_server(*options, tls=True) as server:
        url = f"rediss://localhost:{server.port}"
        client = str(certificates.client_file)
        ours = {"ca_file": str(certificates.ca_file), "cert_file": client}
        async with connect(url, **ours) as layer:
            await layer.send("a", {"type": "test"})
            assert await layer.receive("a") == {"type": "test"}
        for wrong in (
            {},
            {"ca_file": str(certificates.ca_file)},
            {**ours, "cert_file": str(certificates.stranger_file)},
        ):
            layer = connect(url, connect_seconds=0.3, **wrong)
            with pytest.raises(LayerUnavailable, match=r"cannot be reached|lost"):
                await layer.open()
            await layer.close()
        await refused(url, "ca_file", ca_file=str(tmp_path / "nothing.pem"))


async def test_a_cancellation_that_is_lost_on_the_way_does_not_hold_up_the_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As `wait_for` of Python 3.11 loses one that comes together with what it waits for."""

    async def dial(*arguments: object) -> None:
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.sleep(60)
        await asyncio.sleep(60)

    monkeypatch.setattr("penstock.channels.redis.shard.dial", dial)
    layer = connect("redis://127.0.0.1:1", connect_seconds=0.1)
    with pytest.raises(LayerUnavailable):
        await layer.open()
    async with asyncio.timeout(10):
        await layer.close()
