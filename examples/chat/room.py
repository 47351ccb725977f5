"""The room: who is there, what was said last, and what each member still has to be told.

It knows nothing of connections and never waits. A member's queue is bounded, and whoever lets it overflow has
to go: one slow reader must cost the room neither time nor memory.
"""

import asyncio
import json
import time
from collections import deque
from typing import Any

MAX_MEMBERS = 1000
MAX_WAITING_EVENTS = 100
REMEMBERED_MESSAGES = 50


class Full(Exception):
    """Nobody else can enter for now."""


class Member:
    def __init__(self, name: str) -> None:
        self.name = name
        self._waiting: asyncio.Queue[str] = asyncio.Queue(MAX_WAITING_EVENTS)
        self._overflowed = asyncio.Event()

    def tell(self, event: str) -> None:
        try:
            self._waiting.put_nowait(event)
        except asyncio.QueueFull:
            self._overflowed.set()

    async def next_event(self) -> str:
        """What to tell the member next, as JSON."""
        return await self._waiting.get()

    async def wait_overflow(self) -> None:
        """Returns when the member has missed something, and so has to go."""
        await self._overflowed.wait()


class Room:
    def __init__(self) -> None:
        self._members: dict[str, Member] = {}
        self._history: deque[dict[str, Any]] = deque(maxlen=REMEMBERED_MESSAGES)

    def enter(self, wish: str) -> Member:
        """A new member, with a number behind the name when somebody has it already. Raises Full."""
        if len(self._members) >= MAX_MEMBERS:
            raise Full
        member = Member(self._free_name(wish))
        self._tell_all({"kind": "joined", "name": member.name})
        self._members[member.name] = member
        people, history = list(self._members), list(self._history)
        member.tell(
            json.dumps({"kind": "welcome", "name": member.name, "people": people, "history": history})
        )
        return member

    def say(self, member: Member, text: str) -> None:
        said = {"kind": "said", "name": member.name, "text": text, "at": time.time()}
        self._history.append(said)
        self._tell_all(said)

    def leave(self, member: Member) -> None:
        del self._members[member.name]
        self._tell_all({"kind": "left", "name": member.name})

    def _free_name(self, wish: str) -> str:
        """One of so many names is free, since fewer members are there."""
        names = (wish, *(f"{wish} {number}" for number in range(2, MAX_MEMBERS + 1)))
        return next(name for name in names if name not in self._members)

    def _tell_all(self, event: dict[str, Any]) -> None:
        line = json.dumps(event)
        for member in self._members.values():
            member.tell(line)
