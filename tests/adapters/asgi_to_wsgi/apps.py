"""What the applications of these tests are made of."""

from typing import Any

TEXT = (b"content-type", b"text/plain")


def start(*headers: tuple[bytes, bytes], status: int = 200) -> dict[str, Any]:
    return {"type": "http.response.start", "status": status, "headers": [TEXT, *headers]}


def part(body: bytes = b"", *, more: bool = False) -> dict[str, Any]:
    return {"type": "http.response.body", "body": body, "more_body": more}


async def respond(send: Any, body: bytes = b"", *headers: tuple[bytes, bytes], status: int = 200) -> None:
    await send(start(*headers, status=status))
    await send(part(body))


async def read_body(receive: Any) -> bytes:
    body = b""
    while True:
        message = await receive()
        assert message["type"] == "http.request", message
        body += message["body"]
        if not message["more_body"]:
            return body


async def hello(scope: Any, receive: Any, send: Any) -> None:
    await respond(send, b"hello")
