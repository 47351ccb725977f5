"""From the target on the command line to the application, and from any kind of ASGI application to ASGI 3.

What goes wrong here is most often in the user's own files, so every error says what was looked for and where;
a failure inside those files carries their traceback as its cause, without the frames of Penstock and of the
import machinery.
"""

import difflib
import importlib
import inspect
import os
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType, TracebackType
from typing import Any

from penstock.adapters.asgi2 import as_asgi3, asgi_version
from penstock.adapters.detect_wsgi import is_wsgi
from penstock.adapters.wsgi.settings import WsgiSettings
from penstock.adapters.wsgi_to_asgi import WsgiToAsgi
from penstock.base.asgi import App
from penstock.base.errors import ApplicationLoadError

DOTTED_NAME = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)*")
USUAL_NAMES = ("app", "application")
USUAL_FACTORIES = ("create_app",)
MACHINERY = ("<frozen importlib", importlib.__file__, __file__)


@dataclass(frozen=True, slots=True)
class Loaded:
    """`app` is what was found; `adapt` makes ASGI 3 of it. `name` is `module:attribute`."""

    app: Any
    name: str


def load(target: str, *, factory: bool = False, app_dir: str = ".", interface: str = "auto") -> Loaded:
    """Import the application that `target` names: `module[:object.attribute]` or `path/to/file.py[:object]`.

    Without an attribute it is `app` or `application`, for a factory `create_app`. `app_dir` is put first in
    the import path and stays there. Raises ApplicationLoadError, also for what cannot be an application.
    """
    place, attribute = _split(target)
    _put_first(Path(app_dir))
    module = _import_file(place) if _is_file_name(place) else _import_module(place)
    names = [attribute] if attribute else list(USUAL_FACTORIES if factory else USUAL_NAMES)
    found, path = _look_up(module, names)
    name = f"{module.__name__}:{path}"
    if factory:
        found = _made_by(found, name)
    interface_of(found, interface, name)
    return Loaded(found, name)


def adapt(app: Any, interface: str, wsgi: WsgiSettings | None = None) -> App:
    """The ASGI 3 callable for `app`, whose `interface` is asgi3, asgi2 or wsgi."""
    if interface == "wsgi":
        return WsgiToAsgi(app, wsgi)
    return as_asgi3(app, version=2 if interface == "asgi2" else 3)


def interface_of(app: Any, interface: str = "auto", name: str = "the application") -> str:
    """asgi3, asgi2 or wsgi: what `interface` says, or what auto finds out. Raises ApplicationLoadError for
    what is none of them.
    """
    if not callable(app):
        raise ApplicationLoadError(f"{name} is {_kind(app)}, which cannot be called; expected an application")
    if interface == "wsgi" and inspect.iscoroutinefunction(app):
        raise ApplicationLoadError(f"{name} is an async function, which no WSGI application is")
    return _found_out(app, name) if interface == "auto" else interface


def _found_out(app: Callable[..., Any], name: str) -> str:
    if _takes(app, 0) and not _takes(app, 3):
        raise ApplicationLoadError(f"{name} needs no arguments; is it a factory? Then say --factory")
    if is_wsgi(app):
        return "wsgi"
    try:
        return f"asgi{asgi_version(app)}"
    except (TypeError, ValueError) as error:
        expected = "or (environ, start_response) for WSGI; --interface says which it is"
        raise ApplicationLoadError(f"{name} is no application: {error}, {expected}") from None


def _takes(call: Callable[..., Any], count: int) -> bool:
    """Whether it can be called with `count` arguments; what does not show its signature is believed to."""
    try:
        signature = inspect.signature(call)
    except (
        TypeError,
        ValueError,
        NameError,
    ):  # the last one from annotations that are only for type checkers
        return True
    try:
        signature.bind(*range(count))
    except TypeError:
        return False
    return True


def _split(target: str) -> tuple[str, str]:
    """The module or file, and the attribute or ''. The colon of a drive, as in `C:\\app.py`, is none."""
    place, colon, attribute = target.rpartition(":")
    if not colon or attribute.startswith(("\\", "/")):
        place, attribute = target, ""
    elif not DOTTED_NAME.fullmatch(attribute):
        hint = "; leave the brackets out and say --factory" if attribute.endswith("()") else ""
        raise ApplicationLoadError(f"{attribute!r} is not a name; expected module:attribute{hint}")
    if not _is_file_name(place) and not DOTTED_NAME.fullmatch(place):
        raise ApplicationLoadError(f"{place!r} is not a module; expected module:attribute or path/to/file.py")
    return place, attribute


def _is_file_name(place: str) -> bool:
    return place.endswith(".py") or os.sep in place or "/" in place


def _put_first(folder: Path) -> None:
    path = str(folder.resolve())
    if sys.path[:1] != [path]:
        sys.path.insert(0, path)


def _import_file(place: str) -> ModuleType:
    """A file is imported by its module name, so that its relative imports and its pickles work as usual."""
    file = Path(place).resolve()
    if not file.is_file():
        raise ApplicationLoadError(
            f"there is no file {place!r}; expected path/to/file.py or module:attribute"
        )
    names = [file.stem] if file.stem != "__init__" else []
    folder = file.parent
    while (folder / "__init__.py").is_file():
        names.insert(0, folder.name)
        folder = folder.parent
    _put_first(folder)
    module = _import_module(".".join(names))
    if Path(module.__file__ or "").resolve() != file:
        raise ApplicationLoadError(
            f"{place!r} cannot be imported: {module.__name__!r} is another module already; rename the file"
        )
    return module


def _import_module(name: str) -> ModuleType:
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name is not None and f"{name}.".startswith(f"{error.name}."):
            looked = f"looked in {sys.path[0]} and on the import path"
            raise ApplicationLoadError(f"there is no module {error.name!r}; {looked}") from None
        raise _users_failure(f"{name!r} cannot be imported", error) from error
    except (Exception, SystemExit) as error:  # the user's module may raise anything
        raise _users_failure(f"{name!r} cannot be imported", error) from error


def _look_up(module: ModuleType, paths: list[str]) -> tuple[Any, str]:
    """The first of the dotted `paths` that is there, and which it was."""
    problem = ""
    for path in paths:
        found: Any = module
        for part in path.split("."):
            if not hasattr(found, part):
                problem = problem or _missing(module, found, part)
                break
            found = getattr(found, part)
        else:
            return found, path
    raise ApplicationLoadError(problem)


def _missing(module: ModuleType, holder: Any, name: str) -> str:
    where = f"module {module.__name__!r}" if holder is module else f"{_kind(holder)} in {module.__name__!r}"
    near = difflib.get_close_matches(name, [each for each in dir(holder) if not each.startswith("_")])
    meant = f"; did you mean {' or '.join(near)}?" if near else "; expected module:attribute"
    return f"there is no {name!r} in {where}{meant}"


def _made_by(factory: Any, name: str) -> Any:
    if not callable(factory):
        raise ApplicationLoadError(f"{name} is {_kind(factory)}, which cannot be called; expected a factory")
    if inspect.iscoroutinefunction(factory):
        raise ApplicationLoadError(
            f"{name} is an async function; a factory is called before there is an event loop: make it a "
            "plain function, and await in the lifespan"
        )
    if not _takes(factory, 0):
        raise ApplicationLoadError(f"{name} needs arguments; a factory is called without any")
    try:
        return factory()
    except (Exception, SystemExit) as error:  # the user's factory may raise anything
        raise _users_failure(f"{name} failed", error) from error


def _kind(thing: Any) -> str:
    kind = type(thing).__name__
    return "None" if thing is None else f"{'an' if kind[0] in 'aeiouAEIOU' else 'a'} {kind}"


def _users_failure(what: str, error: BaseException) -> ApplicationLoadError:
    """The error to raise from `error`, whose traceback is cut to the user's part."""
    error.__traceback__ = _users_part(error.__traceback__)
    said = str(error).splitlines()
    return ApplicationLoadError(f"{what}: {type(error).__name__}{': ' + said[0] if said else ''}")


def _users_part(trace: TracebackType | None) -> TracebackType | None:
    while trace is not None and trace.tb_frame.f_code.co_filename.startswith(MACHINERY):
        trace = trace.tb_next
    return trace
