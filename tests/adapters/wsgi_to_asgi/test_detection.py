"""WSGI applications are told apart by what they can be called with, where that is safe."""

import functools
import warnings
from typing import Any
from wsgiref.simple_server import demo_app
from wsgiref.validate import validator

import bottle
import falcon
import falcon.asgi
import flask
import pytest

from penstock.adapters import WsgiToAsgi
from penstock.adapters.detect_wsgi import is_wsgi


def pyramid_app() -> Any:
    """Its import warns, in several ways, of parts of setuptools that will go."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from pyramid.config import Configurator  # noqa: PLC0415
    return Configurator().make_wsgi_app()


def function(environ, start_response):
    return []


def other_names(env, start):
    return []


def generator(environ, start_response):
    yield b""


def with_more(config, environ, start_response):
    return []


@functools.wraps(function)
def wrapped(*args: Any, **keys: Any) -> Any:
    return function(*args, **keys)


class Instance:
    def __call__(self, environ, start_response):
        return []

    def method(self, environ, start_response):
        return []


class Class:
    def __init__(self, environ, start_response):
        pass

    def __iter__(self):
        return iter([])


class AsyncMethods:
    async def asgi3(self, scope, receive, send):
        """ASGI 3."""

    async def __call__(self, receive, send):
        """An instance of an ASGI 2 application."""


class Asgi2:
    def __init__(self, scope):
        pass

    async def __call__(self, receive, send):
        """The instance."""


async def asgi3(scope, receive, send):
    """ASGI 3."""


async def asynchronous(environ, start_response):
    """Neither."""


def opaque(*args):
    return []


def optional(environ, start_response, extra=None):
    return []


def asgi3_in_disguise(scope, receive, send=None):
    return None


def two_of_asgi(receive, send):
    return None


WSGI = {
    "function": function,
    "other names": other_names,
    "generator": generator,
    "partial": functools.partial(with_more, {}),
    "wrapped": wrapped,
    "instance": Instance(),
    "bound method": Instance().method,
    "class": Class,
    "wsgiref": demo_app,
    "flask": flask.Flask("test"),
    "bottle": bottle.Bottle(),
    "falcon": falcon.App(),
    "pyramid": pyramid_app(),
}
NOT_WSGI = {
    "asgi 3": asgi3,
    "asgi 3 method": AsyncMethods().asgi3,
    "asgi 2": Asgi2,
    "asgi 2 instance": AsyncMethods(),
    "asynchronous": asynchronous,
    "partial asynchronous": functools.partial(asynchronous),
    "opaque": opaque,
    "optional third": optional,
    "disguised": asgi3_in_disguise,
    "named as asgi": two_of_asgi,
    "an adapter": WsgiToAsgi(function),
    "falcon's asgi": falcon.asgi.App(),
    "a class of two arguments": complex,
    "nothing": None,
    "text": "app",
    "a factory": lambda: function,
    "validated": validator(function),
}


@pytest.mark.parametrize("name", WSGI)
def test_it_is_wsgi(name: str):
    assert is_wsgi(WSGI[name])


@pytest.mark.parametrize("name", NOT_WSGI)
def test_it_is_not_taken_for_wsgi(name: str):
    assert not is_wsgi(NOT_WSGI[name])
