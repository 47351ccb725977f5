"""Admission by itself: who is started, in which order, and who is refused."""

import sys

from penstock.base.limits import Limits
from penstock.bridge.exchange import Exchange
from penstock.bridge.turns import Turns


class Request(Exchange):
    """Notes what becomes of it; `answers_at_once` leaves as soon as it is started, as an eager application
    does.
    """

    def __init__(self, turns: Turns, log: list[str], name: str, answers_at_once: bool = False) -> None:
        self.turns = turns
        self.log = log
        self.name = name
        self.answers_at_once = answers_at_once

    def start(self) -> None:
        self.log.append(f"start {self.name}")
        if self.answers_at_once:
            self.turns.leave(self)

    def refuse_busy(self) -> None:
        self.log.append(f"refuse {self.name}")


def turns(running: int, waiting: int = 10, seconds: float = 5.0) -> Turns:
    limits = Limits(max_concurrent_requests=running, max_waiting_requests=waiting, waiting_seconds=seconds)
    return Turns(limits, lambda request: request.start())


def requests(room: Turns, log: list[str], names: str) -> list[Request]:
    made = [Request(room, log, name) for name in names]
    for request in made:
        room.enter(request)
    return made


def test_as_many_start_as_there_is_room_for_and_the_rest_wait() -> None:
    log: list[str] = []
    requests(turns(2), log, "abc")
    assert log == ["start a", "start b"]


def test_who_waits_is_started_in_the_order_of_arrival() -> None:
    log: list[str] = []
    room = turns(1)
    a, b, _ = requests(room, log, "abc")
    room.leave(a)
    room.leave(b)
    assert log == ["start a", "start b", "start c"]


def test_a_full_waiting_room_refuses_at_once() -> None:
    log: list[str] = []
    requests(turns(1, waiting=1), log, "abc")
    assert log == ["start a", "refuse c"]


def test_without_a_waiting_room_whoever_finds_no_room_is_refused() -> None:
    log: list[str] = []
    requests(turns(1, waiting=0), log, "ab")
    assert log == ["start a", "refuse b"]


def test_leaving_twice_or_without_a_turn_frees_no_room() -> None:
    log: list[str] = []
    room = turns(1)
    a, b, c = requests(room, log, "abc")
    room.leave(c)
    room.leave(a)
    room.leave(a)
    assert log == ["start a", "start b"]
    room.leave(b)
    assert log == ["start a", "start b", "start c"]


def test_who_waits_too_long_is_refused_and_its_clock_starts_at_the_first_sweep() -> None:
    log: list[str] = []
    room = turns(1, seconds=5)
    requests(room, log, "ab")
    room.handle_deadline(100.0)
    requests(room, log, "c")
    room.handle_deadline(104.9)
    assert log == ["start a"]
    room.handle_deadline(105.0)
    assert log == ["start a", "refuse b"]
    room.handle_deadline(109.9)
    assert log == ["start a", "refuse b", "refuse c"]


def test_a_refused_request_is_not_started_later() -> None:
    log: list[str] = []
    room = turns(1, seconds=5)
    a, _ = requests(room, log, "ab")
    room.handle_deadline(0.0)
    room.handle_deadline(5.0)
    room.leave(a)
    assert log == ["start a", "refuse b"]


def test_an_abandoned_request_is_neither_started_nor_refused_and_holds_no_place() -> None:
    log: list[str] = []
    room = turns(1, waiting=1)
    a, b = requests(room, log, "ab")
    room.abandon(b)
    requests(room, log, "c")
    room.handle_deadline(0.0)
    room.leave(a)
    assert log == ["start a", "start c"]


def test_abandoning_a_request_that_runs_keeps_its_turn_until_it_leaves() -> None:
    log: list[str] = []
    room = turns(1)
    a, _ = requests(room, log, "ab")
    room.abandon(a)
    assert log == ["start a"]
    room.leave(a)
    assert log == ["start a", "start b"]


def test_a_newcomer_does_not_overtake_those_who_wait() -> None:
    log: list[str] = []
    room = turns(1)

    class Leaver(Request):
        """When it is started, another one arrives; then it leaves."""

        def start(self) -> None:
            super().start()
            room.enter(Request(room, log, "late"))
            room.leave(self)

    a = Request(room, log, "a")
    room.enter(a)
    room.enter(Leaver(room, log, "b"))
    room.enter(Request(room, log, "c", answers_at_once=True))
    room.leave(a)
    assert log == ["start a", "start b", "start c", "start late"]


def test_any_number_that_answer_at_once_are_started_without_nesting() -> None:
    log: list[str] = []
    count = sys.getrecursionlimit() * 2
    room = turns(1, waiting=count)
    first = Request(room, log, "first")
    room.enter(first)
    for _ in range(count):
        room.enter(Request(room, log, "waiting", answers_at_once=True))
    room.leave(first)
    assert len(log) == count + 1
