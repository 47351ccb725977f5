"""The command line's options, made from the declarations of `Settings` and `Limits`.

An option has no default of its own: only what was given, on the command line or in the environment, is passed
on, and defaults stay where they are declared. Texts are read here; `Settings` judges the values.
"""

from collections.abc import Callable, Mapping
from typing import Any

import click
from click.core import ParameterSource

from penstock.base.errors import SettingsError
from penstock.server.checks import expected
from penstock.server.declaration import GROUPS, Declaration

GIVEN = {ParameterSource.COMMANDLINE, ParameterSource.ENVIRONMENT}


class Value(click.ParamType):  # type: ignore[type-arg]
    """Reads the text of one option; `none` means None where that is a value."""

    def __init__(self, declaration: Declaration) -> None:
        self.name = declaration.name
        self._declaration = declaration

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        declaration = self._declaration
        if declaration.optional and value == "none":
            return None
        try:
            return _reader(declaration)(value)
        except ValueError:
            problem = f"got {value!r}; expected {expected(declaration)}"
            raise SettingsError(declaration.name, problem) from None


class Lines(Value):
    """Several values stand on lines of an environment variable instead of between spaces."""

    envvar_list_splitter = "\n"


def _reader(declaration: Declaration) -> Callable[[str], Any]:
    if declaration.unit == "octal":
        return _octal
    return {int: int, float: float}.get(declaration.plain_type, str)


def _octal(text: str) -> int:
    return int(text, 8)


class DeclaredOption(click.Option):
    """The option of one declaration; its environment variable stands in where it is not given."""

    def __init__(self, declaration: Declaration) -> None:
        self.declaration = declaration
        flag = declaration.plain_type is bool
        name = declaration.option
        kind = Lines if declaration.unit == "name: value" else Value
        super().__init__(
            [f"{name}/--no-{name[2:]}" if flag else name, declaration.name],
            type=click.BOOL if flag else kind(declaration),
            default=None,
            multiple=declaration.repeated,
            envvar=declaration.variable,
            metavar=None if flag else _metavar(declaration),
            help=_help(declaration),
        )


class GroupedCommand(click.Command):
    """A command whose help shows each option in the group of its declaration."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        rows: dict[str, list[tuple[str, str]]] = {title: [] for title in (*GROUPS, "Help")}
        for parameter in self.get_params(ctx):
            row = parameter.get_help_record(ctx) if isinstance(parameter, click.Option) else None
            if row is not None:
                group = parameter.declaration.group if isinstance(parameter, DeclaredOption) else "Help"
                rows[group].append(row)
        for title, found in rows.items():
            with formatter.section(title):
                formatter.write_dl(found)


def given_values(context: click.Context, declared: Mapping[str, Declaration]) -> dict[str, Any]:
    """The settings that were given, by name."""
    return {name: context.params[name] for name in declared if context.get_parameter_source(name) in GIVEN}


def _metavar(declaration: Declaration) -> str:
    if declaration.choices:
        return "|".join(declaration.choices)
    unit = declaration.unit.upper().replace(" A ", "/") or "TEXT"
    return f"'{unit}'" if ":" in unit else unit.replace(" ", "_")


def _help(declaration: Declaration) -> str:
    facts = [] if declaration.secret else [f"default: {declaration.default_text}"]
    if declaration.optional and declaration.default is not None:
        facts.append("none switches it off")
    if declaration.answer:
        facts.append(f"beyond: {declaration.answer}")
    return declaration.sentence + (f".  [{'; '.join(facts)}]" if facts else ".")
