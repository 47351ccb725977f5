"""What is said of a place that cannot be used, and of processes that do not fit together."""

import asyncio
import os
import socket
import stat
from pathlib import Path
from typing import Any

import pytest

from penstock.base.errors import SettingsError
from penstock.channels import connect
from penstock.channels.local import frames


def listening(path: Path) -> socket.socket:
    """A program that is no hub."""
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(path))
    listener.listen()
    return listener


async def refused(url: str, setting: str, *mentioned: str, **options: Any) -> None:
    with pytest.raises(SettingsError) as caught:
        async with connect(url, **options):
            raise AssertionError("the layer was opened")
    assert caught.value.setting == setting
    for text in mentioned:
        assert text in str(caught.value)


@pytest.mark.parametrize("url", ["local:///", "local:///run/"])
def test_a_url_with_a_folder_is_refused(url: str) -> None:
    with pytest.raises(SettingsError, match=r"local:///run/app\.sock") as caught:
        connect(url)
    assert caught.value.setting == "path"


def test_a_host_is_refused() -> None:
    with pytest.raises(SettingsError, match="this machine alone") as caught:
        connect("local://run/app.sock")
    assert caught.value.setting == "url"


def test_a_path_that_no_socket_can_have_is_refused(tmp_path: Path) -> None:
    for path, expected in ((f"/{'a' * 200}", "96 at most"), ("/run/a%00b", "zero")):
        with pytest.raises(SettingsError, match=expected):
            connect(f"local://{path}")


def test_an_unknown_parameter_is_named() -> None:
    with pytest.raises(SettingsError, match="did you mean max_backlog_bytes"):
        connect("local:///run/app.sock?max_backlog=1")


async def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    await refused(f"local://{tmp_path}/none/app.sock", "path", "make it first")


async def test_a_foreign_file_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "app.sock"
    path.write_text("somebody's")
    await refused(f"local://{path}", "path", "no socket", "another path")
    assert path.read_text() == "somebody's"


async def test_a_folder_that_everybody_may_write_to_is_refused(tmp_path: Path) -> None:
    os.chmod(tmp_path, 0o777)
    await refused(f"local://{tmp_path}/app.sock", "path", "everybody may write")
    os.chmod(tmp_path, 0o1777)
    async with connect(f"local://{tmp_path}/app.sock"):
        pass


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
async def test_what_belongs_to_another_user_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "app.sock"
    listening(path).close()
    os.chown(path, 12345, -1)
    await refused(f"local://{path}", "path", "12345", "one user")
    path.unlink()
    os.chown(tmp_path, 12345, -1)
    await refused(f"local://{path}", "path", "another user")


async def test_a_foreign_program_that_says_nothing_keeps_its_socket(tmp_path: Path) -> None:
    path = tmp_path / "app.sock"
    with listening(path):
        inode = path.stat().st_ino
        await refused(f"local://{path}?lease_seconds=0.1", "path", "no hub", "says nothing")
        assert path.stat().st_ino == inode


@pytest.mark.parametrize("answer", [b"HTTP/1.1 400 Bad Request\r\n\r\n", frames.build((99, 0))])
async def test_a_foreign_program_that_says_something_else_is_refused(tmp_path: Path, answer: bytes) -> None:
    path = tmp_path / "app.sock"
    with listening(path) as listener:
        listener.setblocking(False)

        async def speak() -> None:
            connection, _ = await asyncio.get_running_loop().sock_accept(listener)
            with connection:
                await asyncio.get_running_loop().sock_sendall(connection, answer)

        speaking = asyncio.create_task(speak())
        await refused(f"local://{path}", "path", "no hub")
        await speaking


async def test_a_socket_that_nobody_listens_at_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "app.sock"
    listening(path).close()
    async with connect(f"local://{path}") as layer:
        assert await layer.group_count("room") == 0


async def test_only_the_owner_may_use_the_socket_and_it_goes_with_the_hub(tmp_path: Path) -> None:
    path = tmp_path / "app.sock"
    async with connect(f"local://{path}"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert not path.exists()


async def test_processes_have_to_agree_on_the_largest_message(tmp_path: Path) -> None:
    async with connect(f"local://{tmp_path}/app.sock"):
        await refused(
            f"local://{tmp_path}/app.sock", "max_message_bytes", "the hub has 2097152", max_message_bytes=1000
        )


async def said_to_hub(path: Path, *sent: bytes) -> bytes:
    """What the hub answers to some bytes, until it closes the connection."""
    loop = asyncio.get_running_loop()
    with socket.socket(socket.AF_UNIX) as connection:
        connection.setblocking(False)
        await loop.sock_connect(connection, str(path))
        for data in sent:
            await loop.sock_sendall(connection, data)
        answer = b""
        while data := await loop.sock_recv(connection, 1000):
            answer += data
        return answer


async def test_a_process_of_another_version_is_told_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "app.sock"
    async with connect(f"local://{path}"):
        hello = frames.build((frames.HELLO, 0, frames.MAGIC, frames.VERSION + 1, "a", 1))
        (answer,) = frames.FrameReader(1000).feed(await said_to_hub(path, hello))
        assert answer[:3] == (frames.REFUSED, 0, "path")
        assert "run one release" in answer[3]


HELLO = frames.build((frames.HELLO, 0, frames.MAGIC, frames.VERSION, "a", 2 << 20))


@pytest.mark.parametrize(
    "sent",
    [
        [b"GET / HTTP/1.1\r\n\r\n"],
        [b"\0\0\0\1\xc1"],
        [frames.build((frames.HELLO,))],
        [frames.build((frames.HELLO, 0, 1))],
        [frames.build((frames.SEND, 1, "a", b""))],
        [HELLO, b"\xff\xff\xff\xff"],
        [HELLO, frames.build((12345, 0))],
        [HELLO, frames.build((frames.SEND, 1))],
        [HELLO, frames.build((frames.GROUP_ADD, 1, 2, None, "x"))],
    ],
)
async def test_nonsense_ends_the_connection_and_not_the_hub(tmp_path: Path, sent: list[bytes]) -> None:
    path = tmp_path / "app.sock"
    async with connect(f"local://{path}") as layer:
        await said_to_hub(path, *sent)
        await layer.send("a", {"type": "test"})
        assert await layer.receive("a") == {"type": "test"}
