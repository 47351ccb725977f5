"""WSGI applications on ASGI servers: `WsgiToAsgi(app)` is an ASGI 3 application.

A request is a coroutine of the loop and a call in a thread. The coroutine gets the first part of the body
before it takes a thread, so that a client who sends nothing holds none; then it sends what the thread
hands over. A simple request crosses over once in each direction.
"""

import asyncio
import inspect
import logging
import weakref
from contextvars import Context
from typing import TYPE_CHECKING, Any

from penstock.adapters.shown import shown
from penstock.adapters.wsgi.direct import DirectCall
from penstock.adapters.wsgi.doorbell import Doorbell
from penstock.adapters.wsgi.environ import PLACES
from penstock.adapters.wsgi.errors import ErrorStream
from penstock.adapters.wsgi.exchange import Exchange
from penstock.adapters.wsgi.files import FileWrapper
from penstock.adapters.wsgi.scope_faults import FAULTS, check_message, scope_fault
from penstock.adapters.wsgi.settings import WsgiSettings
from penstock.adapters.wsgi.threads import Threads
from penstock.adapters.wsgi.workshop import Workshop
from penstock.base.asgi import Receive, Scope, Send
from penstock.base.direct import DirectApp, DirectRequest
from penstock.base.errors import LocalProtocolError

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

LOGGER = logging.getLogger("penstock.application")
WEBSOCKET_RESPONSE = "websocket.http.response"
NO_WEBSOCKETS = b"there is no WebSocket here"


class WsgiToAsgi(DirectApp):
    """`app` is called in threads of its own, which are made when they are needed and end with the
    lifespan.

    It answers lifespan, refuses WebSockets with 404 where the server can (else with 403), and answers 503
    when no thread is free in time. It may be called on several loops.
    """

    def __init__(self, app: "WSGIApplication", settings: WsgiSettings | None = None) -> None:
        if not callable(app):
            raise TypeError(f"a WSGI application is called; {type(app).__name__} cannot be")
        if inspect.iscoroutinefunction(app):
            raise TypeError("a WSGI application is called in a thread; this is an async function, as of ASGI")
        if not isinstance(settings, WsgiSettings | None):
            raise TypeError(f"the settings are {shown(settings)}; expected WsgiSettings")
        self.app = app
        self.settings = settings or WsgiSettings()
        self._constants = _constants()
        self._threads: Threads | None = None
        self._shop: Workshop | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            kind = scope["type"]
        except FAULTS as error:
            raise scope_fault(scope, error) from error
        if kind == "http":
            await Exchange(self._shop_here(), scope, receive, send).run()
        elif kind == "lifespan":
            await self._live(receive, send)
        elif kind == "websocket":
            await _refuse_websocket(scope, receive, send)
        else:
            raise LocalProtocolError(f"the scope is of type {kind!r}; expected http, websocket or lifespan")

    def begin(self, request: DirectRequest, context: Context) -> None:
        DirectCall(self._shop_here(), request).begin(context)

    def _shop_here(self) -> Workshop:
        shop, here = self._shop, asyncio.get_running_loop()
        if shop is None or shop.doorbell.loop is not here:
            shop = self._shop = self._new_shop(here)
        return shop

    def _new_shop(self, loop: asyncio.AbstractEventLoop) -> Workshop:
        if self._threads is None:
            name = getattr(self.app, "__name__", type(self.app).__name__)
            self._threads = Threads(self.settings.threads, f"wsgi-{name}")
            weakref.finalize(self, self._threads.stop, _nothing).atexit = False
        return Workshop(self.app, self.settings, self._constants, self._threads, Doorbell(loop))

    async def _live(self, receive: Receive, send: Send) -> None:
        check_message(await receive(), "lifespan.startup")
        await send({"type": "lifespan.startup.complete"})
        check_message(await receive(), "lifespan.shutdown")
        await self._stop_threads()
        await send({"type": "lifespan.shutdown.complete"})

    async def _stop_threads(self) -> None:
        """A later request, if any comes, gets new threads."""
        threads, self._threads, self._shop = self._threads, None, None
        if threads is None:
            return
        doorbell = Doorbell(asyncio.get_running_loop())
        ended = asyncio.Event()
        threads.stop(lambda: doorbell.call(ended.set))
        try:
            await asyncio.wait_for(ended.wait(), self.settings.shutdown_seconds)
        except TimeoutError:
            LOGGER.warning(
                "%d calls of the application still ran %g seconds after the shutdown began; they are left to "
                "themselves",
                threads.running,
                self.settings.shutdown_seconds,
            )


def _nothing() -> None:
    """Nobody waits for the end of threads whose adapter is forgotten."""


def _constants() -> dict[str, Any]:
    return PLACES | {
        "wsgi.version": (1, 0),
        "wsgi.errors": ErrorStream(),
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,  # nobody here knows whether there are other processes
        "wsgi.run_once": False,
        "wsgi.input_terminated": True,
        "wsgi.file_wrapper": FileWrapper,
    }


async def _refuse_websocket(scope: Scope, receive: Receive, send: Send) -> None:
    check_message(await receive(), "websocket.connect", "websocket.disconnect")
    if WEBSOCKET_RESPONSE in (scope.get("extensions") or {}):
        fields = [(b"content-type", b"text/plain"), (b"content-length", b"%d" % len(NO_WEBSOCKETS))]
        await send({"type": f"{WEBSOCKET_RESPONSE}.start", "status": 404, "headers": fields})
        await send({"type": f"{WEBSOCKET_RESPONSE}.body", "body": NO_WEBSOCKETS})
    else:
        await send({"type": "websocket.close"})
