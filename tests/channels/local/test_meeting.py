"""Processes that meet without having been told where."""

import asyncio
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from penstock.base.errors import SettingsError
from penstock.channels import connect
from penstock.channels.local.meeting import meeting_path
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
    assert meeting_path("/") != here
    (temporary / "other").symlink_to(application)
    assert meeting_path(temporary / "other") == here
    assert os.stat(os.path.dirname(here)).st_mode & 0o777 == 0o700


def test_the_environment_may_name_another_layer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PENSTOCK_CHANNEL_LAYER", "memory://?capacity=7")
    assert connect().settings.capacity == 7
    assert connect("memory://").settings.capacity == 100
    monkeypatch.setenv("PENSTOCK_CHANNEL_LAYER", "somewhere")
    with pytest.raises(SettingsError, match=r"url.*PENSTOCK_CHANNEL_LAYER"):
        connect()


def test_a_folder_that_another_has_made_is_refused(temporary: Path) -> None:
    theirs = temporary / f"penstock-{os.geteuid()}"
    theirs.symlink_to(temporary)
    with pytest.raises(SettingsError, match="not this user's own") as caught:
        meeting_path()
    assert caught.value.setting == "path"
    theirs.unlink()
    theirs.touch()
    with pytest.raises(SettingsError, match=r"path.*cannot be made"):
        meeting_path()


def test_the_lock_is_not_left_to_grow_old(tmp_path: Path) -> None:
    """Or the system takes it away as a file that nobody uses."""
    path = str(tmp_path / "app.sock")
    place = Place(path)
    with place.deciding():
        pass
    for now, is_kept in ((KEPT_SECONDS, True), (KEPT_SECONDS + 1, False), (2 * KEPT_SECONDS, True)):
        os.utime(f"{path}.lock", (0, 0))
        place.keep(now)
        assert (os.stat(f"{path}.lock").st_mtime > 0) == is_kept
