"""The server by hand does what it says."""

import asyncio

import pytest
from tests.adapters.wsgi_to_asgi.asgi_side import Client, Signal, ask, http_scope, upload_scope


async def echo(scope, receive, send):
    body, more = b"", True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        body, more = body + message["body"], message["more_body"]
    await send({"type": "http.response.start", "status": 200, "headers": [(b"a", b"b")]})
    await send({"type": "http.response.body", "body": body})


async def test_what_is_given_comes_back():
    client = Client(echo, upload_scope())
    client.give(b"one", more=True)
    running = client.start()
    client.give(b"two")
    await running
    assert (client.status, client.fields, client.body, client.is_complete) == (
        200,
        {"a": "b"},
        b"onetwo",
        True,
    )
    assert client.received == 2


async def test_who_leaves_is_a_disconnect_behind_what_was_given():
    client = Client(echo, upload_scope())
    client.give(b"one", more=True)
    running = client.start()
    client.leave()
    await running
    assert (client.received, client.sent) == (2, [])


async def test_a_slow_client_holds_send_until_it_reads_on():
    client = Client(echo)
    client.slow = True
    client.give(b"")
    running = client.start()
    await client.until(lambda: client.received == 1)
    assert client.sent == []
    client.read_on()
    await running
    assert client.is_complete


@pytest.mark.parametrize("raises", [True, False])
async def test_a_message_for_who_has_gone_is_an_error_or_nothing(raises: bool):
    client = Client(echo, raises_from_send=raises)
    client.leave()
    if raises:
        with pytest.raises(OSError, match="gone"):
            await client.send({"type": "http.response.start"})
    else:
        await client.send({"type": "http.response.start"})
    assert client.sent == []


async def test_a_signal_is_heard_from_another_thread():
    signal = Signal()
    await asyncio.to_thread(signal.set)
    await signal.wait()


async def test_scopes_are_changed_by_name():
    assert http_scope(path="/x")["path"] == "/x"
    assert upload_scope(3)["headers"][1] == (b"content-length", b"3")
    assert (await ask(echo, body=b"all")).body == b"all"
