"""Doing things later: in order, once, and not when they were cancelled."""

import threading

import pytest

from penstock.channels.clock import MonotonicClock
from penstock.channels.schedule import Schedule, checked_seconds
from penstock.testing.clock import VirtualClock

WAIT_SECONDS = 10


def test_actions_are_done_in_the_order_of_their_times(clock: VirtualClock) -> None:
    done: list[int] = []
    schedule = Schedule(clock)
    for seconds in (3, 1, 2, 1):
        schedule.at(clock.now() + seconds, lambda seconds=seconds: done.append(seconds))
    clock.advance(0.9)
    assert done == []
    clock.advance(1.1)
    assert done == [1, 1, 2]
    clock.advance(10)
    assert done == [1, 1, 2, 3]
    assert len(schedule) == 0


def test_an_action_may_ask_for_another(clock: VirtualClock) -> None:
    times: list[float] = []
    schedule = Schedule(clock)
    begin = clock.now()

    def again() -> None:
        times.append(clock.now() - begin)
        if len(times) < 3:
            schedule.at(clock.now() + 1, again)

    schedule.at(begin + 1, again)
    clock.advance(5)
    assert times == [1, 2, 3]


def test_a_cancelled_action_is_not_done(clock: VirtualClock) -> None:
    done: list[int] = []
    schedule = Schedule(clock)
    token = schedule.at(clock.now() + 1, lambda: done.append(1))
    schedule.at(clock.now() + 1, lambda: done.append(2))
    assert schedule.cancel(token)
    assert not schedule.cancel(token)
    clock.advance(2)
    assert done == [2]


def test_many_that_are_cancelled_leave_the_others_in_order(clock: VirtualClock) -> None:
    done: list[int] = []
    schedule = Schedule(clock)
    tokens = [
        schedule.at(clock.now() + number, lambda number=number: done.append(number)) for number in range(500)
    ]
    for number, token in enumerate(tokens):
        if number % 10:
            schedule.cancel(token)
    clock.advance(500)
    assert done == list(range(0, 500, 10))


def test_what_was_cleared_is_not_done_and_what_comes_later_is(clock: VirtualClock) -> None:
    done: list[int] = []
    schedule = Schedule(clock)
    schedule.at(clock.now() + 1, lambda: done.append(1))
    schedule.clear()
    schedule.at(clock.now() + 2, lambda: done.append(2))
    clock.advance(3)
    assert done == [2]


def test_the_systems_clock_calls_from_the_background() -> None:
    done = threading.Event()
    clock = MonotonicClock()
    schedule = Schedule(clock)
    schedule.at(clock.now() + 3600, lambda: None)
    schedule.at(clock.now() - 1, done.set)
    assert done.wait(WAIT_SECONDS)
    schedule.clear()


def test_a_timer_that_is_cancelled_is_not_called() -> None:
    called = threading.Event()
    clock = MonotonicClock()
    timer = clock.call_at(clock.now() + 0.01, called.set)
    timer.cancel()
    after = threading.Event()
    clock.call_at(clock.now() + 0.02, after.set)
    assert after.wait(WAIT_SECONDS)
    assert not called.is_set()


@pytest.mark.parametrize("seconds", [-0.1, float("inf"), float("nan")])
def test_a_time_that_never_comes_is_refused(seconds: float) -> None:
    with pytest.raises(ValueError, match="seconds"):
        checked_seconds(seconds)
