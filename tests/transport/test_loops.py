"""Which event loop a server runs on."""

import asyncio
import sys

import pytest
import uvloop

from penstock.base.errors import SettingsError
from penstock.transport.loops import loop_name, new_loop

NAMES = {None: f"uvloop {uvloop.__version__}", True: f"uvloop {uvloop.__version__}", False: "asyncio"}


def name_inside(wanted: bool | None) -> str:
    async def name() -> str:
        return loop_name(asyncio.get_running_loop())

    with asyncio.Runner(loop_factory=lambda: new_loop(wanted)) as runner:
        return runner.run(name())


@pytest.fixture
def without_uvloop(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "uvloop", None)  # its import fails from now on


@pytest.mark.parametrize("wanted", NAMES)
def test_the_loop_is_the_wanted_one_and_tells_its_name(wanted: bool | None) -> None:
    assert name_inside(wanted) == NAMES[wanted]


@pytest.mark.usefixtures("without_uvloop")
@pytest.mark.parametrize("wanted", [None, False])
def test_where_uvloop_is_not_installed_asyncios_own_loop_runs(wanted: bool | None) -> None:
    assert name_inside(wanted) == "asyncio"


@pytest.mark.usefixtures("without_uvloop")
def test_uvloop_that_is_wanted_and_not_installed_is_an_error() -> None:
    with pytest.raises(SettingsError) as caught:
        new_loop(True)
    assert caught.value.setting == "uvloop"
    assert "install it or choose --no-uvloop" in caught.value.problem
