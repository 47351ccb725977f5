"""One shard as a process sees it: always there, or on its way back.

A task keeps two links to it, one for commands and one that waits for the inbox, registers the process, says
thrice in a lease that it lives, and does what has become due for everybody. When a link is lost it dials
again, waiting longer each time, and whoever calls in the meantime waits for `connect_seconds`.
"""

import asyncio
import contextlib
import logging
import random
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from redis.exceptions import (
    AskError,
    ClusterDownError,
    NoScriptError,
    ReadOnlyError,
    RedisError,
    TryAgainError,
)

from penstock.base.errors import SettingsError
from penstock.channels.clock import Clock
from penstock.channels.errors import LayerUnavailable
from penstock.channels.redis.dial import dial
from penstock.channels.redis.feed import Feed
from penstock.channels.redis.hosts import Host
from penstock.channels.redis.link import Link
from penstock.channels.redis.scripts import scripts
from penstock.channels.redis.settings import RedisSettings

LOGGER = logging.getLogger("penstock.channels")
FIRST_PAUSE, LONGEST_PAUSE = 0.05, 5.0  # seconds between attempts to reach it
STOP_SECONDS = 1.0  # until a task that was cancelled is cancelled again
LEAST_PAUSE = 0.002  # between two looks at what is due
MAX_UNTOLD = 10_000  # what is told while the shard is away, and can be told later
OWN_CHANCE = random.SystemRandom()  # the application's seed is its own
WANTED_AT_ONCE = 1000  # names in one call: Lua does not spread 8000 values, a long script holds others up
ATTEMPTS = 3  # at a call that the server refuses because another one is in charge now
ELSEWHERE = (AskError, ClusterDownError, ReadOnlyError, TryAgainError)
UNNAMED = ("MOVED", "CLUSTERDOWN", "TRYAGAIN", "ASK", "MASTERDOWN", "UNBLOCKED")  # not by all of redis-py


@dataclass(frozen=True)
class Restored:
    """A shard is there (again). `lapsed`: it had given this process up; `forgot`: it has lost everybody's."""

    is_first: bool
    lapsed: bool
    forgot: bool
    seconds: float


class Visitor(ABC):
    """Whom a shard tells. Methods are called on the shard's loop and may not block."""

    @abstractmethod
    def entry_came(self, shard: "Shard", identity: bytes, fields: list[bytes]) -> None:
        """In the inbox of this process."""

    @abstractmethod
    def forward(self, channel: bytes, capacity: bytes, policy: bytes, payload: bytes) -> None:
        """A message for a queue of another shard."""

    @abstractmethod
    def put_in_queues(self, outcomes: list[Any]) -> None:
        """Where nobody waited to be told: a channel, what became of a message for it, and so on."""

    @abstractmethod
    async def restored(self, shard: "Shard", how: Restored) -> None:
        """It is there; nobody can use it yet but by `run`."""

    @abstractmethod
    def came_up(self, shard: "Shard") -> None:
        """It can be used."""

    @abstractmethod
    def lost_entries(self, shard: "Shard", count: int) -> None:
        """The inbox was full."""

    @abstractmethod
    def wanted(self, shard: "Shard") -> list[str]:
        """The queues that this process waits at."""

    @abstractmethod
    def cut_off(self, shard: "Shard") -> None:
        """Its loop is being closed."""


class Shard:
    """`names` are what its keys begin with and who we are there."""

    def __init__(
        self,
        number: int,
        host: Host,
        names: tuple[str, str],
        settings: RedisSettings,
        clock: Clock,
        visitor: Visitor,
    ) -> None:
        self.number = number
        self.host = host
        self.ahead = 0.0  # of the server's clock before ours, in seconds
        self._settings = settings
        self._base, process = names
        self._clock = clock
        self._visitor = visitor
        self._scripts = scripts()
        self._common = _common(self._base, process, settings)
        inbox = f"{self._base}in:{process}"
        self.feed = Feed(inbox, settings, lambda entry, fields: visitor.entry_came(self, entry, fields))
        self._link: Link | None = None
        self._settled = asyncio.Event()  # it is up, or a setting stands in the way
        self._is_up = False
        self._task: asyncio.Task[None] | None = None
        self._untold: deque[tuple[str, tuple[Any, ...]]] = deque(maxlen=MAX_UNTOLD)
        self._sooner = asyncio.Event()
        self._next_tick = 0.0
        self._was_up = False
        self._away_since = clock.now()
        self._is_moving = False
        self._era = b""  # what the server's memory was called, which another one has that begins empty
        self._problem: Exception = LayerUnavailable(f"Redis at {host} was not reached yet")

    @property
    def is_up(self) -> bool:
        return self._is_up

    @property
    def is_moving(self) -> bool:
        """Its connections are on their way from a loop that has ended to another."""
        return self._is_moving

    @property
    def is_quiet(self) -> bool:
        """It is up, and all that it was asked for was answered."""
        return self._is_up and self._link is not None and not self._link.is_busy

    # Its life. All on one loop.

    def start(self) -> None:
        self._settled, self._sooner = asyncio.Event(), asyncio.Event()
        self._task = asyncio.get_running_loop().create_task(self._keep())

    async def stop(self) -> None:
        if self._task is not None:
            task, self._task = self._task, None
            while not task.done():  # Python 3.11's `wait_for`, in a library, may lose a cancellation
                task.cancel()
                await asyncio.wait({task}, timeout=STOP_SECONDS)

    async def wait_up(self) -> None:
        """Until it can be called. Raises what stands in the way, SettingsError at once."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._settings.connect_seconds):
                await self._settled.wait()
        if not self._is_up:
            raise _anew(self._problem)

    async def call(self, name: str, *words: Any, then: Callable[[Any], None] | None = None) -> Any:
        """Run a script; `then` is called with its result in the order of results. Raises LayerUnavailable."""
        for _ in range(ATTEMPTS):
            if not self._is_up:
                await self.wait_up()
            try:
                return await self.run(name, words, then)
            except RedisError as error:
                self._refused(name, error)
        raise LayerUnavailable(f"Redis at {self.host} refuses, and so do those it names")

    def tell(self, name: str, *words: Any, then: Callable[[Any], None] | None = None) -> None:
        """Run a script for whoever does not wait for it; later if the shard is away, and nobody for the
        result.
        """
        if self._link is None or not self._is_up:
            if then is None:
                self._untold.append((name, words))
            return
        try:
            self._link.tell(*self._command(name, words), then=self._taker(then))
        except LayerUnavailable:
            if then is None:
                self._untold.append((name, words))

    def expect(self, seconds: float) -> None:
        """Something is due then: nobody is to wait for the next regular look."""
        when = self._clock.now() + seconds
        if when < self._next_tick:
            self._next_tick = when
            self._sooner.set()

    # Keeping it.

    async def _keep(self) -> None:
        pause = FIRST_PAUSE
        try:
            while True:
                began = self._clock.now()
                try:
                    await self._serve_once()
                    pause = FIRST_PAUSE
                except (LayerUnavailable, RedisError, SettingsError) as error:
                    self._report(error)
                    if self._clock.now() - began >= LONGEST_PAUSE:
                        pause = FIRST_PAUSE
                await asyncio.sleep(pause * OWN_CHANCE.uniform(0.5, 1.0))
                pause = min(2 * pause, LONGEST_PAUSE)
        except asyncio.CancelledError:
            if self._task is not None:  # nobody stopped it: its loop is being closed
                self._task = None
                self._is_moving = True
                self._visitor.cut_off(self)
            raise

    async def _serve_once(self) -> None:
        """Dial, register, serve until a link is lost. Raises LayerUnavailable when the server refuses."""
        links = await dial(self.host, self._base, self._settings.connect_seconds, 2)
        link = self._link = links[0]
        tasks: list[asyncio.Task[None]] = []
        try:
            how = await self._register()
            tasks = [asyncio.create_task(self.feed.read(links[1])), asyncio.create_task(self._tick())]
            await self._visitor.restored(self, how)
            self._came_up()
            self._visitor.came_up(self)
            await asyncio.wait({link.lost, *tasks}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._went_down(link)
            for task in tasks:
                task.cancel()
            links[1].close()
            await asyncio.wait({link.lost, links[1].lost, *tasks})
            refusals = [task.exception() for task in tasks if not task.cancelled()]
        for refusal in filter(None, refusals):
            raise refusal

    async def _register(self) -> Restored:
        known, server_now, era, newest = await self.run("register", ())
        self._set_time(server_now)
        self.feed.begin_behind(newest)
        away = 0.0 if self._is_moving and known else self._clock.now() - self._away_since
        forgot, self._era = self._era not in (b"", era), era
        is_first, self._was_up, self._is_moving = not self._was_up, True, False
        return Restored(is_first, not known, forgot, away)

    def _came_up(self) -> None:
        untold, self._untold = self._untold, deque(maxlen=MAX_UNTOLD)
        self._is_up = True
        self._settled.set()
        for name, words in untold:
            self.tell(name, *words)

    def _went_down(self, link: Link) -> None:
        if self._link is link:  # else it was moved to another loop meanwhile
            if self._is_up:
                self._away_since = self._clock.now()
                self._problem = LayerUnavailable(f"the connection to Redis at {self.host} was lost")
            self._set_down()
        link.close()

    def _set_down(self) -> None:
        self._is_up = False
        self._settled.clear()
        self._link = None

    def _report(self, error: Exception) -> None:
        if str(error) != str(self._problem):
            LOGGER.warning("%s; trying again", error)
        self._problem = error
        if isinstance(error, SettingsError):
            self._settled.set()

    # Running scripts.

    async def run(self, name: str, words: tuple[Any, ...], then: Callable[[Any], None] | None = None) -> Any:
        """As `call`, at once, also while the shard is being restored. Raises RedisError as well."""
        link = self._link
        if link is None:
            raise _anew(self._problem)
        try:
            reply = await link.ask(*self._command(name, words), then=self._taker(then))
        except NoScriptError:
            text = self._scripts[name].text
            reply = await link.ask("EVAL", text, *self._common, *words, then=self._taker(then))
        return reply[0]

    def _command(self, name: str, words: tuple[Any, ...]) -> tuple[Any, ...]:
        return ("EVALSHA", self._scripts[name].digest, *self._common, *words)

    def _taker(self, then: Callable[[Any], None] | None) -> Callable[[Any], None]:
        def take(reply: Any) -> None:
            result, elsewhere, *outcomes = reply
            if then is not None:
                then(result)
            for each in elsewhere:
                self._visitor.forward(*each)
            if outcomes and outcomes[0]:
                self._visitor.put_in_queues(outcomes[0])

        return take

    def _refused(self, name: str, error: RedisError) -> None:
        """Where another server is in charge now, nothing was done and the call can be made again there."""
        if not (isinstance(error, ELSEWHERE) or str(error).startswith(UNNAMED)):
            raise LayerUnavailable(f"Redis at {self.host} refuses {name}: {error}") from error
        link = self._link
        self._set_down()
        if link is not None:
            link.close()

    async def ask(self, *words: Any) -> Any:
        """Give a command that is no script. Raises LayerUnavailable, RedisError."""
        if self._link is None:
            raise _anew(self._problem)
        return await self._link.ask(*words)

    # What becomes due.

    async def _tick(self) -> None:
        """Until the connection is lost or the lease is. Raises LayerUnavailable when the server refuses."""
        lease = self._settings.lease_seconds
        while True:
            try:
                async with asyncio.timeout(lease):
                    answer = await self._look()
            except (TimeoutError, LayerUnavailable):
                return
            except RedisError as error:
                raise LayerUnavailable(f"Redis at {self.host} refuses tick: {error}") from error
            alive, server_now, due, lost, more = answer
            if not alive:
                return
            self._set_time(server_now)
            if lost:
                self._visitor.lost_entries(self, lost)
            rest = lease / 3 if not due else min(lease / 3, (due - server_now) / 1000)
            await self._rest(LEAST_PAUSE if more else max(LEAST_PAUSE, rest))

    async def _look(self) -> Any:
        wanted = self._visitor.wanted(self)
        for start in range(WANTED_AT_ONCE, len(wanted), WANTED_AT_ONCE):
            await self.run("wanted", tuple(wanted[start : start + WANTED_AT_ONCE]))
        return await self.run("tick", tuple(wanted[:WANTED_AT_ONCE]))

    async def _rest(self, seconds: float) -> None:
        self._next_tick = self._clock.now() + seconds
        while (left := self._next_tick - self._clock.now()) > 0:
            self._sooner.clear()
            try:
                async with asyncio.timeout(left):
                    await self._sooner.wait()
            except TimeoutError:
                return

    def _set_time(self, server_now: int) -> None:
        self.ahead = server_now / 1000 - self._clock.now()


def _anew(problem: Exception) -> Exception:
    """What is raised keeps whoever it went through; the layer among them could then never be dropped."""
    if isinstance(problem, SettingsError):
        return SettingsError(problem.setting, problem.problem)
    return LayerUnavailable(str(problem))


def _common(base: str, process: str, settings: RedisSettings) -> tuple[Any, ...]:
    """What every script is told: its key, and its first arguments, in the order of lua/common.lua."""
    times = settings.expiry, settings.group_expiry, settings.lease_seconds
    return (
        1,
        base,
        process,
        *(round(seconds * 1000) for seconds in times),
        settings.inbox_length,
        settings.capacity,
        settings.max_attempts,
    )
