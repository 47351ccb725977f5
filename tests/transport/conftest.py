"""What the transport's tests share: each event loop, and certificates."""

import asyncio
import importlib
from collections.abc import Callable, Coroutine, Iterator
from typing import Any

import pytest
from tests.support.async_tests import pytest_pyfunc_call  # noqa: F401 a hook
from tests.support.certificates import Certificates, make_certificates

LOOPS = ("asyncio", "uvloop")


@pytest.fixture(params=LOOPS)
def run(request: pytest.FixtureRequest) -> Iterator[Callable[[Coroutine[Any, Any, Any]], Any]]:
    """Run a coroutine on a loop of its own: once for each kind of loop, and not for long."""
    factory = importlib.import_module(request.param).new_event_loop
    with asyncio.Runner(loop_factory=factory) as runner:
        yield lambda coroutine: runner.run(asyncio.wait_for(coroutine, 20))


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return make_certificates(tmp_path_factory.mktemp("certificates"))
