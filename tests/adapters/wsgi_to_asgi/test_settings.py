"""The settings of the adapter are checked where they are made, and named in the error."""

from typing import Any

import pytest

from penstock import SettingsError
from penstock.adapters import WsgiSettings

COUNTS = ["threads", "max_fields", "read_ahead_bytes", "write_ahead_bytes"]


@pytest.mark.parametrize("name", COUNTS)
@pytest.mark.parametrize("value", [0, -1, 1.5, "8", None, True, 10**20])
def test_a_count_that_cannot_be_used_is_named(name: str, value: Any):
    with pytest.raises(SettingsError, match=f"^{name}: "):
        WsgiSettings(**{name: value})


@pytest.mark.parametrize("name", ["waiting_seconds", "shutdown_seconds"])
@pytest.mark.parametrize("value", [-1, "8", None, True, float("nan")])
def test_a_time_that_cannot_be_used_is_named(name: str, value: Any):
    with pytest.raises(SettingsError, match=f"^{name}: "):
        WsgiSettings(**{name: value})


def test_nobody_has_to_be_let_wait():
    assert WsgiSettings(max_waiting_requests=0, shutdown_seconds=0).max_waiting_requests == 0
