"""Real signals to this process, on both event loops, and who handles them before, during and after."""

import asyncio
import contextlib
import signal
import threading
from collections.abc import Callable, Coroutine, Iterator
from typing import Any

import pytest
import uvloop

from penstock.server.signals import drain_signals

NUMBERS = [signal.SIGTERM, signal.SIGINT]
LOOPS = [asyncio.new_event_loop, uvloop.new_event_loop]


class NoHandlers(asyncio.SelectorEventLoop):
    """A loop that cannot handle signals, as those of Windows."""

    def add_signal_handler(self, *arguments: Any) -> None:
        raise NotImplementedError


class Calls:
    """Counts and can be waited for, without a sleep."""

    def __init__(self) -> None:
        self.count = 0
        self._changed = asyncio.Event()

    def __call__(self, *arguments: Any) -> None:
        self.count += 1
        self._changed.set()

    async def wait_for(self, count: int) -> None:
        while self.count < count:
            self._changed.clear()
            await asyncio.wait_for(self._changed.wait(), 5)


@pytest.fixture(autouse=True)
def handlers_are_restored() -> Iterator[None]:
    before = [signal.getsignal(number) for number in NUMBERS]
    yield
    for number, handler in zip(NUMBERS, before, strict=True):
        signal.signal(number, handler)


@pytest.fixture(params=[*LOOPS, NoHandlers], ids=["asyncio", "uvloop", "without"])
def run(request: pytest.FixtureRequest) -> Callable[[Coroutine[Any, Any, None]], None]:
    def run(main: Coroutine[Any, Any, None]) -> None:
        with asyncio.Runner(loop_factory=request.param) as runner:
            runner.run(main)

    return run


@pytest.mark.parametrize("number", NUMBERS)
def test_each_of_the_first_two_signals_asks_to_drain(run: Callable[..., None], number: int) -> None:
    async def main() -> None:
        drain = Calls()
        with drain_signals(drain):
            for count in (1, 2):
                signal.raise_signal(number)
                await drain.wait_for(count)

    run(main())


def test_the_third_signal_is_for_whoever_was_there_before(run: Callable[..., None]) -> None:
    async def main() -> None:
        drain, before = Calls(), Calls()
        signal.signal(signal.SIGTERM, before)
        with drain_signals(drain):
            for count in (1, 2):
                signal.raise_signal(signal.SIGTERM)
                await drain.wait_for(count)
            signal.raise_signal(signal.SIGTERM)
            await before.wait_for(1)
        assert drain.count == 2

    run(main())


def test_the_handlers_that_were_there_before_come_back(run: Callable[..., None]) -> None:
    async def main() -> None:
        before = Calls()
        signal.signal(signal.SIGTERM, before)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        with contextlib.suppress(KeyError), drain_signals(Calls()):
            assert signal.getsignal(signal.SIGTERM) is not before
            raise KeyError
        assert signal.getsignal(signal.SIGTERM) is before
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN

    run(main())


def test_outside_the_main_thread_no_handler_is_set(run: Callable[..., None]) -> None:
    before = [signal.getsignal(number) for number in NUMBERS]
    seen: list[Any] = []

    async def main() -> None:
        with drain_signals(Calls()):
            seen.extend(signal.getsignal(number) for number in NUMBERS)

    thread = threading.Thread(target=run, args=(main(),))
    thread.start()
    thread.join(10)
    assert seen == before
