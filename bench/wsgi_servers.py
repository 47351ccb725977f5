"""What runs WSGI applications, and the adapters, each on the server of the other interface.

Adapters are compared on the same server: WSGI in ASGI on Uvicorn, ASGI in WSGI in gunicorn's threads.
"""

from functools import partial

from bench.peers import uvicorn
from bench.starting import IDLE_SECONDS, THREADS, Start


def gthread(start: Start) -> list[str]:
    return _gunicorn(start.target, start, "gthread", "--threads", str(THREADS))


def gevent(start: Start) -> list[str]:
    return _gunicorn(start.target, start, "gevent")


def uvicorn_adapted(start: Start, by: str) -> list[str]:
    return _replaced(uvicorn(start), start.target, f"bench.{by}:wsgi_{start.app}")


def gthread_adapted(start: Start, by: str) -> list[str]:
    return _replaced(gthread(start), start.target, f"bench.{by}:asgi_{start.app}")


uvicorn_adapter = partial(uvicorn_adapted, by="adapted_by_penstock")
uvicorn_a2wsgi = partial(uvicorn_adapted, by="adapted_by_a2wsgi")
gthread_adapter = partial(gthread_adapted, by="adapted_by_penstock")
gthread_a2wsgi = partial(gthread_adapted, by="adapted_by_a2wsgi")


def _gunicorn(target: str, start: Start, kind: str, *options: str) -> list[str]:
    return [
        *("gunicorn", target, "--bind", start.authority, "--worker-class", kind, *options),
        *("--workers", "1", "--keep-alive", str(IDLE_SECONDS), "--log-level", "warning"),
        *("--no-control-socket", "--http-parser", "fast"),
    ]


def _replaced(words: list[str], old: str, new: str) -> list[str]:
    return [new if word == old else word for word in words]
