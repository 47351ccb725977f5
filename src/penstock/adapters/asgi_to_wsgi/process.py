"""What an adapter has to know of its process: that it was forked, that it ends, that its threads are real.

Nothing here keeps an adapter alive: neither hook can be taken back, so they hold weak references.
"""

import atexit
import os
import sys
import threading
import weakref
from collections.abc import Callable

from penstock.base.errors import PenstockError

# Who replaces threads: the module that does, what tells whether it has, and its word for them.
GREEN = (
    ("gevent.monkey", "is_module_patched", "threading"),
    ("eventlet.patcher", "is_monkey_patched", "thread"),
)


def after_fork(method: Callable[[], None]) -> None:
    """Call a bound method in every child that is forked, before anything else runs there."""
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=_weakly(method))


def at_exit(method: Callable[[], None]) -> None:
    """Call a bound method when the process ends; it has to bear being called twice.

    `atexit` comes after Python has waited for the threads of executors: too late for a thread that waits for
    an application, and for an application that uses threads in its shutdown. The hook that Python's own
    executors use comes before; it is private, so `atexit` stands behind it.
    """
    early = getattr(threading, "_register_atexit", None)
    if early is not None:
        early(_weakly(method))
    atexit.register(_weakly(method))


def refuse_green_threads() -> None:
    """Raises PenstockError where gevent or eventlet has replaced threads: a loop in one of theirs would block
    all.
    """
    for module, method, threads in GREEN:
        maybe_monkey = sys.modules.get(module)
        if maybe_monkey is not None and getattr(maybe_monkey, method)(threads):
            library = module.partition(".")[0]
            raise PenstockError(
                f"{library} has replaced the threads of this process, and an event loop needs a real one; "
                "run the WSGI server with threads (gunicorn --worker-class gthread)"
            )


def _weakly(method: Callable[[], None]) -> Callable[[], None]:
    reference = weakref.WeakMethod(method)

    def call() -> None:
        maybe_method = reference()
        if maybe_method is not None:
            maybe_method()

    return call
