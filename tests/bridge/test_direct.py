"""Applications that take a whole request without a task (`base.direct`), as clients see them."""

import contextvars
from collections.abc import Callable

import pytest
from tests.support.wired import Client, Server, get, settled

from penstock.base.asgi import Fields, Receive, Scope, Send
from penstock.base.direct import DirectApp, DirectRequest

Serve = Callable[..., Server]
NAME = contextvars.ContextVar("NAME", default="unset")
FIELDS: Fields = [(b"content-length", b"2")]
POST = b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\n\r\n"


class Kept(DirectApp):
    """Keeps each request until the test answers it; what is not begun directly is answered as ASGI."""

    def __init__(self) -> None:
        self.requests: list[DirectRequest] = []
        self.names: list[str] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await say(send, b"in a task")

    def begin(self, request: DirectRequest, context: contextvars.Context) -> None:
        self.requests.append(request)
        self.names.append(context.run(NAME.get))


async def say(send: Send, text: bytes) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": text})


def asked(serve: Serve) -> tuple[Kept, Server, Client]:
    """An application that has begun the request of a client."""
    app = Kept()
    server = serve(app)
    client = server.connect()
    client.send(get())
    return app, server, client


async def test_a_whole_answer_is_sent_and_recorded(serve: Serve) -> None:
    app = Kept()
    server = serve(app)
    client = server.connect()
    client.send(get(b"/path"))
    assert len(server.service.running) == 1
    assert client.read() == b""
    app.requests[0].answer(201, FIELDS, b"ok")
    await settled()
    assert client.read() == b"HTTP/1.1 201 Created\r\ncontent-length: 2\r\n\r\nok"
    assert (server.log[0].path, server.log[0].status, server.log[0].fields) == ("/path", 201, FIELDS)
    assert not server.service.running


async def test_a_body_that_is_here_is_given_whole(serve: Serve) -> None:
    app = Kept()
    client = serve(app).connect()
    client.send(POST + b"hello")
    assert app.requests[0].take_body() == b"hello"


async def test_a_request_whose_body_is_on_its_way_runs_in_a_task(serve: Serve) -> None:
    app = Kept()
    client = serve(app).connect()
    client.send(POST + b"hel")
    await settled()
    assert client.read().endswith(b"in a task")
    assert app.requests == []


async def test_the_next_pipelined_request_waits_for_the_answer(serve: Serve) -> None:
    app = Kept()
    client = serve(app).connect()
    client.send(get(b"/1") + get(b"/2"))
    await settled()
    assert len(app.requests) == 1
    app.requests[0].answer(200, FIELDS, b"ok")
    await settled()
    assert [each.scope["path"] for each in app.requests] == ["/1", "/2"]


async def test_what_cannot_be_sent_becomes_a_500(serve: Serve) -> None:
    app, server, client = asked(serve)
    app.requests[0].answer(200, [(b"x\r\ny", b"1")], b"")
    await settled()
    assert client.read().startswith(b"HTTP/1.1 500 ")
    assert not server.service.running


async def test_the_rest_of_a_response_is_sent_by_an_asgi_application(serve: Serve) -> None:
    app, server, client = asked(serve)

    async def rest(scope: Scope, receive: Receive, send: Send) -> None:
        assert scope["path"] == "/"
        await say(send, b"the rest")

    app.requests[0].go_on(rest)
    await settled()
    assert client.read().endswith(b"the rest")
    assert not server.service.running


async def test_an_answer_for_a_client_that_has_gone_is_dropped(serve: Serve) -> None:
    app, server, client = asked(serve)
    client.transport.lose()
    request = app.requests[0]
    assert request.abandoned
    request.answer(200, FIELDS, b"ok")
    await settled()
    assert server.log.statuses == [499]
    assert not server.service.running


async def test_a_server_that_cuts_off_answers_in_its_place(serve: Serve) -> None:
    app, server, client = asked(serve)
    server.drain()
    assert server.service.cancel_running() == []
    await settled()
    assert client.read().startswith(b"HTTP/1.1 503 ")
    assert app.requests[0].abandoned
    app.requests[0].answer(200, FIELDS, b"ok")
    assert server.log.statuses == [503]


async def test_each_request_gets_the_variables_of_the_start_up(serve: Serve) -> None:
    app = Kept()
    context = contextvars.copy_context()
    context.run(NAME.set, "set at the start")
    server = serve(app, context=context)
    server.connect().send(get())
    assert app.names == ["set at the start"]


async def test_requests_wait_for_their_turn(serve: Serve) -> None:
    app = Kept()
    server = serve(app, max_concurrent_requests=1)
    first, second = server.connect(), server.connect()
    first.send(get(b"/1"))
    second.send(get(b"/2"))
    assert len(app.requests) == 1
    app.requests[0].answer(200, FIELDS, b"ok")
    assert len(app.requests) == 2


def test_a_direct_application_has_to_begin() -> None:
    with pytest.raises(NotImplementedError):
        DirectApp().begin(None, contextvars.copy_context())  # type: ignore[arg-type]
