"""Telling a WSGI application from an ASGI one, only where that is safe.

WSGI applications take two positional arguments, ASGI 3 three and ASGI 2 one, so the signature tells them
apart, also through `functools.partial`, bound methods and `functools.wraps`. What hides its signature is
not guessed at: the user says `--interface wsgi`.
"""

import inspect
from typing import Any

ASGI_NAMES = frozenset(("scope", "receive", "send"))


def is_wsgi(app: Any) -> bool:
    """True for what can be called with (environ, start_response) and in no other way that ASGI knows."""
    if not callable(app) or _is_async(app):
        return False
    if inspect.isclass(app) and not hasattr(app, "__iter__"):  # its instances are the response (PEP 3333)
        return False
    try:
        signature = inspect.signature(app)
    except (TypeError, ValueError, NameError):  # the last one from annotations for type checkers only
        return False
    if any(each.kind is each.VAR_POSITIONAL for each in signature.parameters.values()):
        return False
    is_asgi = not ASGI_NAMES.isdisjoint(signature.parameters)
    return not is_asgi and [count for count in range(4) if _takes(signature, count)] == [2]


def _is_async(app: Any) -> bool:
    call = getattr(app, "__call__", None)  # noqa: B004 the method is wanted, whether there is one is known
    return inspect.iscoroutinefunction(inspect.unwrap(app)) or inspect.iscoroutinefunction(call)


def _takes(signature: inspect.Signature, count: int) -> bool:
    try:
        signature.bind(*range(count))
    except TypeError:
        return False
    return True
