"""`AsgiToWsgi`: the WSGI application that an ASGI application becomes."""

import contextvars
import logging
import os
from collections.abc import Iterable
from threading import Lock
from typing import Any

from penstock.adapters.asgi2 import as_asgi3
from penstock.adapters.asgi_to_wsgi.bounds import AsgiToWsgiBounds
from penstock.adapters.asgi_to_wsgi.environ_faults import FAULTS, fault_of
from penstock.adapters.asgi_to_wsgi.exchange import Exchange
from penstock.adapters.asgi_to_wsgi.loop_thread import LoopFactory, LoopThread, new_loop
from penstock.adapters.asgi_to_wsgi.process import after_fork, at_exit
from penstock.adapters.asgi_to_wsgi.request_body import RequestBody
from penstock.adapters.asgi_to_wsgi.response import StartResponse, answer, respond
from penstock.adapters.asgi_to_wsgi.response_head import STATUS_LINES
from penstock.adapters.asgi_to_wsgi.scope import Environ, http_scope, is_websocket
from penstock.base.errors import LifespanFailed, RemoteProtocolError, SettingsError

LOGGER = logging.getLogger("penstock.adapters")
LIFESPAN_MODES = ("auto", "on", "off")
NO_WEBSOCKET = "There is no WebSocket here: the application runs on a WSGI server, which cannot open one"
NOT_STARTED = "The application could not be started"


class AsgiToWsgi:
    """Serves an ASGI application on any WSGI server that has real threads (`app = AsgiToWsgi(asgi_app)`).

    The first request of a process starts an event loop in a thread of its own, and the application's lifespan
    in it; both end with the process, or by `close`. `lifespan` is "auto", "on" (an application without it
    fails) or "off"; `loop_factory` makes the loop, uvloop's by default where it is installed. A start-up that
    failed is answered with 503 and tried again by the next request. WebSockets are answered with 501.
    """

    def __init__(
        self,
        app: Any,
        *,
        lifespan: str = "auto",
        loop_factory: LoopFactory = new_loop,
        bounds: AsgiToWsgiBounds | None = None,
    ) -> None:
        if lifespan not in LIFESPAN_MODES:
            raise SettingsError("lifespan", f"{lifespan!r} is not known; expected one of {LIFESPAN_MODES}")
        self._app = as_asgi3(app)
        self._lifespan = lifespan
        self._loop_factory = loop_factory
        self._bounds = bounds or AsgiToWsgiBounds()
        self._context = contextvars.copy_context()
        self._running: LoopThread | None = None
        self._failure: LifespanFailed | None = None
        self._failures = 0
        self._inherited: list[LoopThread] = []
        self._lock = Lock()
        after_fork(self._forget)
        at_exit(self.close)

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        try:
            scope = http_scope(environ)
            body = RequestBody(environ, self._bounds.read_bytes)
            websocket = "HTTP_UPGRADE" in environ and is_websocket(environ)
        except RemoteProtocolError as error:
            return answer(start_response, scope["method"], STATUS_LINES[error.status], str(error))
        except FAULTS as error:
            raise fault_of(environ, error) from error
        if websocket:
            return answer(start_response, scope["method"], "501 Not Implemented", NO_WEBSOCKET)
        try:
            loop = self._loop()
        except LifespanFailed as error:
            LOGGER.error("the application did not start: %s", error)
            return answer(start_response, scope["method"], "503 Service Unavailable", NOT_STARTED)
        if loop.state is not None:
            scope["state"] = loop.state.copy()
        exchange = Exchange(scope, loop.bells, body_ended=body.ended, buffer_bytes=self._bounds.buffer_bytes)
        loop.begin(exchange)
        return respond(exchange, body, loop, start_response)

    def close(self) -> None:
        """Shut the application down, and end its loop. Call it when the WSGI server has stopped, where the
        process goes on; a request that comes later would start the application once more.
        """
        running, self._running = self._running, None
        if running is not None and running.pid == os.getpid():
            running.close()

    def _loop(self) -> LoopThread:
        running = self._running
        if running is None or running.pid != os.getpid():  # uWSGI forks without Python's hooks
            return self._started()
        return running

    def _started(self) -> LoopThread:
        """Whoever waited while a start-up failed shares its failure, instead of trying one after another."""
        failures = self._failures
        with self._lock:
            if self._running is not None and self._running.pid == os.getpid():
                return self._running
            if self._failures != failures and self._failure is not None:
                raise self._failure
            running = self._context.copy().run(self._new_loop_thread)
            try:
                running.start()
            except LifespanFailed as error:
                self._failures += 1
                self._failure = error
                raise
            self._running = running
            return running

    def _new_loop_thread(self) -> LoopThread:
        """To be run in the variables that were set when the application was imported: those of the request
        that comes first are none of the others' business.
        """
        return LoopThread(self._app, self._lifespan, self._loop_factory, self._bounds)

    def _forget(self) -> None:
        """In a forked child the thread is gone, its lock may be held, and its loop shares descriptors with
        the parent's: the loop is kept, for closing it would take them away from the parent.
        """
        if self._running is not None:
            self._inherited.append(self._running)
        self._running = None
        self._lock = Lock()
