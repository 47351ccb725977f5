"""The command line: its help, how options become settings, and how it says what is wrong."""

import platform
import re
import subprocess
import sys
from typing import Any

import pytest
from click.testing import CliRunner, Result

from penstock.base.errors import SettingsError
from penstock.base.version import VERSION
from penstock.server.cli import main, run
from penstock.server.declaration import GROUPS
from penstock.server.exit_codes import ExitCode
from penstock.server.options import given_values
from penstock.server.settings import Settings, all_declarations


def penstock(*words: str, variables: dict[str, str] | None = None) -> Result:
    return CliRunner().invoke(main, words, env=variables, prog_name="penstock")


def settings_of(*words: str) -> Settings:
    """The settings that `penstock run app:app` is given with these options."""
    context = run.make_context("run", ["app:app", *words])
    return Settings.build(**given_values(context, all_declarations()))


# Help and version.


def test_the_version_tells_the_variant_python_and_uvloop() -> None:
    result = penstock("--version")
    assert result.exit_code == 0
    version = f"penstock {re.escape(VERSION)}, {platform.python_implementation()} {platform.python_version()}"
    assert re.fullmatch(
        version + r", engines (compiled|pure), uvloop ([\d.]+|not installed)\n", result.output
    )


@pytest.mark.parametrize("word", ["-h", "--help"])
def test_help_names_the_command(word: str) -> None:
    result = penstock(word)
    assert result.exit_code == 0
    assert "run" in result.output


def test_help_shows_every_option_with_unit_and_default_in_its_group() -> None:
    text = CliRunner().invoke(main, ["run", "--help"], prog_name="penstock", terminal_width=400).output
    sections = dict(re.findall(r"^(\w[^\n]*):\n((?:  [^\n]*\n)+)", text, re.MULTILINE))
    assert [title for title in sections if title in GROUPS] == list(GROUPS)
    for each in all_declarations().values():
        rows = [" ".join(row.split()) for row in re.split(r"\n  (?=-)", "\n" + sections[each.group])]
        row = next(row for row in rows if row.startswith(f"{each.option} "))
        assert each.sentence in row
        assert each.secret or f"[default: {each.default_text}" in row
        if each.unit and each.unit not in {"bytes a second", "name: value"}:
            assert each.unit.replace(" ", "_").upper() in row


def test_a_switch_has_both_its_halves_in_the_help() -> None:
    assert "--access-log / --no-access-log" in penstock("run", "--help").output


# From words to settings.


def test_without_options_the_defaults_stand() -> None:
    assert settings_of() == Settings()


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["--bind", "127.0.0.1:1", "--bind", "unix:/a b"], {"bind": ("127.0.0.1:1", "unix:/a b")}),
        (["--header", "X-A: b c", "--header", "X-B: d"], {"headers": ("X-A: b c", "X-B: d")}),
        (["--no-access-log", "--no-date-header"], {"access_log": False, "date_header": False}),
        (["--uvloop"], {"uvloop": True}),
        (["--no-uvloop"], {"uvloop": False}),
        (["--unix-socket-mode", "600"], {"unix_socket_mode": 0o600}),
        (["--drain-seconds", "1.5"], {"drain_seconds": 1.5}),
        (["--cancel-on-disconnect-seconds", "2"], {"cancel_on_disconnect_seconds": 2.0}),
        (["--max-head-bytes", "1000"], {"max_head_bytes": 1000}),
        (["--head-seconds", "none"], {"head_seconds": None}),
        (["--no-deflate"], {"deflate": False}),
        (["--interface", "asgi2", "--lifespan", "off"], {"interface": "asgi2", "lifespan": "off"}),
        (["--access-log-format", "json"], {"access_log_format": "json"}),
    ],
)
def test_options_become_settings(words: list[str], expected: dict[str, Any]) -> None:
    assert settings_of(*words) == Settings.build(**expected)


def test_environment_variables_stand_in_for_options(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "PENSTOCK_BIND": "127.0.0.1:1 [::1]:1",
        "PENSTOCK_HEADER": "X-A: b c\nX-B: d",
        "PENSTOCK_ACCESS_LOG": "false",
        "PENSTOCK_UVLOOP": "0",
        "PENSTOCK_MAX_HEAD_BYTES": "1000",
        "PENSTOCK_HEAD_SECONDS": "none",
    }.items():
        monkeypatch.setenv(name, value)
    assert settings_of() == Settings.build(
        bind=("127.0.0.1:1", "[::1]:1"),
        headers=("X-A: b c", "X-B: d"),
        access_log=False,
        uvloop=False,
        max_head_bytes=1000,
        head_seconds=None,
    )


def test_the_command_line_wins_over_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PENSTOCK_BACKLOG", "5")
    assert settings_of("--backlog", "6").backlog == 6


def test_every_option_takes_its_own_default() -> None:
    words: list[str] = []
    for each in all_declarations().values():
        if isinstance(each.default, bool):
            words.append(each.option if each.default else each.option.replace("--", "--no-", 1))
        elif each.plain_type is not bool and not each.repeated and each.default != "":
            words += [each.option, each.default_text]
    settings = settings_of(*words)
    assert settings == Settings(keyfile_password=settings.keyfile_password)


# What is wrong, in one line.


@pytest.mark.parametrize(
    ("words", "code", "problem"),
    [
        ([], ExitCode.USAGE, "Missing command; see penstock --help"),
        (["fly"], ExitCode.USAGE, "No such command 'fly'; see penstock --help"),
        (["run"], ExitCode.USAGE, "Missing argument 'TARGET'; see penstock run --help"),
        (["run", "app:app", "--backlgo", "5"], ExitCode.USAGE, "--backlog"),
        (
            ["run", "app:app", "--backlog", "many"],
            ExitCode.USAGE,
            "--backlog: got 'many'; expected a whole number",
        ),
        (["run", "app:app", "--backlog", "none"], ExitCode.USAGE, "--backlog: got 'none'"),
        (["run", "app:app", "--backlog", "0"], ExitCode.USAGE, "--backlog: got 0; expected at least 1"),
        (["run", "app:app", "--unix-socket-mode", "rw"], ExitCode.USAGE, "permissions in octal, such as 660"),
        (
            ["run", "app:app", "--log-level", "loud"],
            ExitCode.USAGE,
            "--log-level: got 'loud'; expected one of",
        ),
        (["run", "app:app", "--header", "x"], ExitCode.USAGE, "--header: got 'x'; expected 'name: value'"),
        (["run", "app:app", "--bind", "a:b"], ExitCode.USAGE, "--bind: 'a:b' cannot be used"),
        (
            ["run", "app:app", "--access-log-format", "%(x)s"],
            ExitCode.USAGE,
            "--access-log-format: got the atom",
        ),
        (["run", "app:app", "--certfile", "no.pem"], ExitCode.TLS, "--certfile: there is no file 'no.pem'"),
        (["run", "app:app", "--verify-client", "required"], ExitCode.TLS, "--verify-client: given without"),
        (["run", "no_such_module"], ExitCode.APPLICATION, "there is no module 'no_such_module'"),
        (["run", "json:number"], ExitCode.APPLICATION, "there is no 'number' in module 'json'"),
        (["run", "json:__name__"], ExitCode.APPLICATION, "json:__name__ is a str, which cannot be called"),
    ],
)
def test_an_error_is_one_line_with_an_exit_code_of_its_kind(
    words: list[str], code: int, problem: str
) -> None:
    result = penstock(*words)
    assert result.exit_code == code
    assert result.output.startswith("penstock: error: ")
    assert result.output.count("\n") == 1
    assert problem in result.output


def test_errors_leave_the_standard_output_alone() -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "penstock", "fly"], capture_output=True, text=True, check=False
    )
    assert (ran.returncode, ran.stdout) == (ExitCode.USAGE, "")
    assert ran.stderr.startswith("penstock: error: ")


def test_a_variable_that_cannot_be_used_is_an_error_too() -> None:
    result = penstock("run", "app:app", variables={"PENSTOCK_BACKLOG": "many"})
    assert (result.exit_code, "got 'many'" in result.output) == (ExitCode.USAGE, True)


def test_a_text_that_is_no_number_is_a_settings_error() -> None:
    with pytest.raises(
        SettingsError, match="head_seconds: got 'soon'; expected a number of seconds, or none"
    ):
        settings_of("--head-seconds", "soon")


def test_the_package_runs_as_a_module() -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "penstock", "--version"], capture_output=True, text=True, check=True
    )
    assert ran.stdout.startswith(f"penstock {VERSION}, ")
