"""The ways into a server: TCP, TLS and a Unix socket, for raw bytes, httpx, websockets and curl alike."""

import ssl
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from tests.support.raw_client import RawClient, connect
from tests.support.raw_websocket import RawWebSocket
from tests.support.server import RunningServer
from websockets.sync.client import ClientConnection, unix_connect
from websockets.sync.client import connect as connect_websocket

SECONDS = 10


@dataclass(frozen=True)
class Door:
    """One address of a running server."""

    server: RunningServer
    url: str
    ca_file: Path | None = None

    @property
    def tls(self) -> ssl.SSLContext | None:
        """A new one each time: httpx and websockets write into it what they offer by ALPN."""
        return None if self.ca_file is None else ssl.create_default_context(cafile=str(self.ca_file))

    @property
    def unix_path(self) -> str | None:
        return self.url.removeprefix("unix:") if self.url.startswith("unix:") else None

    @property
    def base_url(self) -> str:
        """As clients of HTTP want it; a Unix socket's server is called localhost."""
        return "http://localhost" if self.unix_path else self.url

    @property
    def _tls_in_threads(self) -> ssl.SSLContext | None:
        """For websockets, which reads in one thread, writes in another. Before CPython 3.13.1 nothing keeps
        them apart: a write that meets TLS 1.3's session tickets, which come behind the handshake, is lost
        (about one in a thousand here). TLS 1.2 sends nothing there.
        """
        context = self.tls
        if context is not None:
            context.maximum_version = ssl.TLSVersion.TLSv1_2
        return context

    def raw(self, receive_buffer: int = 0) -> RawClient:
        return connect(self.url, self.tls, receive_buffer)

    def raw_websocket(self, receive_buffer: int = 0) -> RawWebSocket:
        return RawWebSocket(self.raw(receive_buffer))

    def httpx(self) -> httpx.Client:
        verify = self.tls or False
        transport = httpx.HTTPTransport(uds=self.unix_path, verify=verify)
        return httpx.Client(base_url=self.base_url, transport=transport, timeout=SECONDS, trust_env=False)

    def websocket(self, path: str, **options: Any) -> ClientConnection:
        uri = self.base_url.replace("http", "ws", 1) + path
        if self.unix_path:
            return unix_connect(self.unix_path, uri, open_timeout=SECONDS, **options)
        return connect_websocket(uri, ssl=self._tls_in_threads, proxy=None, open_timeout=SECONDS, **options)

    def curl(self, path: str, *options: str) -> subprocess.CompletedProcess[bytes]:
        """Runs curl; fails unless its exit code is 0."""
        words = ["curl", "--silent", "--show-error", "--max-time", str(SECONDS), *options]
        if self.unix_path:
            words += ["--unix-socket", self.unix_path]
        if self.ca_file is not None:
            words += ["--cacert", str(self.ca_file)]
        return subprocess.run([*words, self.base_url + path], check=True, capture_output=True)
