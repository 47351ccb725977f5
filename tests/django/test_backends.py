"""The layers by the names and with the keys that a project of Channels gives."""

import pytest
from asgiref.sync import async_to_sync
from channels.exceptions import ChannelFull, MessageTooLarge
from tests.support.redis_server import redis_server

import penstock.django
from penstock.base.errors import SettingsError
from penstock.django import (
    InMemoryChannelLayer,
    LocalChannelLayer,
    RedisChannelLayer,
    RedisPubSubChannelLayer,
)

HOSTS = (
    ["redis://localhost:6379/1"],
    "redis://localhost",
    [("localhost", 6379), ("localhost", 6380)],
    [{"address": "rediss://user:password@localhost:6379/0", "ssl_cert_reqs": None}],
    [{"address": ("localhost", 6379), "db": 2, "password": "password"}],
    [{"host": "localhost", "port": 6379}],
    [{"sentinels": [("localhost", 26379)], "master_name": "main", "sentinel_kwargs": {"password": "x"}}],
    ["unix:///run/redis.sock?db=1"],
    [("localhost", "6379")],
    [{"address": "redis://localhost:6379", "health_check_interval": 30, "retry_on_timeout": True}],
    ["redis://localhost:6379/0?socket_timeout=5&max_connections=10"],
    [],
    None,
)


@pytest.mark.parametrize("hosts", HOSTS)
def test_hosts_are_taken_in_all_forms_of_channels_redis(hosts: object) -> None:
    assert RedisChannelLayer(hosts=hosts).prefix == "asgi"
    assert RedisPubSubChannelLayer(hosts=hosts, on_disconnect="a.b").prefix == "asgi"


@pytest.mark.parametrize(
    "hosts", [5, [7], [{"address": 7}], [{"adress": "redis://a"}], ["http://a"], [("a",)]]
)
def test_hosts_that_cannot_be_read_are_named(hosts: object) -> None:
    with pytest.raises(SettingsError, match="hosts"):
        RedisChannelLayer(hosts=hosts)


def test_keys_that_nothing_knows_are_named() -> None:
    with pytest.raises(SettingsError, match="did you mean capacity"):
        RedisChannelLayer(capacty=7)
    with pytest.raises(SettingsError, match="serializer_format"):
        RedisChannelLayer(serializer_format="json")


def test_keys_are_named_as_the_project_has_written_them() -> None:
    for wrong in (5, "one text", [""]):
        with pytest.raises(SettingsError) as caught:
            RedisChannelLayer(symmetric_encryption_keys=wrong)
        assert caught.value.setting == "symmetric_encryption_keys"
    with pytest.raises(SettingsError) as caught:
        LocalChannelLayer("")
    assert caught.value.setting == "path"


def test_no_hosts_are_the_server_of_this_machine() -> None:
    assert RedisChannelLayer(hosts=[]).settings == RedisChannelLayer().settings


def test_the_layer_in_memory_takes_positions_as_that_of_channels_does() -> None:
    layer = InMemoryChannelLayer(30, 3600, 7, {"many.*": 9})
    assert (layer.expiry, layer.group_expiry, layer.capacity) == (30, 3600, 7)
    assert layer.channel_capacity == {"many.*": 9}
    assert InMemoryChannelLayer(60, 86400, 100, None).capacity == 100


def test_the_layer_of_redis_takes_positions_as_channels_redis_does() -> None:
    layer = RedisChannelLayer(["redis://localhost"], "chat", 30, 3600, 7, {"many.*": 9}, ["secret"])
    assert (layer.prefix, layer.expiry, layer.group_expiry, layer.capacity) == ("chat", 30, 3600, 7)
    assert layer.channel_capacity == {"many.*": 9}
    assert RedisChannelLayer().settings == RedisChannelLayer(None, "asgi", None).settings


def test_errors_are_those_of_channels() -> None:
    layer = InMemoryChannelLayer(capacity=1, max_message_bytes=100, channel_capacity={"many.*": 2})
    send = async_to_sync(layer.send)
    send("one", {"type": "test"})
    with pytest.raises(ChannelFull):
        send("one", {"type": "test"})
    with pytest.raises(MessageTooLarge):
        send("one", {"type": "test", "data": bytes(1000)})
    assert (layer.expiry, layer.group_expiry, layer.channel_capacity) == (60, 86400, {"many.*": 2})


def test_a_loop_for_each_call_harms_nothing() -> None:
    with redis_server() as server:
        layer = RedisChannelLayer(hosts=[server.address])
        channel = async_to_sync(layer.new_channel)()
        async_to_sync(layer.group_add)("room", channel)
        for number in range(5):
            async_to_sync(layer.group_send)("room", {"type": "test", "number": number})
        for number in range(5):
            assert async_to_sync(layer.receive)(channel)["number"] == number
        layer.sync.close()


def test_what_is_not_there_is_told() -> None:
    with pytest.raises(AttributeError, match="RedisChannelLayer"):
        _ = penstock.django.KafkaChannelLayer
