"""A small real application in Starlette, with the routes that `test_frameworks.py` asks of each framework."""

import hashlib
import os
from asyncio import Event
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypedDict

from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response, StreamingResponse
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

FOLDER = Path(os.environ["APP_FOLDER"])


class State(TypedDict):
    greeting: str
    released: Event
    finished: Event


@asynccontextmanager
async def lifespan(app: Starlette) -> AsyncIterator[State]:
    yield {"greeting": "set at start-up", "released": Event(), "finished": Event()}
    (FOLDER / "shutdown").write_text("shut down")


async def item(request: Request) -> Response:
    query = request.query_params
    return JSONResponse(
        {"name": request.path_params["name"], "count": int(query["count"]), "tags": query.getlist("tag")}
    )


async def stream(request: Request) -> Response:
    async def parts() -> AsyncIterator[str]:
        for number in range(200):
            yield f"part {number}\n"

    return StreamingResponse(parts(), media_type="text/plain")


async def upload(request: Request) -> Response:
    async with request.form() as form:
        data = await form["file"].read()
        return JSONResponse(
            {
                "note": form["note"],
                "name": form["file"].filename,
                "size": len(data),
                "digest": hashlib.sha256(data).hexdigest(),
            }
        )


async def raw(request: Request) -> Response:
    size, digest = 0, hashlib.sha256()
    async for part in request.stream():
        size += len(part)
        digest.update(part)
    return JSONResponse({"size": size, "digest": digest.hexdigest()})


async def state(request: Request) -> Response:
    return JSONResponse({"greeting": request.state.greeting})


async def background(request: Request) -> Response:
    async def job() -> None:
        await request.state.released.wait()
        request.state.finished.set()

    return JSONResponse({"started": True}, background=BackgroundTask(job))


async def release(request: Request) -> Response:
    request.state.released.set()
    await request.state.finished.wait()
    return JSONResponse({"finished": True})


async def error(request: Request) -> Response:
    raise RuntimeError("as asked for")


async def cookies(request: Request) -> Response:
    response = JSONResponse({"seen": request.cookies})
    response.set_cookie("one", "1")
    response.set_cookie("two", "2")
    return response


async def file(request: Request) -> Response:
    return FileResponse(FOLDER / "file.bin")


async def extensions(request: Request) -> Response:
    return JSONResponse(sorted(request.scope.get("extensions", ())))


async def echo(websocket: WebSocket) -> None:
    await websocket.accept(subprotocol=websocket.scope["subprotocols"][0])
    try:
        while True:
            message = await websocket.receive()
            if message.get("bytes") is not None:
                await websocket.send_bytes(message["bytes"])
            elif message.get("text") == "bye":
                await websocket.close(4001, "bye")
            elif message["type"] == "websocket.receive":
                await websocket.send_text(message["text"])
            else:
                return
    except WebSocketDisconnect:
        return


app = Starlette(
    lifespan=lifespan,
    routes=[
        Route("/items/{name}", item),
        Route("/stream", stream),
        Route("/upload", upload, methods=["POST"]),
        Route("/raw", raw, methods=["PUT"]),
        Route("/state", state),
        Route("/background", background, methods=["POST"]),
        Route("/release", release, methods=["POST"]),
        Route("/error", error),
        Route("/cookies", cookies),
        Route("/file", file),
        Route("/extensions", extensions),
        WebSocketRoute("/echo", echo),
    ],
)
