"""`wsgiref.validate` stands between the adapter and an application, and finds nothing to complain of."""

from typing import Any
from wsgiref.validate import validator

import pytest
from tests.adapters.wsgi_to_asgi.asgi_side import Client, ask, http_scope, upload_scope

from penstock.adapters import WsgiToAsgi

TEXT = [("Content-Type", "text/plain")]
READS: dict[str, Any] = {
    "nothing": lambda file: b"",
    "read": lambda file: file.read(100),
    "readline": lambda file: b"".join(iter(file.readline, b"")),
    "readlines": lambda file: b"".join(file.readlines()),
    "iteration": b"".join,
}


def validated(app: Any) -> WsgiToAsgi:
    return WsgiToAsgi(validator(app))


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "DELETE"])
@pytest.mark.parametrize("path", ["/", "/a/b", "/caf\u00e9", ""])
@pytest.mark.parametrize("root_path", ["", "/root"])
async def test_a_request_and_its_answer_are_valid(method: str, path: str, root_path: str):
    def app(environ, start_response):
        environ["wsgi.errors"].write("a word\n")
        environ["wsgi.errors"].writelines(["two ", "words\n"])
        environ["wsgi.errors"].flush()
        start_response("200 OK", TEXT)
        return [b"valid"]

    headers = [(b"host", b"a"), (b"cookie", b"b=c"), (b"content-type", b"text/plain")]
    if not root_path and not path:
        path = "/"
    scope = http_scope(method=method, path=root_path + path, root_path=root_path, headers=headers)
    assert (await ask(validated(app), scope)).body == b"valid"


@pytest.mark.parametrize("way", READS)
@pytest.mark.parametrize(
    "parts", [[b"one\ntwo\nthree"], [b"one\nt", b"wo\nth", b"ree"]], ids=["whole", "parts"]
)
async def test_an_upload_is_valid_however_it_is_read(way: str, parts: list[bytes]):
    def app(environ, start_response):
        body = READS[way](environ["wsgi.input"])
        start_response("200 OK", TEXT)
        return [body]

    client = Client(validated(app), upload_scope(13))
    for part in parts[:-1]:
        client.give(part, more=True)
    client.give(parts[-1])
    await client.run()
    assert client.body == (b"" if way == "nothing" else b"one\ntwo\nthree")


async def test_a_stream_is_valid():
    def app(environ, start_response):
        start_response("200 OK", TEXT)
        return (b"%d\n" % number for number in range(100))

    assert (await ask(validated(app))).body.count(b"\n") == 100


async def test_write_is_valid():
    def app(environ, start_response):
        start_response("200 OK", TEXT)(b"written ")
        return [b"returned"]

    assert (await ask(validated(app))).body == b"written returned"


async def test_an_answer_without_a_body_is_valid():
    def app(environ, start_response):
        start_response("204 No Content", [])
        return []

    assert (await ask(validated(app))).status == 204
