"""What the bridge's tests share: a server without sockets, for each way of starting an application."""

import asyncio
import functools
import sys
from collections.abc import Callable, Coroutine, Iterator
from typing import Any

import pytest
from tests.support.async_tests import pytest_pyfunc_call  # noqa: F401 a hook
from tests.support.wired import Server

WAYS = ("eager", "by the loop") if sys.version_info >= (3, 12) else ("by the loop",)


@pytest.fixture
def run() -> Iterator[Callable[[Coroutine[Any, Any, Any]], Any]]:
    """Run a coroutine on a loop of its own, and fail if it takes long."""
    with asyncio.Runner() as runner:
        yield lambda coroutine: runner.run(asyncio.wait_for(coroutine, 20))


@pytest.fixture(params=WAYS)
def serve(request: pytest.FixtureRequest) -> Callable[..., Server]:
    """Make a server of an application and settings; its tasks are started in one way or the other."""
    return functools.partial(Server, eager_tasks=request.param == "eager")
