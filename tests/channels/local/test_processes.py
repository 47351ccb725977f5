"""Real processes on one socket: what is lost, doubled or out of order when they are killed or stand still."""

from pathlib import Path

import pytest
from tests.channels.local.processes import Received, Worker, Workers, wait_reports
from tests.channels.local.worker import wait_members

from penstock.channels import connect
from penstock.channels.interface import ChannelLayer
from penstock.channels.notices import GAP, Gap
from penstock.testing.layers.delivery import numbered

SENDS = 1000
MEMBERS = 1000
LEASE = 0.6


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"local://{tmp_path}/app.sock?capacity=5000&lease_seconds={LEASE}"


async def collect(workers: list[Worker], count: int) -> list[Received]:
    """What all their readers have received, when it is `count` messages or more."""

    def is_enough(reports: list[Received]) -> bool:
        return sum(number is not None for received in reports for number in received) >= count

    return await wait_reports(workers, is_enough)


async def until_last(workers: list[Worker], last: int | None) -> list[Received]:
    """What all readers have received, when each has received the last."""

    def is_enough(reports: list[Received]) -> bool:
        return bool(reports) and all(received and received[-1] == last for received in reports)

    return await wait_reports(workers, is_enough)


async def send_all(layer: ChannelLayer, channel: str, count: int) -> None:
    for number in range(count):
        await layer.send(channel, numbered(number))


def judge_order(received: Received, sent: int) -> None:
    """Nothing twice, nothing out of order; what is missing is missing at a gap."""
    expected = 0
    was_gap = False
    for number in received:
        if number is None:
            was_gap = True
            continue
        assert number == expected or (was_gap and number > expected), (number, expected)
        expected = number + 1
        was_gap = False
    assert expected == sent or was_gap


@pytest.mark.parametrize("readers", [2, 4])
@pytest.mark.parametrize("how", ["read", "read-cancelling"])
async def test_each_message_reaches_one_of_the_reading_processes(url: str, readers: int, how: str) -> None:
    async with connect(url) as layer, Workers(url) as started:
        workers = [await started.start() for _ in range(readers)]
        for worker in workers:
            await worker.ask(how, "work")
        await send_all(layer, "work", SENDS)
        reports = await collect(workers, SENDS)
        received = sorted(number for reader in reports for number in reader if number is not None)
        assert received == list(range(SENDS))
        assert sum(bool(reader) for reader in reports) > 1


async def test_a_cancelled_reader_of_one_process_keeps_the_order(url: str) -> None:
    async with connect(url) as layer, Workers(url) as started:
        worker = await started.start()
        await worker.ask("read-cancelling", "server!one")
        await send_all(layer, "server!one", SENDS)
        assert await collect([worker], SENDS) == [list(range(SENDS))]


async def test_a_thousand_members_are_gone_with_their_process(url: str) -> None:
    async with connect(url) as layer, Workers(url) as started:
        worker = await started.start()
        await worker.ask("join", "room", MEMBERS)
        assert await layer.group_count("room") == MEMBERS
        await layer.group_watch("room", watcher := await layer.new_channel())
        await worker.kill()
        left = [await layer.receive(watcher) for _ in range(MEMBERS)]
        assert {message["reason"] for message in left} == {"lost"}
        assert len({message["channel"] for message in left}) == MEMBERS
        assert await layer.group_channels("room") == []


async def test_a_hub_that_is_killed_under_load_costs_nothing_but_the_gap(url: str) -> None:
    async with Workers(url) as started:
        hub = await started.start()
        workers = [await started.start() for _ in range(3)]
        for worker in workers:
            await worker.ask("join", "room", 10)
        async with connect(url) as layer:
            gaps: list[Gap] = []
            layer.add_listener(gaps.append)
            for number in range(SENDS):
                if number == SENDS // 2:
                    await hub.kill()
                await layer.group_send("room", numbered(number))
            await wait_members(layer, "room", 30)
            await layer.group_send("room", numbered(SENDS))
            for received in await until_last(workers, SENDS):
                assert received.count(None) == 1
                judge_order(received, SENDS + 1)
            assert len(gaps) == 1


async def test_work_in_a_hub_that_is_killed_is_lost_only_with_a_gap(url: str) -> None:
    async with Workers(url) as started:
        hub = await started.start()
        workers = [await started.start() for _ in range(2)]
        for worker in workers:
            await worker.ask("read", "work")
        async with connect(url) as layer:
            for number in range(SENDS):
                if number == SENDS // 2:
                    await hub.kill()
                await layer.send("work", numbered(number))
            # It may be the hub by now, so it stays open until everything is here.
            await wait_reports(workers, lambda reports: any(SENDS - 1 in received for received in reports))
            for worker in workers:
                await worker.ask("count", "any")  # the answer comes behind what was handed out before
            reports = [received for worker in workers for received in await worker.ask("report")]
        received = [number for reader in reports for number in reader if number is not None]
        assert len(received) == len(set(received))
        assert all(reader.count(None) == 1 for reader in reports)
        missing = sorted(set(range(SENDS)) - set(received))
        assert all(abs(number - SENDS // 2) < 100 for number in missing)


async def test_a_process_that_stands_still_holds_nobody_up_and_comes_back(url: str) -> None:
    async with connect(url) as layer, Workers(url) as started:
        stopped, other = await started.start(), await started.start()
        for worker in (stopped, other):
            await worker.ask("join", "room", 5)
        stopped.stop()
        for number in range(SENDS):
            await layer.group_send("room", numbered(number))
        for received in await until_last([other], SENDS - 1):
            assert received == list(range(SENDS))
        await wait_members(layer, "room", 5)
        stopped.resume()
        await wait_members(layer, "room", 10)
        await layer.group_send("room", numbered(SENDS))
        for received in await until_last([stopped], SENDS):
            assert received[-2] is None
            judge_order(received, SENDS + 1)


async def test_what_is_dropped_for_a_process_that_does_not_read_is_a_gap(tmp_path: Path) -> None:
    """Its lease has not run out yet, but nobody keeps everything for it."""
    url = f"local://{tmp_path}/app.sock?capacity=5000&max_backlog_bytes=300000"
    async with connect(url) as layer, Workers(url) as started:
        stopped = await started.start()
        await stopped.ask("join", "room", 1)
        stopped.stop()
        padding = "x" * 1000
        for number in range(SENDS):
            await layer.group_send("room", {**numbered(number), "padding": padding})
        stopped.resume()
        await until_last([stopped], None)
        await layer.group_send("room", numbered(SENDS))
        (received,) = await until_last([stopped], SENDS)
        assert None in received
        assert len(received) < SENDS
        judge_order(received, SENDS + 1)


async def test_a_hub_that_stands_still_is_replaced_and_comes_back_as_a_member(url: str) -> None:
    async with Workers(url) as started:
        hub, other = await started.start(), await started.start()
        for worker in (hub, other):
            await worker.ask("join", "room", 5)
        async with connect(url) as layer:
            member = await layer.new_channel()
            await layer.group_add("room", member)
            hub.stop()
            assert (await layer.receive(member))["type"] == GAP
            await wait_members(layer, "room", 6)
            hub.resume()
            await wait_members(layer, "room", 11)
            await layer.group_send("room", numbered(0))
            assert await layer.receive(member) == numbered(0)
            for received in await until_last([hub, other], 0):
                assert received == [None, 0]


async def test_many_that_lose_the_hub_at_once_agree_on_the_next(url: str) -> None:
    async with Workers(url) as started:
        hub = await started.start()
        workers = [await started.start() for _ in range(4)]
        for worker in workers:
            await worker.ask("join", "room", 1)
        await hub.kill()
        for worker in workers:
            await worker.ask("await-members", "room", 4)
