"""The way from a process to the hub, wherever the hub is: behind the socket, or in this very process.

It looks for a hub, becomes it where there is none, and begins anew when it is lost: a connection that breaks,
a hub that is silent for `lease_seconds`, a socket that somebody else has replaced. Its task and its beat run
on the background loop; frames come and go on whatever loop serves the sockets (`Seat`).
"""

import asyncio
import logging
import time
from collections.abc import Callable
from threading import RLock
from typing import Protocol

from penstock.base.errors import SettingsError
from penstock.channels import background
from penstock.channels.clock import Clock
from penstock.channels.errors import LayerClosed, LayerUnavailable
from penstock.channels.local import frames
from penstock.channels.local.frames import FRAME_ROOM_BYTES, Frame
from penstock.channels.local.hub import Hub
from penstock.channels.local.loopback import Loopback
from penstock.channels.local.peer import Peer
from penstock.channels.local.place import Busy, Mark, Place
from penstock.channels.local.porch import Porch
from penstock.channels.local.seat import Seat
from penstock.channels.local.settings import LocalSettings
from penstock.channels.local.wire import Wire
from penstock.channels.notices import Gap

LOGGER = logging.getLogger("penstock.channels")
BEATS = 3  # in the time of a lease
PATIENCE = 3  # leases until a call is told that there is no hub: one to notice, one to replace it
RETRY_SECONDS = 0.02  # until one looks again who has become the hub


class Unanswered(Exception):
    """Somebody listens, and says nothing, or nonsense, or goes away."""

    def __init__(self, problem: str, is_silent: bool = False) -> None:
        super().__init__(problem)
        self.is_silent = is_silent


class User(Protocol):
    """Whose link it is. Called with the lock held."""

    def link_is_up(self, gap: Gap | None) -> None:
        """There is a hub, which knows nothing of this process yet."""

    def link_is_lost(self) -> None: ...

    def link_is_missing(self, error: LayerUnavailable) -> None:
        """It was lost, and has not been found again for long."""

    def take_in(self, frame: Frame) -> None: ...


class Link:
    def __init__(self, settings: LocalSettings, client: str, clock: Clock, lock: RLock, user: User) -> None:
        self._settings = settings
        self._client = client
        self._clock = clock
        self._lock = lock
        self._user = user
        self._place = Place(settings.path)
        self._patience = PATIENCE * settings.lease_seconds
        self.seat = Seat()
        self.hub: Hub | None = None  # where this process is it
        self.is_up = False
        self._porch: Porch | None = None
        self._mark: Mark = (0, 0)
        self._loopback: Loopback | None = None
        self._peer: Peer | None = None
        self._wire: Wire | None = None
        self._send: Callable[[Frame], None] = _nowhere
        self._heard_at = self._beaten_at = 0.0
        self._lost: tuple[str, float] | None = None  # why and when
        self._is_closed = False
        self._problem = ""
        self._task: asyncio.Task[None] | None = None
        self._changed: asyncio.Event | None = None
        self._greeting: asyncio.Future[None] | None = None
        self._waiters: list[asyncio.Future[None]] = []

    # With the lock held.

    def post(self, frame: Frame) -> bool:
        """False while there is no hub."""
        if self.is_up:
            self._send(frame)
        return self.is_up

    def forget(self) -> None:
        """In a forked child: the sockets are the parent's."""
        if self._wire is not None:
            self._wire.forget()
        if self._porch is not None:
            self._porch.forget()

    # On the background loop.

    async def reach(self) -> None:
        """Raises SettingsError, LayerClosed, or LayerUnavailable when it takes longer than a lease."""
        with self._lock:
            if self._is_closed:
                raise LayerClosed("the layer is closed; nothing more can be sent or received")
            if self.is_up:
                return
        if self._task is None:
            self._changed = asyncio.Event()
            self._task = asyncio.create_task(self._keep())
        waiter = asyncio.get_running_loop().create_future()
        self._waiters.append(waiter)
        try:
            async with asyncio.timeout(self._patience):
                await waiter
        except TimeoutError:
            raise self._unavailable() from None

    async def close(self) -> None:
        with self._lock:
            self._is_closed = True
            if self._wire is not None and self.is_up:
                self._wire.post((frames.BYE, 0))
                self._wire.flush()
            was_hub = self.hub is not None
            self._let_go()
        if was_hub:
            self._place.leave(self._mark)
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait({self._task})
        self._tell_waiters(LayerClosed("the layer is closed; nothing more can be sent or received"))

    def _unavailable(self) -> LayerUnavailable:
        problem = self._problem or "nobody answers"
        return LayerUnavailable(f"no hub at {self._settings.path}: {problem}; it goes on trying")

    async def _keep(self) -> None:
        try:
            while True:
                await self._look_for_hub()
                self._tell_waiters(None)
                await self._beat_until_lost()
        except SettingsError as error:
            self._task = None
            self._tell_waiters(error)

    async def _look_for_hub(self) -> None:
        while True:
            try:
                await self._connect_or_found()
                return
            except (Busy, OSError) as error:
                self._problem = str(error) or "other processes are choosing a hub"
            except SettingsError as error:
                if self._lost is None:
                    raise
                self._problem = str(error)  # it was usable before, and may be again
            self._give_up_calls()
            await asyncio.sleep(RETRY_SECONDS)

    def _give_up_calls(self) -> None:
        """Who waits for an answer is not kept waiting for ever."""
        with self._lock:
            if self._lost is not None and time.monotonic() - self._lost[1] > self._patience:
                self._user.link_is_missing(self._unavailable())

    async def _connect_or_found(self) -> None:
        self._place.check()
        mark = self._place.mark()
        connection = self._place.connect()
        if connection is None:
            self._found(mark, stands_still=False)
            return
        wire = Wire(
            connection,
            self.seat,
            self._lock,
            self._settings.max_message_bytes + FRAME_ROOM_BYTES,
            self._take_in,
            self._wire_lost,
        )
        try:
            await self._greet(wire)
        except Unanswered as error:
            self._judge_silence(mark, error)
            self._found(mark, stands_still=True)

    def _judge_silence(self, mark: Mark | None, error: Unanswered) -> None:
        """Returns when a hub of this layer stands still. Raises Busy when it has gone meanwhile, and
        SettingsError when it was none.
        """
        with self._place.deciding():
            if self._place.mark() != mark:
                raise Busy("another process becomes the hub")
            if not self._place.is_known(mark):
                raise SettingsError("path", f"somebody listens there who is no hub: {error}") from None
        if not error.is_silent:
            raise Busy(str(error))

    async def _greet(self, wire: Wire) -> None:
        self._greeting = asyncio.get_running_loop().create_future()
        with self._lock:
            self._wire = wire
            wire.start()
            settings = (self._client, self._settings.max_message_bytes)
            wire.post((frames.HELLO, 0, frames.MAGIC, frames.VERSION, *settings))
        try:
            async with asyncio.timeout(self._settings.lease_seconds):
                await self._greeting
        except TimeoutError:
            raise Unanswered("it says nothing", is_silent=True) from None
        finally:
            with self._lock:
                if not self.is_up:
                    wire.close()

    def _found(self, mark: Mark | None, stands_still: bool) -> None:
        """Become the hub, if the place is as it was seen. Raises Busy if it is not."""
        with self._place.deciding() as descriptor:
            if self._place.mark() != mark:
                raise Busy
            if not stands_still and (connection := self._place.connect()) is not None:
                connection.close()
                raise Busy
            listener, self._mark = self._place.listen(descriptor)
        with self._lock:
            hub = self.hub = Hub(self._settings, self._clock, self._lock)
            self._porch = Porch(listener, hub, self._settings, self.seat, self._lock)
            loopback = self._loopback = Loopback(self._user.take_in)
            peer = self._peer = hub.welcome(self._client, loopback, time.monotonic())
            self._begin(lambda frame: loopback.carry(lambda each: hub.handle(peer, each), frame))
        LOGGER.info("this process is the hub of the local layer at %s", self._settings.path)

    async def _beat_until_lost(self) -> None:
        assert self._changed is not None
        self._changed.clear()
        while self.is_up:
            try:  # not `wait_for`, which loses a cancellation on Python 3.11 when both come at once
                async with asyncio.timeout(self._settings.lease_seconds / BEATS):
                    await self._changed.wait()
                self._changed.clear()
            except TimeoutError:
                self._beat_safely()

    def _beat_safely(self) -> None:
        try:
            self._beat(time.monotonic())
        except Exception:  # a fault of ours at one beat is not to end all beats: we would be taken for dead
            LOGGER.exception("a beat of the local layer failed")

    def _beat(self, now: float) -> None:
        with self._lock:
            self.seat.beat()
            if now - self._beaten_at > self._settings.lease_seconds:
                self._excuse(now)  # this process stood still itself: what came meanwhile was not read yet
            self._beaten_at = now
            if self.hub is not None and self._porch is not None and self._peer is not None:
                self._beat_as_hub(self.hub, self._porch, self._peer, now)
            elif self._wire is not None and now - self._heard_at > self._settings.lease_seconds:
                self._lose(f"the hub was silent for {self._settings.lease_seconds} seconds")
            elif self._wire is not None:
                self._wire.post((frames.BEAT, 0))
                self._wire.flush()

    def _beat_as_hub(self, hub: Hub, porch: Porch, ours: Peer, now: float) -> None:
        ours.heard_at = now
        if self._place.is_ours(self._mark):
            self._place.keep(now)
            porch.beat(now)
            hub.beat(now)
        else:
            self._lose("another process has become the hub")

    def _excuse(self, now: float) -> None:
        self._heard_at = now
        if self.hub is not None:
            self.hub.excuse(now)

    def _tell_waiters(self, error: Exception | None) -> None:
        for waiter in self._waiters:
            if waiter.done():
                continue
            if error is None:
                waiter.set_result(None)
            else:
                waiter.set_exception(error)
        self._waiters.clear()

    # On the loop that serves the sockets, with the lock held.

    def _take_in(self, frame: Frame) -> None:
        """A frame of the hub."""
        self._heard_at = time.monotonic()
        kind = frame[0]
        if self.is_up:
            self._hand_up(frame)
        elif kind == frames.WELCOME and self._wire is not None:
            self._begin(self._wire.post)
            self._answer_greeting(None)
        elif kind == frames.REFUSED:
            self._answer_greeting(SettingsError(str(frame[2]), str(frame[3])))
        else:
            self._answer_greeting(Unanswered("it says something else than welcome"))

    def _hand_up(self, frame: Frame) -> None:
        try:
            self._user.take_in(frame)
        except frames.MEANINGLESS as error:
            raise frames.BadFrame.of(frame, error) from None

    def _wire_lost(self, reason: str) -> None:
        if self.is_up:
            self._lose(reason)
        else:
            self._answer_greeting(Unanswered(reason))

    def _begin(self, send: Callable[[Frame], None]) -> None:
        self._send = send
        self.is_up = True
        self._heard_at = self._beaten_at = time.monotonic()
        gap = None
        if self._lost is not None:
            reason, since = self._lost
            gap = Gap(reason, time.monotonic() - since)
        self._lost = None
        self._user.link_is_up(gap)

    def _answer_greeting(self, error: Exception | None) -> None:
        greeting = self._greeting
        if greeting is not None:
            greeting.get_loop().call_soon_threadsafe(_finish, greeting, error)

    def _lose(self, reason: str) -> None:
        self._lost = (f"the local layer lost its hub: {reason}", time.monotonic())
        self._let_go()
        self._user.link_is_lost()
        if self._changed is not None:
            background.loop().call_soon_threadsafe(self._changed.set)

    def _let_go(self) -> None:
        self.is_up = False
        self._send = _nowhere
        if self._wire is not None:
            self._wire.close()
        if self.hub is not None and self._porch is not None:
            self._porch.close()
            self.hub.close()
        self.hub = self._porch = self._wire = self._peer = self._loopback = None


def _nowhere(frame: Frame) -> None:
    """There is no hub."""


def _finish(future: asyncio.Future[None], error: Exception | None) -> None:
    if future.done():
        return
    if error is None:
        future.set_result(None)
    else:
        future.set_exception(error)
