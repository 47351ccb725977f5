"""A small real application in Litestar, with the routes that `test_frameworks.py` asks of every framework."""

import asyncio
import hashlib
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from litestar import Litestar, Request, Response, WebSocket, get, post, put, websocket
from litestar.background_tasks import BackgroundTask
from litestar.datastructures import State, UploadFile
from litestar.enums import RequestEncodingType
from litestar.exceptions import WebSocketDisconnect
from litestar.params import Body
from litestar.response import File, Stream

FOLDER = Path(os.environ["APP_FOLDER"])


@dataclass
class Upload:
    note: str
    file: UploadFile


@asynccontextmanager
async def lifespan(app: Litestar) -> AsyncIterator[None]:
    app.state.greeting = "set at start-up"
    app.state.released, app.state.finished = asyncio.Event(), asyncio.Event()
    yield
    (FOLDER / "shutdown").write_text("shut down")


@get("/items/{name:str}")
async def item(name: str, count: int, tag: list[str]) -> dict[str, Any]:
    return {"name": name, "count": count, "tags": tag}


@get("/stream", media_type="text/plain")
async def stream() -> Stream:
    async def parts() -> AsyncIterator[str]:
        for number in range(200):
            yield f"part {number}\n"

    return Stream(parts())


@post("/upload", status_code=200)
async def upload(data: Annotated[Upload, Body(media_type=RequestEncodingType.MULTI_PART)]) -> dict[str, Any]:
    content = await data.file.read()
    return {
        "note": data.note,
        "name": data.file.filename,
        "size": len(content),
        "digest": hashlib.sha256(content).hexdigest(),
    }


@put("/raw")
async def raw(request: Request[Any, Any, Any]) -> dict[str, Any]:
    size, digest = 0, hashlib.sha256()
    async for part in request.stream():
        size += len(part)
        digest.update(part)
    return {"size": size, "digest": digest.hexdigest()}


@get("/state")
async def greeting(state: State) -> dict[str, str]:
    return {"greeting": state.greeting}


@post("/background", status_code=200)
async def background(state: State) -> Response[dict[str, bool]]:
    async def job() -> None:
        await state.released.wait()
        state.finished.set()

    return Response({"started": True}, background=BackgroundTask(job))


@post("/release", status_code=200)
async def release(state: State) -> dict[str, bool]:
    state.released.set()
    await state.finished.wait()
    return {"finished": True}


@get("/error")
async def error() -> None:
    raise RuntimeError("as asked for")


@get("/cookies")
async def cookies(request: Request[Any, Any, Any]) -> Response[dict[str, Any]]:
    response = Response({"seen": request.cookies})
    response.set_cookie("one", "1")
    response.set_cookie("two", "2")
    return response


@get("/file", media_type="application/octet-stream")
async def file() -> File:
    return File(path=FOLDER / "file.bin")


@websocket("/echo")
async def echo(socket: WebSocket[Any, Any, Any]) -> None:
    await socket.accept(subprotocols=socket.scope["subprotocols"][0])
    try:
        while True:
            message = await socket.receive()
            if message.get("bytes") is not None:
                await socket.send_bytes(message["bytes"])
            elif message.get("text") == "bye":
                await socket.close(4001, "bye")
                return
            elif message["type"] == "websocket.receive":
                await socket.send_text(message["text"])
            else:
                return
    except WebSocketDisconnect:
        return


app = Litestar(
    [item, stream, upload, raw, greeting, background, release, error, cookies, file, echo],
    lifespan=[lifespan],
)
