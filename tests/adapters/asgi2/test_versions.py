"""Telling ASGI 2 from ASGI 3, whatever an application is wrapped in."""

import functools
import types
from collections.abc import Callable
from typing import Any

import pytest
from asgiref.compatibility import is_double_callable

from penstock.adapters import as_asgi2, as_asgi3


async def single(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "seen", "path": scope["path"]})


class Double:
    """The class-based application of ASGI 2."""

    def __init__(self, scope: Any) -> None:
        self.scope = scope

    async def __call__(self, receive: Any, send: Any) -> None:
        await send({"type": "seen", "path": self.scope["path"]})


def plain(scope: Any, receive: Any, send: Any) -> Any:
    return single(scope, receive, send)


def double(scope: Any) -> Any:
    return functools.partial(single, scope)


class Objects:
    """Applications that are objects and methods."""

    async def single(self, scope: Any, receive: Any, send: Any) -> None:
        await single(scope, receive, send)

    def double(self, scope: Any) -> Any:
        return double(scope)

    @classmethod
    async def single_of_class(cls, scope: Any, receive: Any, send: Any) -> None:
        await single(scope, receive, send)


class SingleObject:
    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await single(scope, receive, send)


class DoubleObject:
    def __call__(self, scope: Any) -> Any:
        return double(scope)


class Endpoint:
    """A class that is called once, with everything, and awaited."""

    def __init__(self, scope: Any, receive: Any, send: Any) -> None:
        self.run = single(scope, receive, send)

    def __await__(self) -> Any:
        return self.run.__await__()


def decorated(app: Callable[..., Any]) -> Any:
    @functools.wraps(app)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        return app(*args, **kwargs)

    return wrapper


def undeclared(app: Callable[..., Any]) -> Any:
    """A decorator that says nothing of what it wraps."""

    def wrapper(*args: Any) -> Any:
        return app(*args)

    return wrapper


class DecoratedObject:
    @decorated
    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await single(scope, receive, send)

    @decorated
    def double(self, scope: Any) -> Any:
        return double(scope)


@functools.wraps(Double)
async def made_single(scope: Any, receive: Any, send: Any) -> None:
    """Says that it wraps an application of ASGI 2, and has made ASGI 3 of it."""
    await Double(scope)(receive, send)


def configured(greeting: str, scope: Any, receive: Any, send: Any) -> Any:
    return single(scope, receive, send)


def configured_by_name(scope: Any, receive: Any, send: Any, greeting: str) -> Any:
    return single(scope, receive, send)


def marked(app: Any, name: str, value: Any) -> Any:
    setattr(app, name, value)
    return app


SINGLE = {
    "function": single,
    "partial": functools.partial(single),
    "partial with an argument": functools.partial(configured, "hello"),
    "partial with a name": functools.partial(configured_by_name, greeting="hello"),
    "object": SingleObject(),
    "partial of an object": functools.partial(SingleObject()),
    "method": Objects().single,
    "class method": Objects.single_of_class,
    "decorated": decorated(single),
    "decorated twice": decorated(decorated(SingleObject())),
    "decorated method": DecoratedObject(),
    "partial of decorated": functools.partial(decorated(single)),
    "made of ASGI 2": made_single,
    "undeclared": undeclared(single),
    "plain function": plain,
    "awaitable class": Endpoint,
    "marked": marked(undeclared(single), "asgi_version", 3),
    "marked for asgiref": marked(undeclared(single), "_asgi_single_callable", True),
    "as_asgi3": as_asgi3(Double),
}
DOUBLE = {
    "class": Double,
    "function": double,
    "partial": functools.partial(Double),
    "object": DoubleObject(),
    "method": Objects().double,
    "decorated": decorated(Double),
    "decorated function": decorated(decorated(double)),
    "decorated method": DecoratedObject().double,
    "partial of decorated": functools.partial(decorated(Double)),
    "marked": marked(undeclared(Double), "asgi_version", 2),
    "partial of marked": functools.partial(marked(undeclared(Double), "asgi_version", 2)),
    "decorated marked": decorated(marked(undeclared(Double), "asgi_version", 2)),
    "marked for asgiref": marked(undeclared(Double), "_asgi_double_callable", True),
    "as_asgi2": as_asgi2(single),
}


def run(awaitable_of: Callable[[Any, Any], Any]) -> list[Any]:
    """Await an application without a loop; it waits for nothing."""
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> Any:
        raise AssertionError("nobody asked")

    async def whole() -> None:
        await awaitable_of(receive, send)

    with pytest.raises(StopIteration):
        whole().send(None)
    return sent


SEEN = [{"type": "seen", "path": "/a"}]


@pytest.mark.parametrize(
    "app", [*SINGLE.values(), *DOUBLE.values()], ids=[*SINGLE, *(f"2 {name}" for name in DOUBLE)]
)
def test_every_application_runs_as_asgi_3_and_as_asgi_2(app: Any):
    assert run(lambda receive, send: as_asgi3(app)({"path": "/a"}, receive, send)) == SEEN
    assert run(as_asgi2(app)({"path": "/a"})) == SEEN


@pytest.mark.parametrize("app", SINGLE.values(), ids=SINGLE)
def test_what_is_asgi_3_stays_as_it_is(app: Any):
    assert as_asgi3(app) is app


@pytest.mark.parametrize("app", DOUBLE.values(), ids=DOUBLE)
def test_what_is_asgi_2_stays_as_it_is(app: Any):
    assert as_asgi2(app) is app


def test_what_is_made_is_told_apart_by_asgiref_and_by_itself():
    assert not is_double_callable(as_asgi3(Double))
    assert is_double_callable(as_asgi2(single))
    assert as_asgi2(as_asgi3(Double))({"path": "/a"}) is not None


def test_a_marker_overrules_the_arguments():
    @functools.partial(marked, name="asgi_version", value=3)
    def one_argument(scope: Any) -> None: ...

    assert as_asgi3(one_argument) is one_argument


def test_an_application_of_asgi_3_is_told_its_version_where_the_server_does_not():
    seen: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen.append(scope)

    bare = {"path": "/a"}
    run(as_asgi2(app)(bare))
    told = {"path": "/a", "asgi": {"version": "2.0"}}
    run(as_asgi2(app)(told))
    assert seen[0] == {"path": "/a", "asgi": {"version": "3.0"}}
    assert (seen[1], bare) == (told, {"path": "/a"})


async def one_argument(scope: Any) -> None: ...


@pytest.mark.parametrize(
    ("app", "words"),
    [
        (None, "None cannot be called"),
        (lambda environ, start_response: [], r"takes \(environ, start_response\); expected"),
        (lambda: None, r"takes \(\)"),
        (one_argument, "async function of one argument"),
    ],
)
@pytest.mark.parametrize("adapt", [as_asgi2, as_asgi3])
def test_what_is_neither_is_refused_with_what_it_takes(adapt: Any, app: Any, words: str):
    with pytest.raises(TypeError, match=words):
        adapt(app)


def gives(thing: Any) -> Any:
    def app(scope: Any) -> Any:
        return thing

    return app


def answers(receive: Any, send: Any) -> str:
    return "an answer"


@pytest.mark.parametrize(
    ("app", "words"),
    [
        (gives(None), r"gives.*app.* gave NoneType None for its scope; expected a callable"),
        (gives("hello"), r"gave str 'hello' for its scope; expected a callable"),
        (gives(lambda receive, send: None), r"lambda.* of .*app.* gave NoneType None; expected an awaitable"),
        (gives(answers), r"answers.* gave str 'an answer'; expected an awaitable"),
    ],
)
def test_an_application_of_asgi_2_that_gives_something_else_is_told_what_was_expected(app: Any, words: str):
    with pytest.raises(TypeError, match=rf"{words} \(it is taken for ASGI 2: app\(scope\), then await"):
        as_asgi3(app)({"path": "/a"}, None, None)  # type: ignore[arg-type]


def test_an_instance_may_be_a_coroutine_made_of_a_generator():
    @types.coroutine
    def answer(receive: Any, send: Any) -> Any:
        yield from send({"type": "seen", "path": "/a"}).__await__()

    assert run(lambda receive, send: as_asgi3(gives(answer))({"path": "/a"}, receive, send)) == SEEN


def test_a_marker_that_is_neither_is_refused():
    with pytest.raises(ValueError, match=r"asgi_version is 4 on .*; expected 2 or 3"):
        as_asgi3(marked(undeclared(single), "asgi_version", 4))


def test_wrappers_in_a_circle_end():
    app = undeclared(single)
    app.__wrapped__ = app
    assert as_asgi3(app) is app
