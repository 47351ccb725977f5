"""`send` called in another thread: asgiref's `async_to_sync(send)`, and with it Channels' synchronous
consumers, call it there and await what it returns on the server's loop.
"""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from tests.support.wired import Server, get, handshake, until

from penstock.base.asgi import Message, Receive, Scope, Send
from penstock.base.errors import LocalProtocolError

Serve = Callable[..., Server]
START: Message = {"type": "http.response.start", "status": 200, "headers": []}
BODY: Message = {"type": "http.response.body", "body": b"from a thread"}


async def called_in_a_thread(send: Send, message: Message) -> Awaitable[None]:
    return await asyncio.get_running_loop().run_in_executor(None, send, message)


async def test_a_response_sent_from_a_thread_happens_where_it_is_awaited(serve: Serve) -> None:
    done = asyncio.Event()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        starting = await called_in_a_thread(send, START)
        assert asyncio.iscoroutine(starting)
        await starting
        await (await called_in_a_thread(send, BODY))
        done.set()

    client = serve(app).connect()
    client.send(get())
    await until(done.is_set)
    assert client.read().endswith(b"from a thread")


async def test_a_websocket_answers_from_a_thread(serve: Serve) -> None:
    done = asyncio.Event()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await (await called_in_a_thread(send, {"type": "websocket.accept"}))
        await (await called_in_a_thread(send, {"type": "websocket.send", "text": "hello"}))
        done.set()
        await receive()

    client = serve(app).connect()
    client.send(handshake())
    await until(done.is_set)
    assert client.read().endswith(b"hello")


async def test_a_send_that_is_awaited_on_another_loop_is_refused(serve: Serve) -> None:
    refused: list[str] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        def elsewhere() -> None:
            async def use() -> None:
                with pytest.raises(LocalProtocolError, match="another event loop") as caught:
                    await send(START)
                refused.append(str(caught.value))

            asyncio.run(use())

        await asyncio.get_running_loop().run_in_executor(None, elsewhere)
        await send(START)
        await send(BODY)

    client = serve(app).connect()
    client.send(get())
    await until(lambda: bool(refused))
    await until(lambda: client.read().endswith(b"from a thread"))
