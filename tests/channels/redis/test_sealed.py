"""Encryption: what Redis gets to see, and what becomes of keys. test_sharded.py judges it as a whole."""

import itertools

import pytest
from tests.channels.redis.raw import everything
from tests.support.redis_server import RedisServer

from penstock.base.errors import SettingsError
from penstock.channels import connect

KEYS = ["the new secret", "the old secret"]


async def test_redis_sees_neither_names_nor_messages(server: RedisServer) -> None:
    url = f"redis://127.0.0.1:{server.port}?prefix=unseen"
    async with connect(url, encryption_keys=KEYS) as layer, connect(url, encryption_keys=KEYS) as other:
        channel = await layer.new_channel("whispering")
        for member in (channel, "confidential"):
            await layer.group_add("conspiracy", member)
            await layer.group_watch("conspiracy", member)
        await other.group_send("conspiracy", {"type": "secretive"})
        await other.send("confidential", {"type": "secretive"})
        await other.send_later("confidential", {"type": "secretive"}, 60)
        seen = await everything(server, "*")
        assert b"unseen" in seen
        for word in (b"whispering", b"conspiracy", b"confidential", b"secretive"):
            assert word not in seen


async def test_keys_are_rotated_one_by_one(server: RedisServer) -> None:
    url = f"redis://127.0.0.1:{server.port}?prefix=rotated"
    layers = [
        connect(url, encryption_keys=keys, name_key="of names")
        for keys in (["old"], ["old", "new"], ["new", "old"], ["new"])
    ]
    for earlier, later in itertools.pairwise(layers):
        for sender, reader in ((earlier, later), (later, earlier)):
            await sender.send("a", {"type": "test"})
            assert await reader.receive("a") == {"type": "test"}
    for layer in layers:
        await layer.close()


async def test_a_message_under_another_key_is_dropped_and_told(
    server: RedisServer, caplog: pytest.LogCaptureFixture
) -> None:
    url = f"redis://127.0.0.1:{server.port}?prefix=other"
    async with (
        connect(url, encryption_keys=["ours"], name_key="n") as layer,
        connect(url, encryption_keys=["theirs"], name_key="n") as stranger,
    ):
        await stranger.send("a", {"type": "theirs"})
        await layer.send("a", {"type": "ours"})
        assert await layer.receive("a") == {"type": "ours"}
    assert "encryption_keys" in caplog.text


def test_keys_that_are_no_list_of_secrets_are_refused() -> None:
    for wrong in ("one text", [""], [7]):
        with pytest.raises(SettingsError, match="encryption_keys"):
            connect("redis://", encryption_keys=wrong)
