"""What a `Settings` promises: whoever holds one holds values that can be used."""

import dataclasses
import re
from enum import IntEnum, StrEnum
from pathlib import Path

import pytest

from penstock.adapters import WsgiSettings
from penstock.base.errors import SettingsError
from penstock.base.limits import Limits
from penstock.server.declaration import GROUPS
from penstock.server.settings import Settings, all_declarations

MODULE = __file__  # a file that is surely there


def problem_of(**values: object) -> SettingsError:
    with pytest.raises(SettingsError) as caught:
        Settings.build(**values)
    return caught.value


def test_the_defaults_can_be_used() -> None:
    settings = Settings()
    assert settings.bind == ("127.0.0.1:8000",)
    assert settings.limits == Limits()


def test_build_takes_settings_and_limits_side_by_side() -> None:
    settings = Settings.build(max_head_bytes=1000, max_target_bytes=500, backlog=7)
    assert (settings.limits.max_head_bytes, settings.backlog) == (1000, 7)


def test_build_changes_only_the_named_limits_of_a_given_record() -> None:
    settings = Settings.build(limits=Limits(max_fields=7), max_trailer_bytes=9)
    assert (settings.limits.max_fields, settings.limits.max_trailer_bytes) == (7, 9)


def test_an_unknown_name_is_refused_with_the_nearest_known_one() -> None:
    problem = problem_of(max_haed_bytes=1)
    assert problem.setting == "max_haed_bytes"
    assert "did you mean max_head_bytes?" in problem.problem


def test_a_name_like_no_other_is_refused_with_a_pointer_to_the_list() -> None:
    assert "docs/options.md" in problem_of(zzzzzz=1).problem


def test_a_record_cannot_be_changed() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        Settings().backlog = 1  # type: ignore[misc]


@pytest.mark.parametrize(
    ("values", "setting", "problem"),
    [
        ({"backlog": "many"}, "backlog", "got 'many'; expected a whole number of connections"),
        ({"backlog": True}, "backlog", "got True"),
        ({"backlog": 1.5}, "backlog", "got 1.5"),
        ({"backlog": 0}, "backlog", "at least 1 connections"),
        ({"backlog": None}, "backlog", "got None"),
        ({"max_head_bytes": 1 << 60}, "max_head_bytes", "at most"),
        ({"max_fields": 1 << 40}, "max_fields", "at most"),
        ({"head_seconds": 0}, "head_seconds", "none switches it off"),
        ({"head_seconds": float("nan")}, "head_seconds", "got nan"),
        ({"head_seconds": float("inf")}, "head_seconds", "got inf"),
        ({"drain_seconds": -1}, "drain_seconds", "at least 0 seconds"),
        ({"drain_seconds": None}, "drain_seconds", "got None"),
        ({"deflate": 1}, "deflate", "expected true or false"),
        ({"uvloop": "yes"}, "uvloop", "expected true or false, or none"),
        ({"log_level": "loud"}, "log_level", "one of critical, error, warning, info, debug"),
        ({"interface": 3}, "interface", "one of auto, asgi3, asgi2"),
        ({"bind": ()}, "bind", "got no address"),
        ({"bind": ("",)}, "bind", "'' cannot be used"),
        ({"bind": ("127.0.0.1:http",)}, "bind", "the port is a number"),
        ({"bind": 8000}, "bind", "got 8000"),
        ({"bind": [8000]}, "bind", "got 8000"),
        ({"app_dir": "a\0b"}, "app_dir", "expected a text"),
        ({"unix_socket_mode": 660}, "unix_socket_mode", "got 0o1224; expected at most 0o777"),
        ({"root_path": "api"}, "root_path", "a path like '/api'"),
        ({"root_path": "/api/"}, "root_path", "without '/' at its end"),
        ({"limits": {}}, "limits", "penstock.Limits"),
        ({"certfile": "/no/such.pem"}, "certfile", "there is no file '/no/such.pem'"),
        ({"certfile": MODULE, "keyfile": "/no/key.pem"}, "keyfile", "there is no file '/no/key.pem'"),
        ({"keyfile": MODULE}, "keyfile", "without certfile"),
        ({"verify_client": "optional"}, "verify_client", "without certfile"),
        ({"ca_certs": MODULE}, "ca_certs", "without certfile"),
        ({"certfile": MODULE, "verify_client": "required"}, "verify_client", "give --ca-certs"),
        ({"certfile": MODULE, "verify_client": "optional"}, "verify_client", "give --ca-certs"),
        ({"headers": "no colon"}, "headers", "expected 'name: value'"),
        ({"headers": "a b: c"}, "headers", "expected 'name: value'"),
        ({"headers": "x: a\r\nset-cookie: b"}, "headers", "control characters"),
        ({"headers": "x: \N{SNOWMAN}"}, "headers", "Latin-1"),
        ({"headers": "Content-Length: 3"}, "headers", "leave it to the server"),
        ({"headers": "Server: mine"}, "headers", "--no-server-header"),
        ({"headers": "date: now"}, "headers", "--no-date-header"),
    ],
)
def test_a_value_that_cannot_be_used_is_refused_by_name(
    values: dict[str, object], setting: str, problem: str
) -> None:
    refused = problem_of(**values)
    assert refused.setting == setting
    assert problem in refused.problem


def test_the_limits_of_a_whole_record_are_checked_too() -> None:
    with pytest.raises(SettingsError, match="max_fields: got 0"):
        Settings(limits=Limits(max_fields=0))


def test_none_switches_an_optional_limit_off() -> None:
    assert Settings.build(head_seconds=None).limits.head_seconds is None


def test_one_address_may_come_without_a_list() -> None:
    assert Settings(bind="unix:/run/app.sock").bind == ("unix:/run/app.sock",)  # type: ignore[arg-type]


def test_a_path_object_is_stored_as_text() -> None:
    assert Settings.build(certfile=Path(MODULE)).certfile == MODULE


def test_default_fields_are_lower_cased_latin_1() -> None:
    settings = Settings.build(headers=["X-Frame-Options:  DENY ", ("x-name", "Zoë")])
    assert settings.default_fields() == ((b"x-frame-options", b"DENY"), (b"x-name", b"Zo\xeb"))


def test_the_server_field_can_be_replaced_when_ours_is_off() -> None:
    settings = Settings.build(server_header=False, headers="Server: mine")
    assert settings.default_fields() == ((b"server", b"mine"),)


def test_a_password_is_in_no_message_and_no_representation() -> None:
    settings = Settings.build(certfile=MODULE, keyfile_password="hunter2")
    assert "hunter2" not in repr(settings)
    assert "hunter2" not in str(problem_of(keyfile_password=["hunter2"]))


def test_every_setting_says_its_group_and_what_it_is() -> None:
    for each in all_declarations().values():
        assert each.group in GROUPS, each.name
        assert each.help or each.why, each.name


def test_every_number_has_a_unit() -> None:
    for each in all_declarations().values():
        if each.plain_type in {int, float}:
            units = "bytes|seconds|bytes a second|connections|requests|fields|octal|threads"
            assert re.fullmatch(units + "|streams|continuations|frames|resets", each.unit)


def test_no_setting_is_declared_twice() -> None:
    ours = {each.name for each in dataclasses.fields(Settings)}
    theirs = {each.name for each in dataclasses.fields(Limits)}
    assert not ours & theirs
    options = [each.option for each in all_declarations().values()]
    assert len(options) == len(set(options))


def test_settings_of_wsgi_applications_have_a_prefix() -> None:
    settings = Settings.build(wsgi_threads=4, wsgi_waiting_seconds=2.5)
    assert (settings.wsgi.threads, settings.wsgi.waiting_seconds) == (4, 2.5)
    assert settings.wsgi.max_fields == WsgiSettings().max_fields


@pytest.mark.parametrize("name", ["wsgi_threads", "wsgi_waiting_seconds"])
def test_a_bad_setting_of_wsgi_applications_is_named_as_it_was_given(name: str) -> None:
    assert problem_of(**{name: -1}).setting == name
    assert problem_of(**{name: "many"}).setting == name


def test_wsgi_settings_are_a_record() -> None:
    assert problem_of(wsgi={"threads": 4}).setting == "wsgi"


def test_settings_of_enumerations_are_kept_as_plain_values() -> None:
    class Http(StrEnum):
        ONE = "1"

    class Bytes(IntEnum):
        FEW = 1000

    built = Settings.build(http=Http.ONE, root_path=Http.ONE.join(("/", "")), backlog=Bytes.FEW)
    kept = built.http, built.root_path, built.backlog
    assert [type(each) for each in kept] == [str, str, int]
    assert (built.http, built.backlog) == ("1", 1000)


@pytest.mark.parametrize("seconds", [10**400, -(10**5000)], ids=["large", "small"])
def test_numbers_of_any_length_are_refused_by_name(seconds: int) -> None:
    with pytest.raises(SettingsError, match="drain_seconds: got a number of many digits"):
        Settings.build(drain_seconds=seconds)
