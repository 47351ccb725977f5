"""WSGI applications, adapters between the interfaces, and ASGI 2; all over HTTP/1.1."""

from bench.apps import GREETING, PART, PARTS
from bench.http1_works import get
from bench.kinds import WSGI_AND_ASGI2, HttpWork, Work
from bench.starting import WSGI

ADAPTERS = ("uvicorn-adapter", "uvicorn-a2wsgi")

WSGI_WORKS: tuple[Work, ...] = (
    HttpWork(
        name="wsgi-hello",
        title="WSGI hello world",
        section=WSGI_AND_ASGI2,
        interface=WSGI,
        app="hello",
        request=get(),
        answer=GREETING,
        servers=("penstock", "granian", "gthread", "gevent", "uvicorn-a2wsgi"),
    ),
    HttpWork(
        name="wsgi-adapter",
        title="WSGI hello world on Uvicorn",
        section=WSGI_AND_ASGI2,
        interface=WSGI,
        app="hello",
        request=get(),
        answer=GREETING,
        servers=ADAPTERS,
    ),
    HttpWork(
        name="wsgi-stream",
        title="WSGI, streaming 100 parts of 1 KB",
        section=WSGI_AND_ASGI2,
        interface=WSGI,
        app="stream",
        request=get(),
        answer=PART * PARTS,
        servers=("penstock", *ADAPTERS),
    ),
    HttpWork(
        name="asgi-on-wsgi",
        title="ASGI hello world on gunicorn's threads",
        section=WSGI_AND_ASGI2,
        app="hello",
        request=get(),
        answer=GREETING,
        servers=("gthread-adapter", "gthread-a2wsgi"),
    ),
    HttpWork(
        name="asgi2",
        title="ASGI 2 hello world",
        section=WSGI_AND_ASGI2,
        app="hello",
        request=get(),
        answer=GREETING,
        servers=("penstock", "penstock-asgi2"),
    ),
)
