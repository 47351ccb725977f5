"""Settings of the Redis layer that cannot be used: each is named, and no secret is shown."""

from pathlib import Path
from typing import Any

import pytest

from penstock.base.errors import SettingsError
from penstock.channels import connect

SEALED = ["a secret"]


@pytest.mark.parametrize(
    ("setting", "options"),
    [
        ("encryption_keys", {"encryption_keys": 5}),
        ("encryption_keys", {"encryption_keys": None}),
        ("encryption_keys", {"encryption_keys": {"a": "secret"}}),
        ("name_key", {"encryption_keys": SEALED, "name_key": 5}),
        ("name_key", {"encryption_keys": SEALED, "name_key": None}),
        ("verify", {"verify": "no"}),
        ("verify", {"verify": None}),
        ("ca_file", {"ca_file": 5}),
        ("cert_file", {"cert_file": 7}),
        ("key_file", {"key_file": None}),
        ("shards", {"shards": 1001}),
    ],
)
def test_a_value_that_cannot_be_used_names_its_setting(setting: str, options: dict[str, Any]) -> None:
    for scheme in ("redis", "rediss"):
        with pytest.raises(SettingsError) as caught:
            connect(f"{scheme}://localhost", **options)
        assert caught.value.setting == setting
        assert "secret" not in str(caught.value).replace("list of secrets", "")


@pytest.mark.parametrize("text", ["hosts=redis://other:1", "encryption_keys=abc"])
def test_what_is_for_keywords_is_no_parameter_of_a_url(text: str) -> None:
    setting = text.partition("=")[0]
    with pytest.raises(SettingsError, match="cannot be a parameter of the URL") as caught:
        connect(f"redis://localhost:1?{text}")
    assert caught.value.setting == setting


def test_secrets_may_be_bytes_and_files_may_be_paths() -> None:
    connect("redis://localhost", encryption_keys=[b"one", "two"], name_key=b"of names")
    connect("rediss://localhost", ca_file=Path("/etc/ca.pem"))
