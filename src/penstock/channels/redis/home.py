"""The event loop that the connections of a layer live on.

It is the loop that uses the layer first, since a server has one loop for its life, and every hop to another
costs more than Redis does. Where that loop is closed or does not run any more, as after each `asyncio.run` or
`async_to_sync`, the connections move to the background loop of the process and stay there.
"""

import contextlib
import threading
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from penstock.channels import background
from penstock.channels.waking import Loop, running_loop

T = TypeVar("T")


class Home:
    """`move_in` is called on the loop that has become the home."""

    def __init__(self, move_in: Callable[[], None]) -> None:
        self._move_in = move_in
        self._moving = threading.Lock()
        self.place: Loop | None = None  # the last that was found to be it

    @property
    def is_settled(self) -> bool:
        """Whether anybody has used it."""
        return self.place is not None

    def loop(self) -> Loop:
        loop = self.place
        if loop is None or (loop is not running_loop() and (loop.is_closed() or not loop.is_running())):
            with self._moving:
                if self.place is loop:
                    self._move(running_loop() if loop is None else None)
                loop = self.place
        assert loop is not None
        return loop

    async def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Await it there."""
        home = self.loop()
        if home is running_loop():
            return await coroutine
        return await background.on_loop(home, coroutine)

    def post(self, function: Callable[..., object], *arguments: Any) -> None:
        """Call it there: at once where this is the place, else soon."""
        home = self.loop()
        if home is running_loop():
            function(*arguments)
        else:
            home.call_soon_threadsafe(function, *arguments)

    def post_if_running(self, function: Callable[[], object]) -> None:
        """Call it there soon, if anything is done there at all."""
        with contextlib.suppress(RuntimeError):  # the loop is closed, and with it all connections
            if self.place is not None and self.place.is_running():
                self.place.call_soon_threadsafe(function)

    def leave(self, loop: Loop) -> bool:
        """`loop` is being closed. Returns whether it was the home, which has moved."""
        with self._moving:
            if self.place is not loop:
                return False
            self.place = background.loop()
            return True

    def _move(self, here: Loop | None) -> None:
        self.place = here or background.loop()
        if here is not None:
            self._move_in()
        else:
            self.place.call_soon_threadsafe(self._move_in)
