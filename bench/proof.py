"""Each server must give the right answer once before it is measured.

The WebSocket load generators compare the first echo themselves, so that of HTTP/1.1 is only opened here,
and that of HTTP/2 left to them.
"""

import subprocess
from pathlib import Path

from bench.h2load import body_file
from bench.kinds import Http2Work, HttpWork, WebSocketWork, Work
from bench.wire import TIMEOUT_SECONDS, WrongAnswer, check, exchange, open_connection, upgrade


def prove(work: Work, port: int, folder: Path) -> None:
    """Raises WrongAnswer, or OSError and HTTPException where there is no answer at all."""
    if isinstance(work, Http2Work):
        _exchange_http2(work, port, folder)
    elif isinstance(work, HttpWork):
        with open_connection(port, work.tls) as connection:
            exchange(connection, work.request, work.answer)
    elif isinstance(work, WebSocketWork):
        with open_connection(port, work.tls) as connection:
            upgrade(connection)


def _exchange_http2(work: Http2Work, port: int, folder: Path) -> None:
    """curl tells which version it was; the standard library has no HTTP/2."""
    answer = folder / f"{work.name}.answer"
    words = ["curl", "--silent", "--show-error", "--insecure", "--max-time", str(TIMEOUT_SECONDS)]
    words += ["--http2" if work.tls else "--http2-prior-knowledge", "--output", str(answer)]
    words += ["--write-out", "%{http_version} %{http_code}"]
    if work.body:
        words += ["--data-binary", f"@{body_file(work, folder)}"]
    url = f"{'https' if work.tls else 'http'}://127.0.0.1:{port}/"
    ended = subprocess.run([*words, url], capture_output=True, text=True, check=False)
    if ended.returncode != 0:
        raise WrongAnswer(ended.stderr.strip())
    version, status = ended.stdout.split()
    if version != "2":
        raise WrongAnswer(f"HTTP/{version} instead of HTTP/2")
    check(int(status), answer.read_bytes(), work.answer)
