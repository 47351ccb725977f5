"""Targets on the command line, the errors they end in, and what becomes ASGI 3."""

import asyncio
import functools
import itertools
import sys
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from penstock.adapters import WsgiToAsgi
from penstock.base.errors import ApplicationLoadError
from penstock.server.application import Loaded, adapt, interface_of, load

APP = """
async def app(scope, receive, send): ...
async def application(scope, receive, send): ...
class holder:
    class inner:
        async def app(scope, receive, send): ...
number = 5
"""
FACTORY = """
async def made(scope, receive, send): ...
def create_app(): return made
async def create_late(): return made
def create_from(settings): return made
def create_none(): return None
def create_badly(): raise ZeroDivisionError("in the factory")
"""

Write = Callable[[str], str]
NUMBERS = itertools.count()


@pytest.fixture
def write(tmp_path: Path) -> Iterator[Write]:
    """Puts a module with that source into `tmp_path` and returns its name, which no other test has."""
    path, modules = list(sys.path), set(sys.modules)

    def write(source: str) -> str:
        name = f"users_module_{next(NUMBERS)}"
        (tmp_path / f"{name}.py").write_text(source)
        return name

    yield write
    sys.path[:] = path
    for name in set(sys.modules) - modules:
        if name.startswith("users_"):
            del sys.modules[name]


def failure_of(target: str, **options: Any) -> ApplicationLoadError:
    with pytest.raises(ApplicationLoadError) as caught:
        load(target, **options)
    assert "\n" not in str(caught.value)
    return caught.value


def found(loaded: Loaded) -> tuple[str, str]:
    return loaded.app.__qualname__, loaded.name


def test_a_module_and_an_attribute_name_an_application(tmp_path: Path, write: Write) -> None:
    name = write(APP)
    assert found(load(f"{name}:application", app_dir=str(tmp_path))) == ("application", f"{name}:application")


def test_a_dotted_attribute_is_followed(tmp_path: Path, write: Write) -> None:
    name = write(APP)
    loaded = load(f"{name}:holder.inner.app", app_dir=str(tmp_path))
    assert found(loaded) == ("holder.inner.app", f"{name}:holder.inner.app")


def test_a_module_alone_means_its_app(tmp_path: Path, write: Write) -> None:
    name = write(APP)
    assert found(load(name, app_dir=str(tmp_path))) == ("app", f"{name}:app")


def test_a_module_alone_without_app_means_its_application(tmp_path: Path, write: Write) -> None:
    name = write("async def application(scope, receive, send): ...")
    assert found(load(name, app_dir=str(tmp_path))) == ("application", f"{name}:application")


@pytest.mark.parametrize(("attribute", "expected"), [("", "app"), (":application", "application")])
def test_a_file_can_be_named_by_its_path(tmp_path: Path, write: Write, attribute: str, expected: str) -> None:
    name = write(APP)
    assert load(f"{tmp_path / name}.py{attribute}").name == f"{name}:{expected}"


def test_a_file_imports_its_neighbours(tmp_path: Path, write: Write) -> None:
    neighbour = write(APP)
    name = write(f"from {neighbour} import app")
    assert load(f"{tmp_path / name}.py").name == f"{name}:app"


def test_a_file_in_a_package_keeps_its_relative_imports(tmp_path: Path, write: Write) -> None:
    package = tmp_path / "users_package" / "web"
    package.mkdir(parents=True)
    for folder in (package, package.parent):
        (folder / "__init__.py").touch()
    (package / "parts.py").write_text(APP)
    (package / "main.py").write_text("from .parts import app")
    assert load(str(package / "main.py")).name == "users_package.web.main:app"


def test_a_file_whose_name_is_another_module_is_refused(tmp_path: Path, write: Write) -> None:
    (tmp_path / "json.py").write_text(APP)
    assert "rename the file" in str(failure_of(str(tmp_path / "json.py")))


def test_a_file_that_is_not_there_is_named() -> None:
    assert "there is no file './no/such.py'" in str(failure_of("./no/such.py:app"))


def test_the_folder_of_the_application_comes_first_in_the_import_path(tmp_path: Path, write: Write) -> None:
    load(write(APP), app_dir=str(tmp_path))
    assert sys.path[0] == str(tmp_path.resolve())


def test_a_module_that_is_not_there_is_named(tmp_path: Path) -> None:
    failure = failure_of("no_such_module:app", app_dir=str(tmp_path))
    assert f"there is no module 'no_such_module'; looked in {tmp_path.resolve()}" in str(failure)


def test_a_missing_part_of_a_dotted_module_is_named(write: Write) -> None:
    assert "there is no module 'email.no_such'" in str(failure_of("email.no_such:app"))


def test_a_missing_import_inside_the_application_is_not_taken_for_the_application(
    tmp_path: Path, write: Write
) -> None:
    name = write("import no_such_library")
    failure = failure_of(name, app_dir=str(tmp_path))
    expected = f"'{name}' cannot be imported: ModuleNotFoundError: No module named 'no_such_library'"
    assert str(failure) == expected


def test_a_failing_import_shows_the_frames_of_the_users_code_only(tmp_path: Path, write: Write) -> None:
    inner = write("def fail(): raise ValueError('first line\\nsecond line')\nfail()")
    name = write(f"import {inner}")
    failure = failure_of(name, app_dir=str(tmp_path))
    assert str(failure) == f"'{name}' cannot be imported: ValueError: first line"
    frames = traceback.extract_tb(failure.__cause__.__traceback__ if failure.__cause__ else None)
    files = [Path(frame.filename).name for frame in frames if "importlib" not in frame.filename]
    assert files == [f"{name}.py", f"{inner}.py", f"{inner}.py"]
    assert "importlib" not in frames[0].filename


def test_a_syntax_error_shows_its_line_and_no_frames(tmp_path: Path, write: Write) -> None:
    name = write("def broken(:\n")
    failure = failure_of(name, app_dir=str(tmp_path))
    shown = "".join(traceback.format_exception(failure.__cause__))
    assert f"{name}.py" in shown
    assert "importlib" not in shown


def test_a_module_that_exits_is_an_application_that_cannot_be_imported(tmp_path: Path, write: Write) -> None:
    name = write("import sys; sys.exit(3)")
    assert "SystemExit: 3" in str(failure_of(name, app_dir=str(tmp_path)))


def test_a_missing_attribute_is_named_with_its_neighbours(tmp_path: Path, write: Write) -> None:
    name = write(APP)
    failure = failure_of(f"{name}:aplication", app_dir=str(tmp_path))
    assert str(failure) == f"there is no 'aplication' in module '{name}'; did you mean application?"


def test_a_missing_attribute_of_an_object_names_the_object(tmp_path: Path, write: Write) -> None:
    name = write(APP)
    failure = failure_of(f"{name}:number.app", app_dir=str(tmp_path))
    assert f"there is no 'app' in an int in '{name}'" in str(failure)


@pytest.mark.parametrize(
    ("target", "problem"),
    [
        ("", "is not a module"),
        (":app", "is not a module"),
        ("some module:app", "is not a module"),
        ("module:a b", "'a b' is not a name"),
        ("module:", "'' is not a name"),
        ("module:create_app()", "leave the brackets out and say --factory"),
    ],
)
def test_a_target_that_cannot_be_read_is_refused(target: str, problem: str) -> None:
    assert problem in str(failure_of(target))


def test_an_object_that_cannot_be_called_is_refused(tmp_path: Path, write: Write) -> None:
    name = write(APP)
    failure = failure_of(f"{name}:number", app_dir=str(tmp_path))
    assert f"{name}:number is an int, which cannot be called" in str(failure)


def test_a_factory_is_called_for_the_application(tmp_path: Path, write: Write) -> None:
    name = write(FACTORY)
    loaded = load(f"{name}:create_app", factory=True, app_dir=str(tmp_path))
    assert found(loaded) == ("made", f"{name}:create_app")


def test_a_module_alone_means_its_create_app_when_a_factory_is_wanted(tmp_path: Path, write: Write) -> None:
    assert found(load(write(FACTORY), factory=True, app_dir=str(tmp_path)))[0] == "made"


@pytest.mark.parametrize(
    ("attribute", "problem"),
    [
        ("create_late", "is an async function"),
        ("create_from", "needs arguments"),
        ("create_none", "is None, which cannot be called"),
        ("create_badly", "ZeroDivisionError: in the factory"),
    ],
)
def test_a_factory_that_makes_no_application_is_refused(
    tmp_path: Path, write: Write, attribute: str, problem: str
) -> None:
    name = write(FACTORY)
    assert problem in str(failure_of(f"{name}:{attribute}", factory=True, app_dir=str(tmp_path)))


def test_a_failing_factory_shows_the_frames_of_the_users_code_only(tmp_path: Path, write: Write) -> None:
    name = write(FACTORY)
    cause = failure_of(f"{name}:create_badly", factory=True, app_dir=str(tmp_path)).__cause__
    frames = traceback.extract_tb(cause.__traceback__ if cause else None)
    assert [frame.name for frame in frames] == ["create_badly"]


def test_a_forgotten_factory_option_is_guessed(tmp_path: Path, write: Write) -> None:
    name = write(FACTORY)
    assert "say --factory" in str(failure_of(f"{name}:create_app", app_dir=str(tmp_path)))


# The two interfaces, told apart as asgi_027 says.


async def answer(scope: Any, receive: Any, send: Any) -> None:
    await send({"scope": scope["type"], "heard": await receive()})


class SingleCallable:
    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await answer(scope, receive, send)

    async def method(self, scope: Any, receive: Any, send: Any) -> None:
        await answer(scope, receive, send)

    def plain(self, scope: Any, receive: Any, send: Any) -> Any:
        return answer(scope, receive, send)


class AwaitableEndpoint:
    """ASGI 3 as a class: calling it with all three gives something to await."""

    def __init__(self, scope: Any, receive: Any, send: Any) -> None:
        self._answering = answer(scope, receive, send)

    def __await__(self) -> Any:
        return self._answering.__await__()


class DoubleCallable:
    def __init__(self, scope: Any) -> None:
        self.scope = scope

    async def __call__(self, receive: Any, send: Any) -> None:
        await answer(self.scope, receive, send)


def double_function(scope: Any) -> Any:
    return functools.partial(answer, scope)


def hides_the_coroutine(scope: Any, receive: Any, send: Any) -> Any:
    return answer(scope, receive, send)


@functools.wraps(answer)
def wrapped(*args: Any) -> Any:
    return answer(*args)


async def with_more(extra: int, scope: Any, receive: Any, send: Any) -> None:
    await answer(scope, receive, send)


def takes_anything(*args: Any) -> Any:
    return answer(*args)


def marked_double(*args: Any) -> Any:
    return DoubleCallable(*args)


marked_double._asgi_double_callable = True  # type: ignore[attr-defined]


def marked_single(*args: Any) -> Any:
    return answer(*args)


marked_single._asgi_single_callable = True  # type: ignore[attr-defined]


def heard_by(app: Any, interface: str = "auto") -> list[Any]:
    """What the application sends when it is called as ASGI 3."""
    sent: list[Any] = []

    async def receive() -> Any:
        return "something"

    async def send(message: Any) -> None:
        sent.append(message)

    async def call() -> None:
        await adapt(app, interface_of(app, interface))({"type": "http"}, receive, send)

    asyncio.run(call())
    return sent


@pytest.mark.parametrize(
    "app",
    [
        answer,
        SingleCallable(),
        SingleCallable().method,
        SingleCallable().plain,
        functools.partial(with_more, 1),
        functools.partial(answer),
        hides_the_coroutine,
        wrapped,
        AwaitableEndpoint,
        marked_single,
        DoubleCallable,
        double_function,
        functools.partial(double_function),
        marked_double,
    ],
)
def test_asgi_027_applications_of_both_interfaces_are_told_apart(app: Any) -> None:
    assert heard_by(app) == [{"scope": "http", "heard": "something"}]


def test_asgi_026_a_double_callable_is_instantiated_before_it_is_awaited() -> None:
    steps = []

    def app(scope: Any) -> Any:
        steps.append("scope")
        return functools.partial(answer, scope)

    adapted = adapt(app, interface_of(app))
    assert steps == []
    asyncio.run(_with_nothing(adapted))
    assert steps == ["scope"]


async def _with_nothing(app: Any) -> None:
    async def receive() -> None: ...
    async def send(message: Any) -> None: ...

    await app({"type": "http"}, receive, send)


def test_the_interface_option_overrules_what_a_callable_looks_like() -> None:
    assert heard_by(takes_anything, "asgi3") == [{"scope": "http", "heard": "something"}]
    assert heard_by(DoubleCallable, "asgi2") == [{"scope": "http", "heard": "something"}]


def test_an_asgi_3_application_is_called_without_anything_in_between() -> None:
    assert adapt(answer, interface_of(answer)) is answer


def test_a_wsgi_application_is_recognised_by_its_two_arguments() -> None:
    def wsgi(environ: Any, start_response: Any) -> Any: ...

    assert interface_of(wsgi) == "wsgi"
    assert isinstance(adapt(wsgi, "wsgi"), WsgiToAsgi)


def test_what_hides_its_arguments_is_wsgi_when_the_user_says_so() -> None:
    def decorated(*args: Any) -> Any: ...

    assert interface_of(decorated, "wsgi") == "wsgi"


def test_an_async_function_is_no_wsgi_application_whatever_the_user_says() -> None:
    with pytest.raises(ApplicationLoadError, match="async function"):
        interface_of(answer, "wsgi")


def test_a_class_that_needs_no_arguments_is_taken_for_a_factory() -> None:
    with pytest.raises(ApplicationLoadError, match="needs no arguments; is it a factory"):
        interface_of(SingleCallable)


def test_a_function_of_another_kind_is_refused() -> None:
    async def four(a: Any, b: Any, c: Any, d: Any) -> None: ...

    with pytest.raises(ApplicationLoadError, match=r"expected \(scope, receive, send\).*--interface"):
        interface_of(four)
