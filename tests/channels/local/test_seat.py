"""Which loop serves the sockets of a layer."""

import asyncio

from penstock.channels import background
from penstock.channels.local.seat import Seat


def test_a_loop_that_asks_again_serves_until_it_ends() -> None:
    seat = Seat()

    async def ask_twice() -> None:
        await seat.asked()
        assert seat.loop is background.loop()
        await seat.asked()
        assert seat.loop is asyncio.get_running_loop()
        assert seat.guest_loop is asyncio.get_running_loop()

    asyncio.run(ask_twice())
    assert seat.guest_loop is None
    assert seat.loop is background.loop()


def test_loops_that_ask_once_each_never_serve() -> None:
    seat = Seat()
    for _ in range(3):
        asyncio.run(seat.asked())
        assert seat.loop is background.loop()


def test_the_background_loop_is_no_guest() -> None:
    seat = Seat()
    for _ in range(2):
        background.run(seat.asked())
    assert seat.guest_loop is None
