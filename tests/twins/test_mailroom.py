"""The compiled mailroom and its uncompiled twin hand the same messages to the same readers."""

import asyncio
from types import ModuleType
from typing import Any

from hypothesis import given, settings
from tests.channels.test_mailroom import STEPS, Play
from tests.support.twin import pure

from penstock.channels import mailroom

Told = tuple[list[tuple[str, int] | None], dict[str, Any]]


async def played(module: ModuleType, steps: list[tuple[str, str | int]]) -> Told:
    """What each reader has received, and what the room tells of itself."""
    game = Play(module)
    for step in steps:
        await game.step(*step)
    await game.settle()
    done = [reader.done() and not reader.cancelled() for reader in game.readers]
    received = [
        reader.result() if is_done else None for reader, is_done in zip(game.readers, done, strict=True)
    ]
    told = game.room.statistics()
    await game.drain()
    return received, told


@settings(max_examples=300, deadline=None)
@given(STEPS)
def test_both_hand_out_the_same(steps: list[tuple[str, str | int]]) -> None:
    ours, twin = (asyncio.run(played(module, steps)) for module in (mailroom, pure(mailroom.__name__)))
    assert ours == twin
