"""The ASGI servers and how each is started: one worker, no access log, and the fastest options it has.

Options that only promise speed were tried: of Granian, the runtime modes, task implementations and flushing
cost the same within the noise; wider windows take uploads over HTTP/2 at four fifths of the cost.
"""

from bench.starting import ADDRESS, IDLE_SECONDS, THREADS, WSGI, Start


def penstock(start: Start) -> list[str]:
    return [
        *("penstock", "run", start.target, "--bind", start.authority),
        *(("--interface", "wsgi") if start.interface == WSGI else ()),
        *("--no-access-log", "--keep-alive-seconds", str(IDLE_SECONDS)),
        *start.tls("--certfile", "--keyfile"),
    ]


def penstock_logged(start: Start) -> list[str]:
    return ["--access-log" if word == "--no-access-log" else word for word in penstock(start)]


def penstock_asgi2(start: Start) -> list[str]:
    words = penstock(start)
    words[words.index(start.target)] = f"bench.asgi2_apps:{start.app}"
    return [*words, "--interface", "asgi2"]


def uvicorn(start: Start, http: str = "httptools") -> list[str]:
    return [
        *("uvicorn", start.target, "--host", ADDRESS, "--port", str(start.port)),
        *("--no-access-log", "--lifespan", "off", "--loop", "uvloop", "--http", http),
        *("--ws", "websockets-sansio", "--timeout-keep-alive", str(IDLE_SECONDS)),
        *start.tls("--ssl-certfile", "--ssl-keyfile"),
    ]


def uvicorn_zttp(start: Start) -> list[str]:
    return [*uvicorn(start, http="zttp"), *(["--http2"] if start.http2 else [])]


def granian(start: Start) -> list[str]:
    return [
        *("granian", start.target, "--host", ADDRESS, "--port", str(start.port)),
        *("--workers", "1", "--loop", "uvloop", "--runtime-mode", "st"),
        *("--backlog", "4096", "--backpressure", "4096"),
        *(_GRANIAN_WSGI if start.interface == WSGI else ("--interface", "asginl")),
        *(_GRANIAN_HTTP2 if start.http2 else ("--http", "1")),
        "--ws" if start.websocket else "--no-ws",
        *start.tls("--ssl-certificate", "--ssl-keyfile"),
    ]


def hypercorn(start: Start) -> list[str]:
    return [
        *("hypercorn", start.target, "--bind", start.authority),
        *("--worker-class", "uvloop", "--workers", "1", "--keep-alive", str(IDLE_SECONDS)),
        *("--backlog", "4096", "--config", "python:bench.hypercorn_settings"),
        *start.tls("--certfile", "--keyfile"),
    ]


def daphne(start: Start) -> list[str]:
    words = ["daphne", "--verbosity", "0", "--http-timeout", str(IDLE_SECONDS), "--no-server-name"]
    if start.certificate is None:
        words += ["--bind", ADDRESS, "--port", str(start.port)]
    else:
        place = f"ssl:{start.port}:interface={ADDRESS}"
        words += ["--endpoint", f"{place}:privateKey={start.key}:certKey={start.certificate}"]
    return [*words, start.target]


def gunicorn(start: Start) -> list[str]:
    return [
        *("gunicorn", start.target, "--bind", start.authority),
        *("--worker-class", "asgi", "--workers", "1", "--worker-connections", "10000"),
        *("--http-parser", "fast", "--asgi-loop", "uvloop", "--asgi-lifespan", "off"),
        *("--keep-alive", str(IDLE_SECONDS), "--log-level", "warning", "--no-control-socket"),
        *(_GUNICORN_HTTP2 if start.http2 else ()),
        *start.tls("--certfile", "--keyfile"),
    ]


def floor(start: Start) -> list[str]:
    return ["python", "-m", "bench.floor", str(start.port)]


_GRANIAN_WSGI = ("--interface", "wsgi", "--blocking-threads", str(THREADS))
_GRANIAN_WINDOW = str(16 * 1024 * 1024)
_GRANIAN_HTTP2 = (
    *("--http", "2", "--http2-initial-connection-window-size", _GRANIAN_WINDOW),
    *("--http2-initial-stream-window-size", _GRANIAN_WINDOW),
)
_GUNICORN_HTTP2 = ("--http-protocols", "h2", "--http2-cleartext", "prior-knowledge")
