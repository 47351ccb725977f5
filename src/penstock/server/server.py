"""One running server: opened, started, drained and closed, inside a loop that is somebody's.

Everything a server needs hangs on its instance, so any number of them live in one process without seeing each
other. The end has two phases: what runs is finished within `drain_seconds`, what is left then is cut off; the
application's shutdown comes when the last connection is gone.
"""

import asyncio
import contextlib
import logging
from collections.abc import Coroutine
from types import TracebackType
from typing import Any

from penstock.base.asgi import App
from penstock.base.errors import LifespanFailed
from penstock.base.lifespan import Lifespan
from penstock.bridge.service import Service
from penstock.engine.defaults import ResponseDefaults
from penstock.server.access_log import AccessLog
from penstock.server.application import adapt, interface_of
from penstock.server.banner import log_started
from penstock.server.settings import Settings
from penstock.server.signals import drain_signals
from penstock.transport.binds import parse_bind
from penstock.transport.certificates import TlsExtension, read_server_certificate
from penstock.transport.connection import Connection
from penstock.transport.listener import Listener
from penstock.transport.opening import ALPN
from penstock.transport.sweep import Sweep
from penstock.transport.tls_connection import TlsConnection, TlsSetup
from penstock.transport.tls_context import create_context

LOGGER = logging.getLogger("penstock.server")
STANDARD_OUTPUT = 1
TURNS_TO_READ = 3  # of the loop: what clients have sent before a drain is read before it, not reset


class StoppedEarly(LifespanFailed):
    """The server was told to stop while the application started."""


class Server:
    """Serves one application of ASGI or WSGI; `interface` is asgi3, asgi2 or wsgi.

    `await server.serve()` runs until `drain()` is called, a signal comes, or the task is cancelled; `async
    with server:` serves while the block runs. `settings` defaults to `Settings()`; `name` is what the
    start-up line calls the application. Raises BindError, SettingsError and LifespanFailed before the first
    connection is accepted.
    """

    def __init__(self, app: Any, settings: Settings | None = None, *, name: str = "") -> None:
        self.settings = settings or Settings()
        self.addresses: list[str] = []
        self._name = name or getattr(app, "__qualname__", type(app).__qualname__)
        self.interface = interface_of(app, self.settings.interface)
        self._app: App = adapt(app, self.interface, self.settings.wsgi)
        self._stop_wanted = asyncio.Event()
        self._hurry = asyncio.Event()
        self._listener: Listener | None = None
        self._sweep: Sweep | None = None
        self._lifespan: Lifespan | None = None
        self._access_log: AccessLog | None = None

    async def serve(self, *, handle_signals: bool = True) -> None:
        """Serve until told to stop. With `handle_signals`, SIGTERM and SIGINT drain, and the second one stops
        at once.
        """
        signals = drain_signals(self.drain) if handle_signals else contextlib.nullcontext()
        with signals, contextlib.suppress(StoppedEarly):
            async with self:
                await self._stop_wanted.wait()

    def drain(self) -> None:
        """Begin the end: finish what runs and return from `serve`. Called again, it does not wait for what
        runs.
        """
        if self._stop_wanted.is_set():
            self._hurry.set()
        self._stop_wanted.set()

    async def __aenter__(self) -> "Server":
        try:
            await self._start()
        except BaseException:
            await self._close()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            await self._drain()
        finally:
            await self._close()

    async def _start(self) -> None:
        settings = self.settings
        tls = self._tls()
        self._listener = Listener.open(
            [parse_bind(text) for text in settings.bind], settings.backlog, settings.unix_socket_mode
        )
        self.addresses = self._listener.addresses("http" if tls is None else "https")
        service = self._service()
        await self._start_lifespan(service)
        self._sweep = sweep = Sweep(service, self._tick)
        sweep.start()

        def connection() -> Any:
            return Connection(sweep) if tls is None else TlsConnection(sweep, tls)

        await self._listener.start(asyncio.get_running_loop(), connection)
        log_started(self.addresses, self._name, self.interface, asyncio.get_running_loop())

    def _tls(self) -> TlsSetup | None:
        settings = self.settings
        if settings.certfile is None:
            return None
        context = create_context(
            settings.certfile,
            settings.keyfile,
            settings.keyfile_password,
            settings.ca_certs,
            settings.verify_client,
            settings.ciphers,
            ALPN[settings.http],
        )
        return TlsSetup(context, TlsExtension(context, read_server_certificate(settings.certfile)))

    def _service(self) -> Service:
        settings = self.settings
        if settings.access_log:
            self._access_log = AccessLog(settings.access_log_format, STANDARD_OUTPUT)
        return Service(
            app=self._app,
            limits=settings.limits,
            defaults=ResponseDefaults(
                b"penstock" if settings.server_header else b"",
                settings.default_fields(),
                settings.date_header,
            ),
            http=settings.http,
            root_path=settings.root_path,
            access_log=self._access_log,
            cancel_on_disconnect_seconds=settings.cancel_on_disconnect_seconds,
            eager_tasks=settings.eager_tasks,
        )

    async def _start_lifespan(self, service: Service) -> None:
        if self.settings.lifespan == "off":
            return
        lifespan = self._lifespan = Lifespan(self._app, required=self.settings.lifespan == "on")
        seconds = self.settings.lifespan_seconds
        if not await _came(lifespan.startup(), self._stop_wanted, seconds):
            if self._stop_wanted.is_set():
                raise StoppedEarly("the server was told to stop while the application started")
            raise LifespanFailed(f"the application's start-up took longer than {seconds:g} seconds")
        service.context = lifespan.context
        if lifespan.supported:
            service.state = lifespan.state

    def _tick(self, unix_seconds: float) -> None:
        if self._access_log is not None:
            self._access_log.tick(unix_seconds)

    async def _drain(self) -> None:
        assert self._listener is not None
        assert self._sweep is not None
        await self._listener.stop_accepting()
        for _ in range(TURNS_TO_READ):
            await asyncio.sleep(0)
        service = self._sweep.service
        service.draining = True
        LOGGER.info("draining: %d connections, %d requests", len(self._sweep), len(service.running))
        self._sweep.drain()
        if not await _came(_ended(self._sweep), self._hurry, self.settings.drain_seconds):
            await self._cut_off(self._sweep)

    async def _cut_off(self, sweep: Sweep) -> None:
        """Cancelled applications are answered for as far as that is possible; then the connections go."""
        seconds = self.settings.limits.close_seconds
        LOGGER.warning("cut off: %d connections, %d requests", len(sweep), len(sweep.service.running))
        running = sweep.service.cancel_running()
        if running:
            await asyncio.wait(running, timeout=seconds)
        sweep.abort()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await sweep.wait_empty()

    async def _close(self) -> None:
        if self._listener is not None:
            self._listener.close()
        if self._sweep is not None:
            self._sweep.abort()  # nobody is left, unless the drain was cancelled
        try:
            if self._lifespan is not None:
                await self._shut_lifespan_down(self._lifespan)
        finally:
            if self._sweep is not None:
                self._sweep.stop()
            if self._access_log is not None:
                self._access_log.close()

    async def _shut_lifespan_down(self, lifespan: Lifespan) -> None:
        seconds = self.settings.lifespan_seconds
        self._hurry.clear()  # what cut the drain short is not meant for the application's own end
        if not await _came(lifespan.shutdown(), self._hurry, seconds):
            if self._hurry.is_set():
                LOGGER.error("the application's shutdown was cut short")
            else:
                LOGGER.error("the application's shutdown took longer than %g seconds", seconds)
        await lifespan.abandon(self.settings.limits.close_seconds)


async def _came(waiting: Coroutine[Any, Any, None], stop: asyncio.Event, seconds: float | None) -> bool:
    """Whether what is waited for came before the event and within the time. What it raised is raised."""
    coming = asyncio.ensure_future(waiting)
    stopping = asyncio.ensure_future(stop.wait())
    try:
        await asyncio.wait([coming, stopping], timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        if coming.done():
            coming.result()
        return coming.done()
    finally:
        coming.cancel()
        stopping.cancel()


async def _ended(sweep: Sweep) -> None:
    """Return when no connection and no application is left; an application may live longer than its
    connection.
    """
    await sweep.wait_empty()
    while tasks := sweep.service.running_tasks():
        await asyncio.wait(tasks)
