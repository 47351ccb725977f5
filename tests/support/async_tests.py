"""Tests that are coroutines: each runs on a loop of its own, and fails if it takes long.

A folder whose tests are written so imports `pytest_pyfunc_call` into its conftest.
"""

import asyncio
import inspect

import pytest

SECONDS = 20


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    if not inspect.iscoroutinefunction(pyfuncitem.obj):
        return None
    arguments = {name: pyfuncitem.funcargs[name] for name in pyfuncitem._fixtureinfo.argnames}
    with asyncio.Runner() as runner:
        runner.run(asyncio.wait_for(pyfuncitem.obj(**arguments), SECONDS))
    return True
