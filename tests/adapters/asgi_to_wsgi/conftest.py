"""Adapters that are shut down at the end of their test."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from penstock.adapters import AsgiToWsgi

Adapt = Callable[..., AsgiToWsgi]


@pytest.fixture
def adapt() -> Iterator[Adapt]:
    """Make an adapter of an application; lifespan is off unless a test asks for it."""
    with ExitStack() as stack:

        def make(app: Any, *, lifespan: str = "off", **keys: Any) -> AsgiToWsgi:
            adapter = AsgiToWsgi(app, lifespan=lifespan, **keys)
            stack.callback(adapter.close)
            return adapter

        yield make
