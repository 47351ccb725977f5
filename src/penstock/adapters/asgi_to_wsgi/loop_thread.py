"""The one background thread of a process in which an application's event loop runs, with its lifespan.

It is made by the first request, so that it lives in the process that serves (servers fork after they have
imported the application), and ends with the process or by `close`. Nothing that an application does to its
loop may leave a WSGI thread waiting for good: a loop that stops runs on, and what is cut short is told to
both ends.
"""

import asyncio
import contextvars
import importlib
import logging
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from threading import Lock, Thread
from typing import Any

from penstock.adapters.asgi_to_wsgi.bells import Bells
from penstock.adapters.asgi_to_wsgi.bounds import AsgiToWsgiBounds
from penstock.adapters.asgi_to_wsgi.calls import Calls
from penstock.adapters.asgi_to_wsgi.exchange import Exchange
from penstock.adapters.asgi_to_wsgi.failures import report_unheard
from penstock.adapters.asgi_to_wsgi.process import refuse_green_threads
from penstock.base.asgi import App
from penstock.base.errors import LocalProtocolError
from penstock.base.lifespan import Lifespan

LOGGER = logging.getLogger("penstock.adapters")
EAGER_TASKS = sys.version_info >= (3, 12)
LoopFactory = Callable[[], asyncio.AbstractEventLoop]
CANCEL_SECONDS = 1.0  # for a task to end that was cancelled with the process
Task: Any = asyncio.Task  # whose `eager_start` Python 3.11 does not know


def new_loop() -> asyncio.AbstractEventLoop:
    """uvloop's where it is installed: waking it from another thread costs less."""
    try:
        loop: asyncio.AbstractEventLoop = importlib.import_module("uvloop").new_event_loop()
    except ImportError:
        return asyncio.new_event_loop()
    return loop


class LoopThread:
    """Start it once; from then on any thread may use it. `pid` is the process that it lives in.

    Raises PenstockError in a process without real threads.
    """

    def __init__(self, app: App, lifespan: str, loop_factory: LoopFactory, bounds: AsgiToWsgiBounds) -> None:
        refuse_green_threads()
        self.pid = os.getpid()
        self._app = app
        self._bounds = bounds
        self._lifespan = Lifespan(app, required=lifespan == "on")
        self._lifespan.supported = lifespan != "off"
        self._loop = loop_factory()
        self._thread = Thread(target=self._main, name="penstock-asgi", daemon=True)
        self._exchanges: set[Exchange] = set()
        self._lock = Lock()
        self._calls = Calls(self._loop)
        self.bells = Bells()
        self._closing = False
        self._stopping = False

    @property
    def state(self) -> dict[str, Any] | None:
        """The lifespan's, None without one."""
        return self._lifespan.state if self._lifespan.supported else None

    def start(self) -> None:
        """Run the start-up of the application. Raises LifespanFailed, and has ended the thread then."""
        self._calls.open()
        self._thread.start()
        if not self._lifespan.supported:
            return
        try:
            asyncio.run_coroutine_threadsafe(self._lifespan.startup(), self._loop).result()
        except BaseException:
            self.close()
            raise

    def begin(self, exchange: Exchange) -> None:
        """Call the application for a request, with the variables of its start-up and of this thread."""
        context = self._lifespan.context.copy()
        if variables := contextvars.copy_context():
            for variable, value in variables.items():
                context.run(variable.set, value)
        self._calls.call(self._begin, exchange, context)

    def call(self, callback: Callable[..., object], *arguments: Any) -> None:
        """Call it in the loop. Raises LocalProtocolError when that takes no more calls."""
        self._calls.call(callback, *arguments)

    def depart(self, exchange: Exchange) -> None:
        """The WSGI server has closed a response before its end."""
        with suppress(LocalProtocolError):  # at the end of the process it is told anyway
            self.call(self._depart, exchange)

    def close(self) -> None:
        """Shut the application down and end the thread, within the bounds. Again, it does nothing."""
        with self._lock:
            if self._closing:
                return
            self._closing = True
        ending = asyncio.run_coroutine_threadsafe(self._shut_down(), self._loop)
        try:
            ending.result(2 * self._bounds.shutdown_seconds + 2 * CANCEL_SECONDS)
        except TimeoutError:  # its own deadlines would have come before
            LOGGER.error("the application blocks its event loop; it is left without a shutdown")
        else:
            self._thread.join()

    def _main(self) -> None:
        while not self._stopping:
            try:
                self._loop.run_forever()
            except BaseException:  # SystemExit too, which a task passes on to its loop
                LOGGER.exception("the application raised out of its event loop, which runs on")
        self._loop.close()

    def _begin(self, exchange: Exchange, context: contextvars.Context) -> None:
        running = exchange.run(self._app, self._finished)
        if EAGER_TASKS:  # an application that waits for nothing has answered when this returns
            task = Task(running, loop=self._loop, context=context, eager_start=True)
        else:
            task = self._loop.create_task(running, context=context)
            task.add_done_callback(partial(self._ended, exchange))
        if not exchange.returned:
            exchange.task = task
            self._exchanges.add(exchange)

    def _ended(self, exchange: Exchange, task: object) -> None:
        """A task that was cancelled before its first step has not run a line of the exchange."""
        if not exchange.returned:
            error = asyncio.CancelledError()
            exchange.end(error)
            self._finished(exchange, error)

    def _finished(self, exchange: Exchange, error: BaseException | None) -> None:
        exchange.task = None
        self._exchanges.discard(exchange)
        if error is not None and not exchange.failure_is_told:
            report_unheard(error, exchange.scope)

    def _depart(self, exchange: Exchange) -> None:
        if exchange.depart():
            self._loop.call_later(self._bounds.cancel_seconds, _cancel, exchange)

    async def _shut_down(self) -> None:
        """Requests first, then the lifespan, then whatever the application has left behind."""
        seconds = self._bounds.shutdown_seconds
        await self._end_requests(seconds)
        shutdown = self._loop.create_task(self._lifespan.shutdown())
        await asyncio.wait([shutdown], timeout=seconds)
        if not shutdown.done():
            LOGGER.error("the application did not shut down within %g seconds", seconds)
        await self._end_tasks()
        await self._loop.shutdown_asyncgens()
        self._stopping = True
        self._loop.call_soon(self._loop.stop)

    async def _end_requests(self, seconds: float) -> None:
        running = [exchange.task for exchange in self._exchanges if exchange.task is not None]
        if running:
            await asyncio.wait(running, timeout=seconds)
        self._calls.close()  # what was called before begins now, and nothing later
        for exchange in list(self._exchanges):
            _cancel(exchange)
        await asyncio.sleep(0)
        for exchange in list(self._exchanges):  # whatever does not let itself be cancelled
            exchange.end(asyncio.CancelledError())

    async def _end_tasks(self) -> None:
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks, timeout=CANCEL_SECONDS)


def _cancel(exchange: Exchange) -> None:
    if exchange.task is not None:
        exchange.task.cancel()
