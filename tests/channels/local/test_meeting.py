"""Processes that meet without having been told where."""

import asyncio
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from penstock.base.errors import SettingsError
from penstock.channels import connect
from penstock.channels.local.meeting import make_folder, meeting_path
from penstock.channels.local.place import KEPT_SECONDS, Place

SENDER = "from penstock.channels import connect; connect().sync.send('queue', {'type': 'test'})"
SECONDS = 10


@pytest.fixture
def temporary(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The system's folder for temporary files. Its name is short, as a socket's has to be."""
    with tempfile.TemporaryDirectory(prefix="p") as folder:
        monkeypatch.setenv("TMPDIR", folder)
        monkeypatch.setattr(tempfile, "tempdir", None)
        yield Path(folder)


@pytest.fixture
def application(temporary: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder."""
    folder = temporary / "a shop, of course"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


async def test_processes_that_run_from_one_folder_are_connected(application: Path) -> None:
    async with connect() as layer:
        sender = await asyncio.create_subprocess_exec(sys.executable, "-c", SENDER)
        async with asyncio.timeout(SECONDS):
            assert await layer.receive("queue") == {"type": "test"}
            assert await sender.wait() == 0


def test_each_folder_has_a_socket_of_its_own(application: Path, temporary: Path) -> None:
    here = meeting_path()
    assert os.path.basename(here).startswith("ashopofcours-")
    assert meeting_path(application) == meeting_path(str(application)) == here
    assert meeting_path("/usr") != here
    (temporary / "other").symlink_to(application)
    assert meeting_path(temporary / "other") == here
    make_folder(here)
    assert os.stat(os.path.dirname(here)).st_mode & 0o777 == 0o700


def test_a_folder_that_says_nothing_is_refused(application: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    application.rmdir()
    with pytest.raises(SettingsError, match=r"path: no folder to go by.*local:///run/app\.sock"):
        connect()
    monkeypatch.chdir("/")
    with pytest.raises(SettingsError, match=r"path: / is no application's own folder"):
        connect()


async def test_the_folder_of_sockets_is_made_when_it_is_needed(application: Path, temporary: Path) -> None:
    layer = connect(lease_seconds=0.3)
    folder = temporary / f"penstock-{os.geteuid()}"
    assert not folder.exists()
    here, told = asyncio.get_running_loop(), asyncio.Event()
    layer.add_listener(lambda gap: here.call_soon_threadsafe(told.set))
    async with layer, asyncio.timeout(SECONDS):
        shutil.rmtree(folder)
        await told.wait()
        await layer.send("queue", {"type": "test"})
        assert await layer.receive("queue") == {"type": "test"}
        assert folder.exists()


def test_the_environment_may_name_another_layer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PENSTOCK_CHANNEL_LAYER", "memory://?capacity=7")
    assert connect().settings.capacity == 7
    assert connect("memory://").settings.capacity == 100
    for wrong, setting in (("somewhere", "url"), ("pigeon://", "url"), ("memory://?capcity=7", "capcity")):
        monkeypatch.setenv("PENSTOCK_CHANNEL_LAYER", wrong)
        with pytest.raises(SettingsError, match="PENSTOCK_CHANNEL_LAYER") as caught:
            connect()
        assert caught.value.setting == setting
    monkeypatch.setenv("PENSTOCK_CHANNEL_LAYER", "")
    assert type(connect()).__name__ == "LocalLayer"


def test_a_folder_that_another_has_made_is_refused(temporary: Path) -> None:
    theirs = temporary / f"penstock-{os.geteuid()}"
    theirs.symlink_to(temporary)
    with pytest.raises(SettingsError, match="not this user's own") as caught:
        make_folder(f"{theirs}/app.sock")
    assert caught.value.setting == "path"
    theirs.unlink()
    theirs.touch()
    with pytest.raises(SettingsError, match=r"path.*cannot be made"):
        make_folder(f"{theirs}/app.sock")


def test_socket_and_lock_are_not_left_to_grow_old(temporary: Path) -> None:
    """Or the system takes them away as files that nobody uses."""
    path = str(temporary / "app.sock")
    place = Place(path)
    with place.deciding() as descriptor:
        listener, _ = place.listen(descriptor)
    for now, is_kept in ((KEPT_SECONDS, True), (KEPT_SECONDS + 1, False), (2 * KEPT_SECONDS, True)):
        for each in (path, f"{path}.lock"):
            os.utime(each, (0, 0))
        place.keep(now)
        assert {os.stat(each).st_mtime > 0 for each in (path, f"{path}.lock")} == {is_kept}
    listener.close()
