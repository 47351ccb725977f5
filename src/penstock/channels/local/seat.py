"""On which event loop the sockets of a layer are served.

At first, and whenever there is no better, on the background loop of the process. A loop whose tasks receive,
or ask again and again, serves them itself: a message would cost two switches of threads more otherwise, each
up to the five milliseconds that a busy thread keeps the interpreter. Such a loop may end at any time, so it
is a guest: an asynchronous generator tells when it is shut down, a beat of the background loop when it just
stands still.

Callbacks may come twice and from two threads while the seat changes; they hold the layer's lock.
"""

import asyncio
import contextlib
import threading
import weakref
from collections.abc import AsyncGenerator, Callable

from penstock.channels import background
from penstock.channels.waking import Loop, running_loop

Callback = Callable[[], None]


class Guest:
    """A loop that serves for a while; it ticks when it runs."""

    def __init__(self, loop: Loop) -> None:
        self.loop = loop
        self.has_ticked = True
        self.stay: AsyncGenerator[None, None] | None = None

    def tick(self) -> None:
        self.has_ticked = True


class Seat:
    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._loop: Loop | None = None
        self._readers: dict[int, Callback] = {}
        self._writers: dict[int, Callback] = {}
        self._guest: Guest | None = None
        self.guest_loop: Loop | None = None  # the guest's, for readers without the lock
        self._asking: weakref.ref[Loop] | None = None  # the last that has asked

    @property
    def loop(self) -> Loop:
        with self._lock:
            self._loop = self._loop or background.loop()
            return self._loop

    def watch(self, descriptor: int, on_readable: Callback) -> None:
        with self._lock:
            self._readers[descriptor] = on_readable
            run_on(self.loop, self.loop.add_reader, descriptor, on_readable)

    def watch_writable(self, descriptor: int, on_writable: Callback) -> None:
        """Until `unwatch_writable`."""
        with self._lock:
            if descriptor not in self._writers:
                self._writers[descriptor] = on_writable
                run_on(self.loop, self.loop.add_writer, descriptor, on_writable)

    def unwatch_writable(self, descriptor: int) -> None:
        with self._lock:
            if self._writers.pop(descriptor, None) is not None:
                run_on(self.loop, self.loop.remove_writer, descriptor)

    def release(self, descriptor: int, close: Callback) -> None:
        """Watch it no more, and `close` it where nothing watches it any longer: its number may be another
        socket's then.
        """
        with self._lock:
            self._readers.pop(descriptor, None)
            self._writers.pop(descriptor, None)
            loop = self.loop

            def finish() -> None:
                loop.remove_reader(descriptor)
                loop.remove_writer(descriptor)
                close()

            if not run_on(loop, finish):
                close()

    def soon(self, callback: Callback) -> None:
        """On the loop that runs here, else on the one that serves."""
        (running_loop() or self.loop).call_soon_threadsafe(callback)

    async def asked(self) -> None:
        """A task asks for something and waits for the answer. A loop that does so twice will go on to."""
        self.clear_stopped()
        if self._guest is not None:
            return
        here = asyncio.get_running_loop()
        if self._asking is not None and self._asking() is here:
            await self.adopt()
        else:
            self._asking = weakref.ref(here)

    async def adopt(self) -> None:
        """The loop that this runs on serves from now on, if none but the background loop does."""
        here = asyncio.get_running_loop()
        self.clear_stopped()
        if self._guest is not None or here is background.loop():
            return
        with self._lock:
            if self._guest is not None:
                return
            guest = self._guest = Guest(here)
            self.guest_loop = here
            guest.stay = self._until_shut_down(guest)
        await anext(guest.stay)

    def clear_stopped(self) -> None:
        """A guest whose loop was closed without a word, or stands still until this call is done (`sync`), is
        noticed now, before the next beat.
        """
        guest = self._guest
        if guest is not None and (guest.loop.is_closed() or guest.loop is background.held_up()):
            self._leave(guest)

    def beat(self) -> None:
        """On the background loop, now and then: a guest that does not run serves no more."""
        with self._lock:
            if (guest := self._guest) is None:
                return
            has_ticked, guest.has_ticked = guest.has_ticked, False
            if not has_ticked or not run_on(guest.loop, guest.tick):
                self._leave(guest)

    async def _until_shut_down(self, guest: "Guest") -> AsyncGenerator[None, None]:
        self._move(guest.loop)
        try:
            yield
        finally:
            self._leave(guest)

    def _leave(self, guest: "Guest") -> None:
        """It may have been sent away before, and another may have come."""
        with self._lock:
            if self._guest is guest:
                self._guest = self.guest_loop = None
                self._move(background.loop())

    def _move(self, there: Loop) -> None:
        with self._lock:
            before, self._loop = self.loop, there
            for descriptor, callback in self._readers.items():
                run_on(before, before.remove_reader, descriptor)
                run_on(there, there.add_reader, descriptor, callback)
            for descriptor, callback in self._writers.items():
                run_on(before, before.remove_writer, descriptor)
                run_on(there, there.add_writer, descriptor, callback)


def run_on(loop: Loop, call: Callable[..., object], *arguments: object) -> bool:
    """When `loop` gets to it, also where it runs here: what was asked of it before comes first. False when
    it was closed.
    """
    with contextlib.suppress(RuntimeError):
        loop.call_soon_threadsafe(call, *arguments)
        return True
    return False
