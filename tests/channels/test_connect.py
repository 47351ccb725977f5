"""From a URL to a layer, and what is said of one that cannot be used."""

import re
from pathlib import Path

import pytest

from penstock.base.errors import SettingsError
from penstock.channels import connect
from penstock.channels.memory import MemoryLayer
from penstock.channels.settings import LayerSettings
from penstock.channels.url import parse_url


async def test_a_url_carries_messages() -> None:
    async with connect("memory://") as layer:
        await layer.group_add("room", name := await layer.new_channel())
        await layer.group_send("room", {"type": "chat.message", "text": "hi"})
        async for message in layer.messages(name):
            assert message == {"type": "chat.message", "text": "hi"}
            break


def test_parameters_are_settings() -> None:
    layer = connect("memory://?capacity=7&expiry=1.5&notices=false&policy=drop-oldest")
    assert isinstance(layer, MemoryLayer)
    settings = layer.settings
    assert (settings.capacity, settings.expiry, settings.notices, settings.policy) == (
        7,
        1.5,
        False,
        "drop-oldest",
    )


def test_keywords_go_before_parameters() -> None:
    assert connect("memory://?capacity=7", capacity=9).settings.capacity == 9


async def test_patterns_may_be_given_in_the_url() -> None:
    layer = connect("memory://?channel_capacity=small.*:1,mid.*:2")
    await layer.send("small.x", {})
    with pytest.raises(layer.ChannelFull):
        await layer.send("small.x", {})
    await layer.send("mid.x", {})
    await layer.send("mid.x", {})


@pytest.mark.parametrize(
    ("url", "setting", "expected"),
    [
        ("memory", "url", "redis://host:6379/0"),
        (5, "url", "memory://"),
        ("carrier-pigeon://", "url", "expected one of"),
        ("memory://host", "url", "takes no address"),
        ("memory://?capcity=7", "capcity", "did you mean capacity?"),
        ("memory://?colour=red", "colour", "it has "),
        ("memory://?capacity=many", "capacity", "a whole number"),
        ("memory://?expiry=long", "expiry", "a number"),
        ("memory://?notices=perhaps", "notices", "true or false"),
        ("memory://?capacity=0", "capacity", "1 at least"),
        ("memory://?clock=5", "clock", "no setting"),
        ("memory://?expiry=1e300", "expiry", "3153600000 at most"),
        ("memory://?expiry=inf", "expiry", "3153600000 at most"),
        ("memory://?expiry=nan", "expiry", "a number"),
        ("memory://?expiry=0.0001", "expiry", "0.001 at least"),
        ("memory://?lease_seconds=0.0001", "lease_seconds", "0.1 at least"),
        ("memory://?channel_capacity=a:99999999999999999", "channel_capacity", "many digits"),
        ("local:///run/a?path=/run/b", "path", "cannot be a parameter"),
        ("memory://?capacity=1&capacity=2", "capacity", "twice"),
        ("memory://?policy=shout", "policy", "drop-oldest"),
        ("memory://?channel_capacity=small", "channel_capacity", "glob:value"),
        ("memory://?channel_capacity=small:x", "channel_capacity", "a number of messages"),
        ("memory://?drop=2", "drop", "from 0 to 1"),
        ("redis://host:port/", "url", "1 to 65535"),
        ("redis://host:0/", "url", "1 to 65535"),
        ("redis://[::1", "url", "cannot be read"),
        (f"redis://host:{'1' * 5000}/", "url", "1 to 65535"),
        (f"memory://?channel_capacity=a:{'1' * 5000}", "channel_capacity", "a number of messages"),
        ("redis://:pass#word@host", "url", "%23"),
    ],
)
def test_a_url_that_cannot_be_used_names_the_setting(url: str, setting: str, expected: str) -> None:
    with pytest.raises(SettingsError, match=re.escape(expected)) as caught:
        connect(url)
    assert caught.value.setting == setting


@pytest.mark.parametrize(
    ("setting", "value", "expected"),
    [
        ("clock", 5, "call_at"),
        ("expiry", 10**400, "3153600000 at most"),
        ("expiry", -(10**400), "0.001 at least"),
        ("capacity", 10**30, "at most"),
        ("notices", "yes", "true or false"),
    ],
)
def test_a_keyword_that_cannot_be_used_is_named(setting: str, value: object, expected: str) -> None:
    for url in ("memory://", "local:///run/app.sock"):
        with pytest.raises(SettingsError, match=re.escape(expected)) as caught:
            connect(url, **{setting: value})
        assert caught.value.setting == setting


def test_a_seed_may_be_as_large_as_one_likes() -> None:
    connect("memory://", seed=2**64)


def test_a_package_may_bring_a_scheme_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "pigeons.py").write_text(
        "from penstock.channels.memory import MemoryLayer\n\nclass PigeonLayer(MemoryLayer):\n    pass\n"
    )
    installed = tmp_path / "pigeons-1.0.dist-info"
    installed.mkdir()
    (installed / "METADATA").write_text("Metadata-Version: 2.1\nName: pigeons\nVersion: 1.0\n")
    (installed / "entry_points.txt").write_text("[penstock.channel_layers]\npigeon = pigeons:PigeonLayer\n")
    monkeypatch.syspath_prepend(tmp_path)
    assert type(connect("pigeon://?capacity=3")).__name__ == "PigeonLayer"


def test_a_url_is_taken_apart() -> None:
    url = parse_url("redis://me:p%40ss@one:6379,two,[::1]:7000/0?prefix=chat")
    assert url.hosts == (("one", 6379), ("two", None), ("::1", 7000))
    assert (url.scheme, url.path, url.username, url.password) == ("redis", "/0", "me", "p@ss")
    assert url.parameters == {"prefix": "chat"}
    assert parse_url("local:///run/app%20one.sock").path == "/run/app one.sock"
    assert parse_url("redis://:secret@host").username is None


def test_a_password_is_not_shown() -> None:
    assert "secret" not in repr(parse_url("redis://me:secret@host"))


def test_settings_are_made_of_keywords_and_checked() -> None:
    with pytest.raises(SettingsError, match="whole number"):
        LayerSettings.build(capacity=1.5)
    with pytest.raises(SettingsError, match="a dict of patterns"):
        LayerSettings.build(channel_capacity=[1])
    with pytest.raises(SettingsError, match="glob or a compiled"):
        LayerSettings.build(channel_capacity={re.compile(b"bytes"): 1})
