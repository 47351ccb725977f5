"""The room of the chat example, without a network: what members are told, and that none waits for another."""

import asyncio
import json

import pytest
from examples.chat.app import app
from examples.chat.room import MAX_MEMBERS, MAX_WAITING_EVENTS, REMEMBERED_MESSAGES, Full, Member, Room


async def events(member: Member, count: int) -> list[dict]:
    return [json.loads(await member.next_event()) for _ in range(count)]


def test_members_are_told_of_each_other_and_of_what_is_said():
    async def scenario() -> None:
        room = Room()
        ada = room.enter("Ada")
        grace = room.enter("Grace")
        room.say(grace, "Hello")
        room.leave(grace)
        welcome, joined, said, left = await events(ada, 4)
        assert welcome == {"kind": "welcome", "name": "Ada", "people": ["Ada"], "history": []}
        assert joined == {"kind": "joined", "name": "Grace"}
        assert (said["kind"], said["name"], said["text"]) == ("said", "Grace", "Hello")
        assert left == {"kind": "left", "name": "Grace"}

    asyncio.run(scenario())


def test_the_last_fifty_messages_are_remembered():
    async def scenario() -> None:
        room = Room()
        for number in range(REMEMBERED_MESSAGES + 5):
            room.say(Member("Ada"), str(number))
        [welcome] = await events(room.enter("Grace"), 1)
        assert [said["text"] for said in welcome["history"]] == [str(number) for number in range(5, 55)]

    asyncio.run(scenario())


def test_a_member_who_does_not_read_has_to_go_and_costs_the_others_nothing():
    async def scenario() -> None:
        room = Room()
        slow, quick = room.enter("Slow"), room.enter("Quick")
        await events(quick, 1)
        for number in range(MAX_WAITING_EVENTS + 1):
            room.say(quick, str(number))
            [said] = await events(quick, 1)
            assert said["text"] == str(number)
        await asyncio.wait_for(slow.wait_overflow(), 10)
        room.leave(slow)
        assert await events(quick, 1) == [{"kind": "left", "name": "Slow"}]

    asyncio.run(scenario())


def test_a_client_whose_connection_is_stuck_is_closed_with_try_again_later():
    async def scenario() -> None:
        room = Room()
        incoming: asyncio.Queue[dict] = asyncio.Queue()
        incoming.put_nowait({"type": "websocket.connect"})
        incoming.put_nowait({"type": "websocket.receive", "text": '{"join": "Stuck"}'})
        closed: list[dict] = []

        async def send(message: dict) -> None:
            if message["type"] == "websocket.close":
                closed.append(message)
            elif message["type"] == "websocket.send":
                await asyncio.Event().wait()

        scope = {"type": "websocket", "path": "/chat", "headers": [], "state": {"room": room}}
        quick = room.enter("Quick")
        serving = asyncio.create_task(app(scope, incoming.get, send))
        await events(quick, 2)
        for number in range(MAX_WAITING_EVENTS + 2):
            room.say(quick, str(number))
            await events(quick, 1)
        await asyncio.wait_for(serving, 10)
        assert [message["code"] for message in closed] == [1013]

    asyncio.run(scenario())


def test_a_full_room_takes_nobody_more():
    room = Room()
    for _ in range(MAX_MEMBERS):
        room.enter("Ada")
    with pytest.raises(Full):
        room.enter("Ada")
