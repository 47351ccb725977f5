"""A chat in the browser: HTTP and WebSocket on one port, in plain ASGI 3 without a framework.

    penstock run examples/chat/app.py:app

A page joins with `{"join": "Ada"}` and talks with `{"say": "Hello"}`; it is told `welcome` (its name, who is
there, what was said last), and from then on `joined`, `left` and `said`. Back-pressure works in both
directions: the room drops a member who reads too slowly, and after each message the next one is left in the
socket for a moment, so that the server stops reading from whoever talks too fast.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import urlsplit

from .room import Full, Member, Room

Message = dict[str, Any]
Scope = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

MAX_NAME_LENGTH = 24
MAX_TEXT_LENGTH = 1000
MAX_MESSAGE_LENGTH = 8192
SECONDS_TO_JOIN = 10
SECONDS_BETWEEN_MESSAGES = 0.1
SECONDS_TO_CLOSE = 5

# close codes: RFC 6455 section 7.4.1 and its registry
UNSUPPORTED_DATA, POLICY_VIOLATION, MESSAGE_TOO_BIG, TRY_AGAIN_LATER = 1003, 1008, 1009, 1013

FILES = {
    "/": ("page.html", b"text/html; charset=utf-8"),
    "/page.css": ("page.css", b"text/css; charset=utf-8"),
    "/page.js": ("page.js", b"text/javascript; charset=utf-8"),
}
PAGE_FIELDS = [
    (
        b"content-security-policy",
        b"default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:",
    ),
    (b"x-content-type-options", b"nosniff"),
    (b"cache-control", b"no-cache"),
]


class Refused(Exception):
    """Something that is not put up with; the client is told the close code and the reason."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


class Left(Exception):
    """The client has closed the connection."""


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    await HANDLERS[scope["type"]](scope, receive, send)


async def lifespan(scope: Scope, receive: Receive, send: Send) -> None:
    """What is put into the state here, every request finds in its own `scope["state"]`."""
    await receive()
    folder = Path(__file__).parent
    scope["state"]["files"] = {path: (folder / name).read_bytes() for path, (name, _) in FILES.items()}
    scope["state"]["room"] = Room()
    await send({"type": "lifespan.startup.complete"})
    await receive()
    await send({"type": "lifespan.shutdown.complete"})


async def http(scope: Scope, receive: Receive, send: Send) -> None:
    path = path_of(scope)
    if path not in FILES:
        await respond(send, 404, b"text/plain", b"Not found\n")
    elif scope["method"] not in ("GET", "HEAD"):
        await respond(send, 405, b"text/plain", b"Only GET and HEAD\n", (b"allow", b"GET, HEAD"))
    else:
        _, content_type = FILES[path]
        await respond(send, 200, content_type, scope["state"]["files"][path], *PAGE_FIELDS)


async def websocket(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    if path_of(scope) != "/chat" or not is_same_origin(scope):
        await send({"type": "websocket.close"})  # not accepted yet, so this becomes a 403
        return
    await send({"type": "websocket.accept"})
    try:
        await converse(scope["state"]["room"], receive, send)
    except Refused as refused:
        with suppress(OSError):
            async with asyncio.timeout(SECONDS_TO_CLOSE):
                await send({"type": "websocket.close", "code": refused.code, "reason": refused.reason})
    except (Left, OSError):  # send raises OSError when nobody is there any more
        pass


HANDLERS = {"lifespan": lifespan, "http": http, "websocket": websocket}


def path_of(scope: Scope) -> str:
    path: str = scope["path"]
    return path.removeprefix(scope.get("root_path", ""))


def is_same_origin(scope: Scope) -> bool:
    """Pages of other sites may not speak for their visitors; clients that are no browsers tell no origin."""
    fields = dict(scope["headers"])
    origin = fields.get(b"origin")
    return origin is None or urlsplit(origin).netloc == fields.get(b"host")


async def respond(
    send: Send, status: int, content_type: bytes, body: bytes, *fields: tuple[bytes, bytes]
) -> None:
    own = [(b"content-type", content_type), (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": status, "headers": [*own, *fields]})
    await send({"type": "http.response.body", "body": body})


async def converse(room: Room, receive: Receive, send: Send) -> None:
    """From the first message to the end, whoever ends it; so it raises Left, Refused or OSError."""
    member = await enter(room, receive)
    try:
        await until_one_raises(listen(room, member, receive), talk(member, send), watch(member))
    finally:
        room.leave(member)


async def enter(room: Room, receive: Receive) -> Member:
    try:
        async with asyncio.timeout(SECONDS_TO_JOIN):
            return room.enter(await hear(receive, "join", MAX_NAME_LENGTH))
    except TimeoutError:
        raise Refused(POLICY_VIOLATION, "nobody joined in time") from None
    except Full:
        raise Refused(TRY_AGAIN_LATER, "the room is full") from None


async def listen(room: Room, member: Member, receive: Receive) -> NoReturn:
    while True:
        room.say(member, await hear(receive, "say", MAX_TEXT_LENGTH))
        await asyncio.sleep(SECONDS_BETWEEN_MESSAGES)


async def talk(member: Member, send: Send) -> NoReturn:
    while True:
        await send({"type": "websocket.send", "text": await member.next_event()})


async def watch(member: Member) -> NoReturn:
    await member.wait_overflow()
    raise Refused(TRY_AGAIN_LATER, "too slow to follow the conversation")


async def until_one_raises(*duties: Coroutine[Any, Any, NoReturn]) -> None:
    """Runs all of them until one raises, stops the others, and raises the same."""
    tasks = [asyncio.create_task(duty) for duty in duties]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    for task in done:
        await task


async def hear(receive: Receive, key: str, max_length: int) -> str:
    """The text of the next message, `{key: text}`. Raises Refused for anything else, Left at the end."""
    message = await receive()
    if message["type"] == "websocket.disconnect":
        raise Left
    said = message.get("text")
    if said is None:
        raise Refused(UNSUPPORTED_DATA, "only text is understood here")
    if len(said) > MAX_MESSAGE_LENGTH:
        raise Refused(MESSAGE_TOO_BIG, f"a message has at most {MAX_MESSAGE_LENGTH} characters")
    text = only_value(said, key)
    if text is None or not 0 < len(text) <= max_length:
        raise Refused(POLICY_VIOLATION, f'expected {{"{key}": text}} with 1 to {max_length} characters')
    return text


def only_value(said: str, key: str) -> str | None:
    """The text in `{key: text}`, without spaces around it; None when that is not what was said."""
    try:
        value = json.loads(said)
    except (ValueError, RecursionError):  # JSON may be nested deeper than Python's stack
        return None
    if not isinstance(value, dict) or list(value) != [key] or not isinstance(value[key], str):
        return None
    return str(value[key]).strip()
