"""The history of all groups is bounded together, and where that is counted nothing is forgotten."""

from tests.channels.redis.raw import ask
from tests.support.redis_server import RedisServer

from penstock.channels import ChannelLayer, connect

KIB = bytes(1024)


def layer_of(server: RedisServer, prefix: str, **settings: object) -> ChannelLayer:
    return connect(f"redis://127.0.0.1:{server.port}?prefix={prefix}", history=100, **settings)


async def numbers(layer: ChannelLayer, group: str) -> list[int]:
    return [message["number"] for message in await layer.group_history(group)]


async def counted(server: RedisServer, prefix: str) -> dict[bytes, int]:
    words = await ask(server, "HGETALL", f"{{{prefix}}}:kept:b")
    return dict(zip(words[::2], map(int, words[1::2]), strict=True))


async def kept(server: RedisServer, prefix: str, group: str) -> int:
    return sum(map(len, await ask(server, "LRANGE", f"{{{prefix}}}:g:{group}:h", 0, -1)))


async def test_the_oldest_messages_of_all_groups_make_room(server: RedisServer) -> None:
    async with layer_of(server, "all", max_history_bytes=10 * 1100) as layer:
        for number in range(20):
            group = "even" if number % 2 == 0 else "odd"
            await layer.group_send(group, {"type": "test", "number": number, "data": KIB})
        assert await numbers(layer, "even") == [10, 12, 14, 16, 18]
        assert await numbers(layer, "odd") == [11, 13, 15, 17, 19]
        sizes = [await kept(server, "all", group) for group in ("even", "odd")]
        assert await counted(server, "all") == {b"even": sizes[0], b"odd": sizes[1], b"": sum(sizes)}


async def test_a_group_that_is_silent_gives_its_room_to_those_that_speak(server: RedisServer) -> None:
    async with layer_of(server, "silent", max_history_bytes=5 * 1100) as layer:
        await layer.group_send("silent", {"type": "test", "number": 0, "data": KIB})
        for number in range(1, 10):
            await layer.group_send("room", {"type": "test", "number": number, "data": KIB})
        assert await numbers(layer, "silent") == []
        assert await numbers(layer, "room") == [5, 6, 7, 8, 9]
        size = await kept(server, "silent", "room")
        assert await counted(server, "silent") == {b"room": size, b"": size}


async def test_a_message_that_is_larger_than_all_of_it_is_sent_and_not_kept(server: RedisServer) -> None:
    async with layer_of(server, "large", max_history_bytes=1000) as layer:
        channel = await layer.new_channel()
        await layer.group_add("room", channel)
        await layer.group_send("room", {"type": "test", "number": 0, "data": KIB})
        assert (await layer.receive(channel))["number"] == 0
        assert await layer.group_history("room") == []
        assert await counted(server, "large") == {b"": 0}


async def test_what_has_expired_or_gone_by_number_is_counted_no_more(server: RedisServer) -> None:
    async with layer_of(server, "gone", group_history={"three": 3}, history_expiry=0.05) as layer:
        for number in range(10):
            await layer.group_send("three", {"type": "test", "number": number})
            await layer.group_send("other", {"type": "test", "number": number})
        while await layer.group_history("other") or await layer.group_history("three"):
            pass
        await layer.group_send("other", {"type": "test", "number": 10})
        await layer.group_send("three", {"type": "test", "number": 11})
        sizes = [await kept(server, "gone", group) for group in ("three", "other")]
        assert await counted(server, "gone") == {b"three": sizes[0], b"other": sizes[1], b"": sum(sizes)}


async def test_a_flush_leaves_no_history_and_no_count(server: RedisServer) -> None:
    async with layer_of(server, "flushed") as layer:
        await layer.group_send("room", {"type": "test", "number": 0})
        await layer.flush()
        assert await layer.group_history("room") == []
        assert await counted(server, "flushed") == {}
