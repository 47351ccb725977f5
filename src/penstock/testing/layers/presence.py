"""Who watches a group learns who joins and leaves."""

from penstock.channels.interface import ChannelLayer
from penstock.testing.layers.delivery import numbered
from penstock.testing.layers.judge import LayerJudge, judged

SECONDS = 1.0
LITTLE = 0.6  # less than SECONDS, twice of it more


class Presence(LayerJudge):
    @judged("presence")
    async def test_who_watches_a_group_is_told_who_joins_and_leaves(
        self, layer: ChannelLayer, other: ChannelLayer
    ) -> None:
        watcher, member = await layer.new_channel(), await other.new_channel()
        await layer.group_watch("room", watcher)
        await other.group_add("room", member)
        await other.group_add("room", member)
        await other.group_discard("room", member)
        await other.group_discard("room", member)
        about = {"group": "room", "channel": member}
        join, leave = (
            {"type": "presence.join"} | about,
            {"type": "presence.leave", "reason": "discarded"} | about,
        )
        await self.assert_receives(layer, watcher, join, leave)

    @judged("presence")
    async def test_a_watcher_is_no_member(self, layer: ChannelLayer) -> None:
        watcher = await layer.new_channel()
        await layer.group_watch("room", watcher)
        await layer.group_send("room", numbered(1))
        assert await layer.group_channels("room") == []
        await self.assert_silent(layer, watcher)

    @judged("presence")
    async def test_who_watches_no_more_is_told_nothing(self, layer: ChannelLayer) -> None:
        watcher = await layer.new_channel()
        await layer.group_watch("room", watcher)
        await layer.group_unwatch("room", watcher)
        await layer.group_unwatch("room", watcher)
        await layer.group_add("room", "normal")
        await self.assert_silent(layer, watcher)

    @judged("presence", group_expiry=SECONDS)
    async def test_a_watcher_is_told_of_a_membership_that_expires(self, layer: ChannelLayer) -> None:
        watcher = await layer.new_channel()
        await layer.group_add("room", "member")
        await self.elapse(LITTLE)
        await layer.group_watch("room", watcher)
        await self.elapse(LITTLE)
        left = {"type": "presence.leave", "group": "room", "channel": "member", "reason": "expired"}
        await self.assert_receives(layer, watcher, left)
