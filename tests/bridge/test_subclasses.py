"""What applications send may be of subclasses of str, bytes, int and dict: the texts of template engines,
enumerations, headers that a library wraps. Compiled code takes no subclass for the type itself.
"""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

import pytest
from tests.bridge.test_http_response import Sender
from tests.support.wired import Server, get, handshake
from tests.support.wired_http2 import Peer

from penstock.base.asgi import Message, Receive, Scope, Send
from penstock.base.errors import LocalProtocolError
from penstock.testing.wire import websocket_text

Serve = Callable[..., Server]


class OwnText(str):
    pass


class OwnBytes(bytes):
    pass


class OwnDict(dict[str, Any]):
    pass


def own(value: Any) -> Any:
    """The same, of subclasses throughout."""
    if isinstance(value, str):
        return OwnText(value)
    if isinstance(value, bytes):
        return OwnBytes(value)
    if isinstance(value, dict):
        return OwnDict({own(key): own(inner) for key, inner in value.items()})
    if isinstance(value, list | tuple):
        return type(value)(map(own, value))
    return value


ACCEPT: Message = {"type": "websocket.accept"}
FIELDS = [(b"content-type", b"text/plain"), (b"Content-Length", b"4"), (b"x-other", b" \t"), (b"X", b"y")]
RESPONSE: list[Message] = [
    {"type": "http.response.early_hint", "links": [b"</style.css>; rel=preload"]},
    {"type": "http.response.start", "status": 200, "headers": FIELDS, "trailers": True},
    {"type": "http.response.body", "body": b"ha", "more_body": True},
    {"type": "http.response.body", "body": b"lf"},
    {"type": "http.response.trailers", "headers": [(b"x-sum", b"1")]},
]


async def test_a_response_goes_out_the_same_in_http_1(serve: Serve) -> None:
    plain, wrapped = Sender(*RESPONSE), Sender(*own(RESPONSE))
    request = get(fields=b"te: trailers\r\n")
    answers = [await serve(app).connect().ask(request) for app in (plain, wrapped)]
    assert answers[0] == answers[1]
    assert b"HTTP/1.1 200 OK\r\n" in answers[0]
    assert wrapped.error is None


async def test_a_response_goes_out_the_same_in_http_2(serve: Serve) -> None:
    answers = [await Peer(serve(Sender(*messages))).get(b"/") for messages in (RESPONSE, own(RESPONSE))]
    assert vars(answers[0]) == vars(answers[1])
    assert answers[0].status == 200


async def test_a_status_may_be_of_an_enumeration(serve: Serve) -> None:
    start = {"type": "http.response.start", "status": HTTPStatus.NOT_FOUND}
    answer = await serve(Sender(start, {"type": "http.response.body"})).connect().ask(get())
    assert answer.startswith(b"HTTP/1.1 404 Not Found\r\n")


@pytest.mark.parametrize(
    "message",
    [
        {"type": "websocket.send", "text": "h\u20ac"},
        {"type": "websocket.send", "bytes": b"data"},
        {"type": "websocket.close", "code": 3000, "reason": "bye"},
    ],
)
async def test_a_websocket_s_messages_go_out_the_same(serve: Serve, message: Message) -> None:
    accept = {**ACCEPT, "subprotocol": "chat", "headers": [(b"x", b"y")]}
    answers = [await websocket_answer(serve, *each) for each in ((accept, message), own((accept, message)))]
    assert answers[0] == answers[1]
    head, _, frames = answers[0].partition(b"\r\n\r\n")
    assert b"x: y" in head
    assert frames[0] in {0x81, 0x82, 0x88}


async def websocket_answer(serve: Serve, *messages: Message) -> bytes:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        for message in messages:
            await receive()
            await send(message)
            client.send(websocket_text("go on"))
        await receive()

    client = serve(app).connect()
    return await client.ask(handshake(fields=b"sec-websocket-protocol: chat\r\n"))


@pytest.mark.parametrize(
    ("messages", "words"),
    [
        ([{**ACCEPT, "headers": 5}], "websocket.accept: headers is int; expected an iterable"),
        ([{**ACCEPT, "headers": [(b"a",)]}], "fields have to be pairs of bytes"),
        ([ACCEPT, {"type": "websocket.close", "code": 1000.0}], "code 1000.0 may not be"),
        ([ACCEPT, {"type": "websocket.close", "code": "1000"}], "code '1000' may not be"),
        ([ACCEPT, {"type": "websocket.close", "reason": 5}], "reason is int; expected str"),
    ],
)
async def test_what_is_of_another_type_is_named(serve: Serve, messages: list[Message], words: str) -> None:
    app = Sender(*messages)
    await serve(app).connect().ask(handshake())
    assert isinstance(app.error, LocalProtocolError)
    assert words in str(app.error)
