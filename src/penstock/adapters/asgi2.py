"""ASGI 2 and ASGI 3, either way round.

An ASGI 2 application is called twice, `app(scope)` and then `await instance(receive, send)`; an ASGI 3
application once. Which of them a callable is shows in the arguments that it takes, and that is asked first:
signatures survive `functools.partial`, bound methods, objects with `__call__` and compilers, where the sign
that others go by, a coroutine function, does not. A callable whose arguments tell nothing is taken for ASGI
3, unless it is a class. `asgi_version = 2` or `3` on the callable overrules everything; asgiref's markers
count as well.
"""

import inspect
from collections.abc import Awaitable, Callable, Iterator
from functools import partial
from types import CoroutineType, MethodType
from typing import Any, cast

from asgiref.sync import markcoroutinefunction

from penstock.adapters.shown import shown
from penstock.base.asgi import ASGI_VERSION, App, Receive, Scope, Send

DoubleApp = Callable[[Scope], Callable[[Receive, Send], Awaitable[None]]]
MARKER = "asgi_version"
TAKEN = "(it is taken for ASGI 2: app(scope), then await instance(receive, send))"
MAX_LAYERS = 100  # `__wrapped__` may lead round in a circle


def as_asgi3(app: Any, version: int | None = None) -> App:
    """`app` itself when it is ASGI 3, else an ASGI 3 application that calls it. `version` says what it is;
    without it that is found out, and raises as `asgi_version` does. A call raises TypeError where one of
    ASGI 2 gives something that cannot be called, or awaited.
    """
    if (version or asgi_version(app)) == 3:
        return cast(App, app)

    double_app = cast(DoubleApp, app)

    # No async function: a coroutine around the application's own is a fifth of what ASGI 2 costs a request.
    # Nor is asked first what mostly holds: 0.31 -> 0.26 us a call.
    def single(scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        instance = double_app(scope)
        try:
            running = instance(receive, send)
        except TypeError:
            if callable(instance):
                raise
            problem = f"{app!r} gave {shown(instance)} for its scope; expected a callable {TAKEN}"
            raise TypeError(problem) from None
        if type(running) is not CoroutineType and not inspect.isawaitable(running):
            raise TypeError(f"{instance!r} of {app!r} gave {shown(running)}; expected an awaitable {TAKEN}")
        return running

    return cast(App, _marked(single, 3))


def as_asgi2(app: Any) -> DoubleApp:
    """`app` itself when it is ASGI 2, else an ASGI 2 application that calls it. Raises as `asgi_version`."""
    if asgi_version(app) == 2:
        return cast(DoubleApp, app)

    single_app = cast(App, app)

    def double(scope: Scope) -> Callable[[Receive, Send], Awaitable[None]]:
        if "asgi" not in scope:  # servers of that age may leave it out, and ASGI 3 promises it
            scope = {**scope, "asgi": {"version": ASGI_VERSION}}

        # Daphne 2 gives them by their names, which ASGI does not fix: an application may have others.
        def instance(receive: Receive, send: Send) -> Awaitable[None]:
            return single_app(scope, receive, send)

        return instance

    return cast(DoubleApp, _marked(double, 2))


def asgi_version(app: Any) -> int:
    """2 or 3. Raises TypeError for what cannot be called in either way, ValueError for a marker that is
    neither.
    """
    if not callable(app):
        raise TypeError(f"{app!r} cannot be called; expected an ASGI application")
    for layer in _layers(app):
        version = _marked_version(layer) or _version_by_arguments(layer)
        if version:
            return version
    return 2 if inspect.isclass(app) and not hasattr(app, "__await__") else 3


def _marked(app: Any, version: int) -> Any:
    """With every sign that servers and asgiref go by."""
    setattr(app, MARKER, version)
    if version == 2:
        app._asgi_double_callable = True
        return app
    app._asgi_single_callable = True
    return markcoroutinefunction(app)


def _layers(app: Any) -> Iterator[Any]:
    """The callable, then what each decorator that used `functools.wraps` has wrapped.

    The outermost that tells anything decides: a decorator may make one version of the other.
    """
    maybe_layer = app
    for _ in range(MAX_LAYERS):
        if not callable(maybe_layer):
            return
        yield maybe_layer
        maybe_layer = _beneath(maybe_layer)


def _beneath(layer: Any) -> Any:
    """What is called with the same arguments further in, None for the innermost."""
    if isinstance(layer, partial):
        inner = getattr(layer.func, "__wrapped__", None)
        return None if inner is None else partial(inner, *layer.args, **layer.keywords)
    inner = getattr(layer, "__wrapped__", None)
    if isinstance(layer, MethodType):
        return None if inner is None else MethodType(inner, layer.__self__)
    if inner is None and isinstance(layer.__call__, MethodType):
        return layer.__call__
    return inner


def _marked_version(app: Any) -> int:
    """What a marker says, 0 without one. A partial shows the marker of its function."""
    while isinstance(app, partial) and not hasattr(app, MARKER):
        app = app.func
    version = getattr(app, MARKER, None)
    if version is not None:
        if version not in (2, 3):
            raise ValueError(f"{MARKER} is {version!r} on {app!r}; expected 2 or 3")
        return int(version)
    if getattr(app, "_asgi_single_callable", False):
        return 3
    return 2 if getattr(app, "_asgi_double_callable", False) else 0


def _version_by_arguments(app: Any) -> int:
    """2 for a callable of one argument, 3 for one of three, 0 when it takes either or does not show it."""
    try:
        signature = inspect.signature(app, follow_wrapped=False)
    except (TypeError, ValueError, NameError):  # the last from annotations that only type checkers can read
        return 0
    double, single = _binds(signature, 1), _binds(signature, 3)
    if not double and not single:
        raise TypeError(f"{app!r} takes {signature}; expected (scope, receive, send), or (scope) for ASGI 2")
    if double and not single and inspect.iscoroutinefunction(app):
        raise TypeError(f"{app!r} is an async function of one argument; expected (scope, receive, send)")
    return 0 if double == single else 2 if double else 3


def _binds(signature: inspect.Signature, count: int) -> bool:
    try:
        signature.bind(*range(count))
    except TypeError:
        return False
    return True
