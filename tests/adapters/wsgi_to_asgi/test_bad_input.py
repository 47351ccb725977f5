"""What an application gives in a wrong type or form raises at the call, says what was expected and what
came, and becomes a 500: the server gets the error before anything was sent.
"""

import io
from typing import Any

import pytest
from tests.adapters.wsgi_to_asgi.asgi_side import Client

from penstock.adapters import WsgiToAsgi

HEADS: list[tuple[Any, Any, type[Exception], str]] = [
    (200, [], TypeError, r"the status is int 200; expected a str"),
    (b"200 OK", [], TypeError, r"the status is bytes b'200 OK'; expected a str"),
    (None, [], TypeError, r"the status is NoneType None; expected a str"),
    ("OK", [], ValueError, r"the status is str 'OK'; expected a number"),
    ("", [], ValueError, r"the status is str ''; expected a number"),
    ("2000 OK", [], ValueError, r"expected a number"),
    ("20 OK", [], ValueError, r"expected a number"),
    ("100 Continue", [], ValueError, r"expected a number from 200 on"),
    ("200 OK\r\nX-Evil: 1", [], ValueError, r"expected a number"),
    ("200 OK", {"a": "b"}, TypeError, r"the headers are dict .*expected a list of pairs"),
    ("200 OK", None, TypeError, r"the headers are NoneType None; expected a list of pairs"),
    ("200 OK", "headers", TypeError, r"the headers are str 'headers'; expected a list"),
    ("200 OK", ["Content-Type"], TypeError, r"a header is str 'Content-Type'; expected a pair"),
    ("200 OK", [("a", "b", "c")], TypeError, r"a header is tuple \('a', 'b', 'c'\); expected a pair"),
    ("200 OK", [("a",)], TypeError, r"expected a pair"),
    ("200 OK", [None], TypeError, r"a header is NoneType None; expected a pair"),
    ("200 OK", [(b"a", "b")], TypeError, r"the name of a header is bytes b'a'; expected a str"),
    ("200 OK", [("Content-Length", 5)], TypeError, r"the header Content-Length is int 5; expected a str"),
    ("200 OK", [("a", b"b")], TypeError, r"the header a is bytes b'b'; expected a str"),
    ("200 OK", [("a", None)], TypeError, r"the header a is NoneType None; expected a str"),
    ("200 OK", [("a b", "c")], ValueError, r"the name of a header is str 'a b'"),
    ("200 OK", [("", "c")], ValueError, r"the name of a header is str ''"),
    ("200 OK", [("ü", "c")], ValueError, r"the name of a header is str 'ü'"),
    ("200 OK", [("a:", "c")], ValueError, r"the name of a header is str 'a:'"),
    ("200 OK", [("a", "b\r\nc: d")], ValueError, r"the header a is .*without control characters"),
    ("200 OK", [("a", "b\0")], ValueError, r"without control characters"),
    ("200 OK", [("a", "€")], ValueError, r"the header a is str '€'; expected characters of latin-1"),
    ("200 OK", [("Content-Length", "five")], ValueError, r"Content-Length is str 'five'; expected one whole"),
    ("200 OK", [("Content-Length", "-1")], ValueError, r"expected one whole number"),
    ("200 OK", [("Content-Length", "٣")], ValueError, r"Content-Length"),
    ("200 OK", [("Content-Length", "1"), ("Content-Length", "1")], ValueError, r"a second one"),
]
PARTS: list[tuple[Any, str]] = [
    ("text", r"str 'text'; expected bytes; encode it"),
    (7, r"int 7; expected bytes"),
    (None, r"NoneType None; expected bytes"),
    (bytearray(b"x"), r"bytearray .*; expected bytes"),
    ([b"x"], r"list \[b'x'\]; expected bytes"),
]


EXC_INFOS: list[tuple[Any, str]] = [
    ("nonsense", r"exc_info is str 'nonsense'; expected what sys.exc_info\(\) returns, or None"),
    (True, r"exc_info is bool True; expected"),
    (ValueError("x"), r"exc_info is ValueError ValueError\('x'\); expected"),
    ((), r"exc_info is tuple \(\); expected"),
    ((ValueError, "text", None), r"exc_info is tuple .*; expected"),
    ((ValueError, ValueError(), "trace"), r"exc_info is tuple .*; expected"),
]


async def failure_of(app: Any) -> Exception:
    client = Client(WsgiToAsgi(app))
    client.give(b"")
    with pytest.raises(Exception) as caught:
        await client.run()
    assert client.sent == []
    return caught.value


@pytest.mark.parametrize(("status", "headers", "kind", "text"), HEADS)
async def test_a_wrong_head_raises_in_start_response(
    status: Any, headers: Any, kind: type[Exception], text: str
):
    raised: list[Exception] = []

    def app(environ, start_response):
        try:
            start_response(status, headers)
        except Exception as error:
            raised.append(error)
            raise
        return [b"never"]

    error = await failure_of(app)
    assert raised == [error]
    assert isinstance(error, kind)
    with pytest.raises(kind, match=text):
        raise error


@pytest.mark.parametrize(("exc_info", "text"), EXC_INFOS)
async def test_a_wrong_exc_info_raises_in_start_response(exc_info: Any, text: str):
    def app(environ, start_response):
        start_response("500 Oops", [], exc_info)
        return [b"never"]

    with pytest.raises(TypeError, match=text):
        raise await failure_of(app)


@pytest.mark.parametrize(("part", "text"), PARTS)
@pytest.mark.parametrize("kind", [list, iter], ids=["list", "iterator"])
async def test_a_wrong_part_is_an_error(part: Any, text: str, kind: Any):
    def app(environ, start_response):
        start_response("200 OK", [("Content-Length", "4")])
        return kind([part])

    with pytest.raises(TypeError, match=text):
        raise await failure_of(app)


@pytest.mark.parametrize(("part", "text"), PARTS)
async def test_a_wrong_part_raises_in_write(part: Any, text: str):
    raised: list[Exception] = []

    def app(environ, start_response):
        write = start_response("200 OK", [])
        try:
            write(part)
        except Exception as error:
            raised.append(error)
            raise
        return []

    error = await failure_of(app)
    assert raised == [error]
    with pytest.raises(TypeError, match=text):
        raise error


async def test_a_wrong_part_behind_good_ones_leaves_the_response_incomplete():
    def app(environ, start_response):
        start_response("200 OK", [])
        yield b"good"
        yield "wrong"

    client = Client(WsgiToAsgi(app))
    with pytest.raises(TypeError, match="the application yielded str 'wrong'; expected bytes"):
        await client.run()
    assert not client.is_complete


@pytest.mark.parametrize("result", [None, 5, object()])
async def test_what_cannot_be_iterated_is_an_error(result: Any):
    def app(environ, start_response):
        start_response("200 OK", [])
        return result

    with pytest.raises(TypeError, match="expected an iterable of bytes"):
        raise await failure_of(app)


@pytest.mark.parametrize("body", [b"body", b"", "body", "", bytearray(), memoryview(b"")])
async def test_a_body_without_a_list_around_it_is_explained(body: Any):
    def app(environ, start_response):
        start_response("200 OK", [])
        return body

    with pytest.raises(TypeError, match=r"return \[body\]"):
        raise await failure_of(app)


async def test_a_coroutine_function_is_explained():
    async def app(environ, start_response):
        """Never run."""

    with pytest.raises(TypeError, match="an async function"):
        WsgiToAsgi(app)  # type: ignore[arg-type]


async def test_a_long_value_is_shown_by_its_beginning():
    def app(environ, start_response):
        start_response("200 OK", [])
        return ["x" * 100000]

    assert len(str(await failure_of(app))) < 200


@pytest.mark.parametrize("thing", [None, "app", 5])
def test_what_cannot_be_called_is_no_application(thing: Any):
    with pytest.raises(TypeError, match="cannot be"):
        WsgiToAsgi(thing)


@pytest.mark.parametrize("settings", [{"threads": 4}, 4, "threads=4"])
def test_settings_of_another_type_are_refused(settings: Any):
    with pytest.raises(TypeError, match=r"the settings are .*4.*; expected WsgiSettings"):
        WsgiToAsgi(lambda environ, start_response: [], settings)


FILES: list[tuple[tuple[Any, ...], str]] = [
    (("path",), r"was given str 'path'; expected a file that can be read"),
    ((None,), r"was given NoneType None; expected a file"),
    ((io.BytesIO(), "8192"), r"was given str '8192' as block size; expected an int"),
    ((io.BytesIO(), None), r"was given NoneType None as block size; expected an int"),
]


@pytest.mark.parametrize(("arguments", "text"), FILES)
async def test_a_wrong_file_raises_in_the_file_wrapper(arguments: tuple[Any, ...], text: str):
    def app(environ, start_response):
        start_response("200 OK", [])
        return environ["wsgi.file_wrapper"](*arguments)

    with pytest.raises(TypeError, match=f"wsgi.file_wrapper {text}"):
        raise await failure_of(app)
