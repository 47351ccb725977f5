"""Applications that do what nobody would think of: whatever it is, they are told, and the server goes on."""

import asyncio
import io
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from asgiref.sync import async_to_sync, iscoroutinefunction, sync_to_async
from tests.bridge.test_http_response import BODY, START, Sender, part
from tests.support.wired import Server, get, settled

from penstock.base.asgi import Message, Receive, Scope, Send
from penstock.base.errors import LocalProtocolError

Serve = Callable[..., Server]


class OwnBytes(bytes):
    def __bytes__(self) -> bytes:
        return self


async def test_an_error_that_is_its_own_cause_is_logged(serve: Serve) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        try:
            raise KeyError("odd")
        except KeyError as error:
            raise error from error

    answer = await serve(app).connect().ask(get())
    assert answer.startswith(b"HTTP/1.1 500 ")


@pytest.mark.filterwarnings("error")
async def test_synchronous_code_may_send_by_asgiref(serve: Serve) -> None:
    """Without the warning that it has for what is not async."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        assert iscoroutinefunction(send)
        assert iscoroutinefunction(receive)

        def answer() -> None:
            async_to_sync(send)(START)
            async_to_sync(send)(BODY)

        await sync_to_async(answer)()

    client = serve(app).connect()
    client.send(get())
    async with asyncio.timeout(10):
        while not (answer := client.read()):
            await settled()
    assert answer.endswith(b"whole")


async def test_receive_on_another_loop_is_refused_where_it_would_wait_for_ever(serve: Serve) -> None:
    raised: list[Exception] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        async def wait() -> None:
            await receive()

        try:
            await asyncio.to_thread(asyncio.run, wait())
        except LocalProtocolError as error:
            raised.append(error)
        await send(START)
        await send(BODY)

    client = serve(app).connect()
    client.send(b"POST / HTTP/1.1\r\nhost: test\r\ncontent-length: 5\r\n\r\n")
    async with asyncio.timeout(10):
        while not raised:
            await settled()
    assert "`receive` was awaited on another event loop" in str(raised[0])


@pytest.mark.parametrize("kind", [[], {}, 5, b"http.response.start"])
async def test_the_type_of_a_message_is_text(serve: Serve, kind: Any) -> None:
    app = Sender({"type": kind})
    answer = await serve(app).connect().ask(get())
    assert answer.startswith(b"HTTP/1.1 500 ")
    assert f"the type of a message is {type(kind).__name__}; expected str" in str(app.error)


@pytest.mark.parametrize(
    "data", [memoryview(OwnBytes(b"body")), OwnBytes(b"body"), memoryview(b"b.o.d.y.")[::2]]
)
async def test_a_body_may_be_of_any_kind_of_bytes(serve: Serve, data: Any) -> None:
    for messages in ([START, {**BODY, "body": data}], [START, part(data), {**BODY, "body": b""}]):
        app = Sender(*messages)
        answer = await serve(app).connect().ask(get())
        assert app.error is None
        assert b"body" in answer


@pytest.mark.parametrize(
    "file", ["/etc/hosts", Path("/etc/hosts"), io.BytesIO(b"data"), True, 10**30, 10**6, None], ids=repr
)
async def test_what_has_no_descriptor_is_refused_before_the_head(serve: Serve, file: Any) -> None:
    app = Sender(START, {"type": "http.response.zerocopysend", "file": file, "count": 3})
    answer = await serve(app).connect().ask(get())
    assert answer.startswith(b"HTTP/1.1 500 ")
    assert isinstance(app.error, LocalProtocolError)
    assert "http.response.zerocopysend: file is" in str(app.error)


@pytest.mark.parametrize("wrong", [{"count": 2**63 - 1}, {"count": 10**30}, {"offset": 10**30, "count": 3}])
async def test_no_number_of_bytes_breaks_the_promise_of_a_length(
    serve: Serve, tmp_path: Path, wrong: Message
) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"hello world")
    descriptor = os.open(path, os.O_RDONLY)
    start = {**START, "headers": [(b"content-length", b"3")]}
    app = Sender(start, part(b"x"), {"type": "http.response.zerocopysend", "file": descriptor, **wrong})
    answer = await serve(app).connect().ask(get())
    os.close(descriptor)
    assert isinstance(app.error, LocalProtocolError)
    assert b"hello" not in answer
