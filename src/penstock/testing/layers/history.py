"""The last messages of groups, for those who join."""

from penstock.channels.interface import ChannelLayer
from penstock.testing.layers.delivery import numbered
from penstock.testing.layers.judge import LayerJudge, judged

SECONDS = 1.0
ENOUGH = 1.5


class History(LayerJudge):
    @judged("history", history=3)
    async def test_the_last_messages_of_a_group_are_kept(
        self, layer: ChannelLayer, other: ChannelLayer
    ) -> None:
        for number in range(5):
            await layer.group_send("room", numbered(number))
        assert await other.group_history("room") == [numbered(2), numbered(3), numbered(4)]
        assert await other.group_history("room", 1) == [numbered(4)]
        assert await other.group_history("room", 0) == []
        assert await other.group_history("elsewhere") == []

    @judged("history", history=5)
    async def test_who_joins_gets_the_last_messages_first(self, layer: ChannelLayer) -> None:
        member = await layer.new_channel()
        for number in range(3):
            await layer.group_send("room", numbered(number))
        await layer.group_add("room", member, history=2)
        await layer.group_send("room", numbered(3))
        await self.assert_receives(layer, member, numbered(1), numbered(2), numbered(3))

    @judged("history", history=5)
    async def test_who_renews_a_membership_gets_no_message_twice(
        self, layer: ChannelLayer, other: ChannelLayer
    ) -> None:
        for member in (await layer.new_channel(), "normal"):
            await layer.group_add("room", member, history=5)
            for number in range(2):
                await other.group_send("room", numbered(number))
            await layer.group_add("room", member, history=5)
            await other.group_send("room", numbered(2))
            await self.assert_receives(layer, member, numbered(0), numbered(1), numbered(2))
            await layer.group_discard("room", member)
            await layer.group_add("room", member, history=2)
            await self.assert_receives(layer, member, numbered(1), numbered(2))
            await other.flush()

    @judged("history")
    async def test_nothing_is_kept_unless_asked_for(self, layer: ChannelLayer) -> None:
        await layer.group_send("room", numbered(1))
        assert await layer.group_history("room") == []

    @judged("history", group_history={"chat.*": 1})
    async def test_how_much_is_kept_may_depend_on_the_group(self, layer: ChannelLayer) -> None:
        for group in ("chat.x", "other"):
            for number in range(2):
                await layer.group_send(group, numbered(number))
        assert await layer.group_history("chat.x") == [numbered(1)]
        assert await layer.group_history("other") == []

    @judged("history", history=3, history_expiry=SECONDS)
    async def test_what_is_kept_expires(self, layer: ChannelLayer) -> None:
        await layer.group_send("room", numbered(1))
        await self.elapse(ENOUGH)
        assert await layer.group_history("room") == []
