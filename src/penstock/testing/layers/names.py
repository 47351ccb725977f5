"""Names: items 5 to 7 of the checklist, and how `new_channel` makes them."""

from enum import Enum

from penstock.channels.interface import ChannelLayer
from penstock.channels.names import MAX_NAME_BYTES
from penstock.testing.layers.judge import LayerJudge, has, judged, refuses

GOOD_CHANNELS = ("a", "chat.room-1_x", "0", "specific.abc!def", "http.request.body?x1", "A" * 100)
BAD_CHANNELS = (
    "",
    "a b",
    "a/b",
    "a:b",
    "a\n",
    "x!é",
    "\u0661",
    "a!b!c",
    "a!b?c",
    "!a",
    "a!",
    "a?",
    "a\x00",
    "*",
)
BAD_GROUPS = (*BAD_CHANNELS, "room!x", "room?x")
MESSAGE = {"type": "test.message"}


class Marked(str):
    """As template engines mark what is safe."""


class Named(str, Enum):  # noqa: UP042 whose text, other than a StrEnum's, is not its value
    """As applications may keep their names."""

    ROOM = "room"
    QUEUE = "queue"
    PREFIX = "chat"


class Names(LayerJudge):
    @judged()
    async def test_a_name_may_be_of_a_subclass_of_str(self, layer: ChannelLayer) -> None:
        channel = Marked(await layer.new_channel(Named.PREFIX))
        assert channel.startswith("chat.")
        await layer.group_add(Named.ROOM, channel)
        await layer.group_send("room", MESSAGE)
        assert await self.take(layer, channel) == MESSAGE
        await layer.send(channel, MESSAGE)
        assert await self.take(layer, channel) == MESSAGE
        await layer.group_discard("room", channel)
        await self.assert_members(layer, Named.ROOM)
        await layer.send(Named.QUEUE, MESSAGE)
        assert await self.take(layer, "queue") == MESSAGE
        await layer.send("queue", MESSAGE)
        assert await self.take(layer, Named.QUEUE) == MESSAGE

    @judged()
    async def test_item_05_every_name_of_the_specification_carries_messages(
        self, layer: ChannelLayer
    ) -> None:
        for name in (*GOOD_CHANNELS, "n" * MAX_NAME_BYTES):
            await layer.send(name, {"type": "to", "name": name})
            assert await self.take(layer, name) == {"type": "to", "name": name}

    @judged()
    async def test_item_06_a_group_has_no_type_character(self, layer: ChannelLayer) -> None:
        for name in ("room", "chat.room-1_x", "g" * 100):
            await layer.group_add(name, "member")
            await layer.group_send(name, MESSAGE)
            await self.assert_receives(layer, "member", MESSAGE)
            await self.assert_members(layer, name, "member")

    @judged()
    async def test_item_07_a_bad_channel_is_a_type_error_of_every_call(self, layer: ChannelLayer) -> None:
        for name in (*BAD_CHANNELS, "n" * 1000, None, 7, b"bytes"):
            await refuses(TypeError, layer.send(name, MESSAGE))  # type: ignore[arg-type] # that is the test
            await refuses(TypeError, layer.group_add("room", name))  # type: ignore[arg-type]
            await refuses(TypeError, layer.group_discard("room", name))  # type: ignore[arg-type]
            if has(layer, "delay"):
                await refuses(TypeError, layer.send_later(name, MESSAGE, 1))  # type: ignore[arg-type]
            if name != "a!":
                await refuses(TypeError, layer.receive(name))  # type: ignore[arg-type]

    @judged()
    async def test_item_07_a_bad_group_is_a_type_error_of_every_call(self, layer: ChannelLayer) -> None:
        for name in (*BAD_GROUPS, "n" * 1000, None, 7, b"bytes"):
            await refuses(TypeError, layer.group_add(name, "member"))  # type: ignore[arg-type] # that is the test
            await refuses(TypeError, layer.group_discard(name, "member"))  # type: ignore[arg-type]
            await refuses(TypeError, layer.group_send(name, MESSAGE))  # type: ignore[arg-type]
            if has(layer, "group_channels"):
                await refuses(TypeError, layer.group_channels(name))  # type: ignore[arg-type]

    @judged()
    async def test_item_07_the_error_shows_what_came_and_what_was_expected(self, layer: ChannelLayer) -> None:
        await refuses(TypeError, layer.send("a b", MESSAGE), "'a b'", "letters")

    @judged()
    async def test_fault_03_what_python_takes_for_a_letter_is_none_and_a_newline_no_end(
        self, layer: ChannelLayer
    ) -> None:
        for name in ("abc\n", "x!é", "room\u0660"):
            await refuses(TypeError, layer.send(name, MESSAGE))

    @judged()
    async def test_item_19_new_channels_are_process_local_and_unique(self, layer: ChannelLayer) -> None:
        names = {await layer.new_channel() for _ in range(100)}
        assert len(names) == 100
        assert all(name.startswith("specific.") and name.count("!") == 1 for name in names)

    @judged()
    async def test_item_19_a_prefix_is_kept(self, layer: ChannelLayer) -> None:
        assert (await layer.new_channel("chat")).startswith("chat.")
        assert (await layer.new_channel("server.7!")).startswith("server.7!")
        assert (await layer.new_channel("http.request.body?")).startswith("http.request.body?")

    @judged()
    async def test_item_19_a_bad_prefix_is_a_type_error(self, layer: ChannelLayer) -> None:
        for prefix in ("", "a b", "!", "a!b", None, "n" * 1000):
            await refuses(TypeError, layer.new_channel(prefix))  # type: ignore[arg-type] # that is the test

    @judged()
    async def test_fault_04_a_new_name_has_no_empty_part(self, layer: ChannelLayer) -> None:
        for prefix in ("specific", "specific."):
            assert ".." not in await layer.new_channel(prefix)

    @judged()
    async def test_a_new_channel_carries_messages(self, layer: ChannelLayer, other: ChannelLayer) -> None:
        for prefix in ("specific", "reply?", "server!"):
            name = await layer.new_channel(prefix)
            await other.send(name, MESSAGE)
            await self.assert_receives(layer, name, MESSAGE)
