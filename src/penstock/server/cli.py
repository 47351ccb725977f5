"""`penstock`: the command line.

Whatever keeps the server from running ends in one line on the standard error, `penstock: error: ...`, and in
an exit code of its own (`ExitCode`). A failure in the user's code is shown above it, with its traceback.
"""

import importlib.metadata
import platform
import sys
import traceback
from typing import Any, NoReturn

import click

from penstock.base.errors import (
    ApplicationLoadError,
    BindError,
    LifespanFailed,
    PenstockError,
    SettingsError,
)
from penstock.base.version import VERSION
from penstock.server.application import load
from penstock.server.declaration import TLS
from penstock.server.exit_codes import ExitCode
from penstock.server.options import DeclaredOption, GroupedCommand, given_values
from penstock.server.settings import Settings, all_declarations
from penstock.server.variant import engine_variant

DECLARED = all_declarations()
CODES: dict[type[PenstockError], int] = {
    SettingsError: ExitCode.USAGE,
    ApplicationLoadError: ExitCode.APPLICATION,
    BindError: ExitCode.BIND,
    LifespanFailed: ExitCode.LIFESPAN,
}
INTERRUPTED = 130  # as shells call a process that SIGINT has ended
CONTEXT = {"help_option_names": ["-h", "--help"], "max_content_width": 100}


class CommandLine(click.Group):
    """A group whose errors are one line each."""

    def main(self, *args: Any, **extra: Any) -> NoReturn:
        try:
            code = super().main(*args, **extra | {"standalone_mode": False})
        except click.ClickException as error:
            code = _fail(_in_one_line(error), error.exit_code)
        except PenstockError as error:
            code = _explain(error)
        except (click.Abort, KeyboardInterrupt):
            code = INTERRUPTED
        sys.exit(code)


def _print_version(context: click.Context, parameter: click.Parameter, wanted: bool) -> None:
    if wanted:
        click.echo(version_line())
        context.exit()


@click.group(cls=CommandLine, no_args_is_help=False, context_settings=CONTEXT)
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_print_version,
    help="Show the versions of Penstock, Python and uvloop, and whether the engines are compiled.",
)
def main() -> None:
    """Penstock serves ASGI and WSGI applications over HTTP/1.1, HTTP/2 and WebSocket."""


@main.command(
    cls=GroupedCommand,
    context_settings=CONTEXT,
    params=[click.Argument(["target"]), *map(DeclaredOption, DECLARED.values())],
)
@click.pass_context
def run(context: click.Context, /, target: str, **values: Any) -> int:
    """Serve the application TARGET: module:app, module:object.attribute, module, or path/to/file.py[:app].

    Each option can also be given as an environment variable, --max-head-bytes as PENSTOCK_MAX_HEAD_BYTES; the
    command line wins. SIGTERM and SIGINT let what runs finish and end the server with exit code 0.
    """
    settings = Settings.build(**given_values(context, DECLARED))
    loaded = load(target, factory=settings.factory, app_dir=settings.app_dir, interface=settings.interface)
    from penstock.server.run import run as serve  # noqa: PLC0415  what --help and errors do not need

    serve(loaded.app, settings, name=loaded.name)
    return ExitCode.CLEAN


def version_line() -> str:
    """`penstock 1.2.3, CPython 3.13.1, engines compiled, uvloop 0.22.1`"""
    try:
        uvloop = importlib.metadata.version("uvloop")
    except importlib.metadata.PackageNotFoundError:
        uvloop = "not installed"
    python = f"{platform.python_implementation()} {platform.python_version()}"
    return f"penstock {VERSION}, {python}, engines {engine_variant()}, uvloop {uvloop}"


def _in_one_line(error: click.ClickException) -> str:
    context = error.ctx if isinstance(error, click.UsageError) else None
    see = f"; see {context.command_path} --help" if context else ""
    return error.format_message().rstrip(".") + see


def _explain(error: PenstockError) -> int:
    """Say what is wrong, in the words of the command line, and return the exit code."""
    code = CODES.get(type(error), ExitCode.UNEXPECTED)
    if isinstance(error, ApplicationLoadError) and error.__cause__ is not None:
        traceback.print_exception(error.__cause__)
    if isinstance(error, LifespanFailed):
        return _fail(f"the application did not start: {error}", code)
    if not isinstance(error, SettingsError) or error.setting not in DECLARED:
        return _fail(str(error), code)
    declared = DECLARED[error.setting]
    return _fail(f"{declared.option}: {error.problem}", ExitCode.TLS if declared.group == TLS else code)


def _fail(problem: str, code: int) -> int:
    click.echo(f"penstock: error: {' '.join(problem.splitlines())}", err=True)
    return code
