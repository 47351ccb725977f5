"""What a message may hold and how it arrives: items 1 to 4, 8 and 16 of the checklist."""

import math
from typing import Any

from penstock.channels.interface import ChannelLayer
from penstock.testing.layers.judge import LayerJudge, has, judged, refuses

MIB = 1 << 20
EVERYTHING: dict[str, Any] = {
    "type": "test.everything",
    "bytes": b"\x00\xff\n",
    "empty": [b"", "", [], {}],
    "text": "naïve \u2603 \U0001f40b\x00",
    "ints": [0, 1, -1, 127, 128, 255, 256, 65536, 2**53 + 1, 2**63 - 1, -(2**63)],
    "floats": [0.1, -1.5e300, 5e-324, math.inf, -math.inf, 1.0],
    "flags": [True, False, None],
    "nested": {"a": {"b": [{"c": [[]]}]}},
    "": "an empty key",
    "ключ": 1,
}
BAD_VALUES: tuple[Any, ...] = (
    {1, 2},
    object(),
    2**63,
    -(2**63) - 1,
    {"a": {1: "an int for a key"}},
    {b"bytes": 1},
    [1, [complex(1, 1)]],
    "half a pair \ud800",
)


def same(left: Any, right: Any) -> bool:
    """Equal in types as well: True is no 1, 1 no 1.0, and b"" no ""."""
    if type(left) is not type(right):
        return False
    if isinstance(left, dict):
        return left.keys() == right.keys() and all(same(left[key], right[key]) for key in left)
    if isinstance(left, list):
        return len(left) == len(right) and all(map(same, left, right))
    return bool(left == right)


class Messages(LayerJudge):
    @judged()
    async def test_item_01_every_type_arrives_as_it_was_sent(
        self, layer: ChannelLayer, other: ChannelLayer
    ) -> None:
        await layer.group_add("room", "x!member")
        await other.send("normal", EVERYTHING)
        await other.send("x!local", EVERYTHING)
        await other.group_send("room", EVERYTHING)
        for channel in ("normal", "x!local", "x!member"):
            received = await self.take(layer, channel)
            assert same(received, EVERYTHING), received

    @judged()
    async def test_item_01_a_nan_stays_one(self, layer: ChannelLayer) -> None:
        await layer.send("a", {"value": math.nan})
        assert math.isnan((await self.take(layer, "a"))["value"])

    @judged()
    async def test_item_01_a_tuple_is_a_list(self, layer: ChannelLayer) -> None:
        await layer.send("a", {"pair": (1, (2, b"3"))})
        assert same(await self.take(layer, "a"), {"pair": [1, [2, b"3"]]})

    @judged()
    async def test_item_01_subclasses_arrive_as_the_plain_type(self, layer: ChannelLayer) -> None:
        class Safe(str):
            """As frameworks mark text that is escaped."""

        await layer.send("a", {Safe("key"): Safe("text")})
        assert same(await self.take(layer, "a"), {"key": "text"})

    @judged()
    async def test_item_01_no_key_is_asked_for(self, layer: ChannelLayer) -> None:
        await layer.send("a", {})
        assert await self.take(layer, "a") == {}

    @judged()
    async def test_item_01_what_is_no_message_is_a_type_error(self, layer: ChannelLayer) -> None:
        for message in (None, "text", [("type", "pairs")], 7):
            await refuses(TypeError, layer.send("a", message), "dict")  # type: ignore[arg-type] # the test
            await refuses(TypeError, layer.group_send("room", message))  # type: ignore[arg-type]
            if has(layer, "delay"):
                await refuses(TypeError, layer.send_later("a", message, 1))  # type: ignore[arg-type]

    @judged()
    async def test_item_01_what_no_layer_could_carry_is_a_type_error(self, layer: ChannelLayer) -> None:
        for value in BAD_VALUES:
            await refuses(TypeError, layer.send("a", {"type": "x", "value": value}), "value")
        await self.assert_silent(layer, "a")

    @judged()
    async def test_item_01_a_message_that_holds_itself_is_refused(self, layer: ChannelLayer) -> None:
        circle: dict[str, Any] = {"type": "x"}
        circle["self"] = circle
        await refuses(TypeError, layer.send("a", circle), "deep")

    @judged()
    async def test_item_02_bytes_and_text_are_told_apart(self, layer: ChannelLayer) -> None:
        await layer.send("a", {"bytes": b"same", "text": "same"})
        assert same(await self.take(layer, "a"), {"bytes": b"same", "text": "same"})

    @judged()
    async def test_item_03_a_mebibyte_passes(self, layer: ChannelLayer, other: ChannelLayer) -> None:
        for payload in (b"\xff" * MIB, "x" * MIB):
            await layer.send("x!y", {"type": "large", "payload": payload})
            assert (await self.take(other, "x!y"))["payload"] == payload

    @judged(max_message_bytes=1000)
    async def test_item_04_a_message_beyond_the_limit_is_refused(self, layer: ChannelLayer) -> None:
        large = {"type": "large", "payload": b"x" * 1000}
        await refuses(layer.MessageTooLarge, layer.send("a", large), "1000", "max_message_bytes")
        await refuses(layer.MessageTooLarge, layer.group_send("room", large))
        await refuses(layer.MessageTooLarge, layer.send_later("a", large, 1))
        await layer.send("a", {"payload": b"x" * 900})
        assert len((await self.take(layer, "a"))["payload"]) == 900

    @judged()
    async def test_item_08_the_reserved_key_is_refused(self, layer: ChannelLayer) -> None:
        message = {"type": "x", "__asgi_channel__": "elsewhere"}
        await refuses(TypeError, layer.send("a", message), "__asgi_channel__")
        await refuses(TypeError, layer.group_send("room", message))

    @judged()
    async def test_item_16_what_the_sender_changes_later_arrives_unchanged(self, layer: ChannelLayer) -> None:
        message: dict[str, Any] = {"type": "x", "list": [1], "dict": {"a": 1}}
        await layer.send("a", message)
        message["type"] = "changed"
        message["list"].append(2)
        message["dict"]["a"] = 2
        assert await self.take(layer, "a") == {"type": "x", "list": [1], "dict": {"a": 1}}

    @judged()
    async def test_item_16_every_member_gets_a_message_of_its_own(self, layer: ChannelLayer) -> None:
        for member in ("x!1", "x!2"):
            await layer.group_add("room", member)
        for message in ({"flat": 1}, {"list": [1], "dict": {"a": [1]}}):
            await layer.group_send("room", message)
            first = await self.take(layer, "x!1")
            first.update(flat=2, dict={}, more=1)
            first.get("list", []).append(2)
            assert await self.take(layer, "x!2") == message
