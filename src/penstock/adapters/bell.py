"""How a thread that sleeps is woken by another that goes on running Python.

Releasing a lock, or putting into a queue, wakes a thread that finds the interpreter's own lock taken and has
to sleep again. A write to an eventfd lets go of that lock, so that who is woken can run: two context switches
less. Systems without eventfd have a queue.
"""

import os
from queue import SimpleQueue


class Bell:
    """Rung once for each wait. A wait may end without a ring: whoever waits looks again."""

    __slots__ = ("_descriptor", "_queue")

    def __init__(self) -> None:
        self._queue: SimpleQueue[None] = SimpleQueue()
        self._descriptor = os.eventfd(0, os.EFD_CLOEXEC) if hasattr(os, "eventfd") else -1

    def __del__(self) -> None:
        if self._descriptor >= 0:
            os.close(self._descriptor)

    def ring(self) -> None:
        if self._descriptor >= 0:
            os.eventfd_write(self._descriptor, 1)
        else:
            self._queue.put(None)

    def wait(self) -> None:
        if self._descriptor >= 0:
            os.read(self._descriptor, 8)
        else:
            self._queue.get()
