"""Applications in every shape that ASGI 3 and ASGI 2 allow. Each answers by which of them it was called."""

import functools
from typing import Any

from tests.conformance.probe.steps import answer


async def function(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] == "http":
        await answer(send, b"3")


async def _with_prefix(prefix: bytes, scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] == "http":
        await answer(send, prefix)


class Single:
    """An instance with a coroutine function as its `__call__`."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await function(scope, receive, send)


class DoubleClass:
    """The shape of ASGI 2: made with the scope, called with the rest."""

    def __init__(self, scope: Any) -> None:
        self.scope = scope

    async def __call__(self, receive: Any, send: Any) -> None:
        if self.scope["type"] == "http":
            await answer(send, b"2")


def double_function(scope: Any) -> Any:
    return DoubleClass(scope)


class DoubleInstance:
    """An instance whose `__call__` is no coroutine function."""

    def __call__(self, scope: Any) -> Any:
        return DoubleClass(scope)


class MarkedSingle:
    """Hides that it is a coroutine function, as compiled and decorated ones do, and says so."""

    _asgi_single_callable = True

    def __call__(self, scope: Any, receive: Any, send: Any) -> Any:
        return function(scope, receive, send)


class MarkedDouble:
    """A coroutine function in its looks, and not by its mark."""

    _asgi_double_callable = True

    def __call__(self, scope: Any) -> Any:
        return DoubleClass(scope)


def either(*arguments: Any) -> Any:
    """Takes both calls, and shows neither."""
    return DoubleClass(*arguments) if len(arguments) == 1 else function(*arguments)


instance = Single()
partial = functools.partial(_with_prefix, b"3")
double_class = DoubleClass
double_instance = DoubleInstance()
marked_single = MarkedSingle()
marked_double = MarkedDouble()
