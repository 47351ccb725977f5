"""A small real application in FastAPI, with the routes that `test_frameworks.py` asks of every framework."""

import hashlib
import os
from asyncio import Event
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated, TypedDict

from fastapi import BackgroundTasks, FastAPI, Form, Query, Request, Response, UploadFile, WebSocket
from fastapi.responses import FileResponse, StreamingResponse
from pydantic import BaseModel

FOLDER = Path(os.environ["APP_FOLDER"])


class State(TypedDict):
    greeting: str
    released: Event
    finished: Event


class Item(BaseModel):
    name: str
    count: int
    tags: list[str]


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[State]:
    yield {"greeting": "set at start-up", "released": Event(), "finished": Event()}
    (FOLDER / "shutdown").write_text("shut down")


app = FastAPI(lifespan=lifespan)


@app.get("/items/{name}")
async def item(name: str, count: int, tag: Annotated[list[str], Query()]) -> Item:
    return Item(name=name, count=count, tags=tag)


@app.get("/stream")
async def stream() -> StreamingResponse:
    async def parts() -> AsyncIterator[str]:
        for number in range(200):
            yield f"part {number}\n"

    return StreamingResponse(parts(), media_type="text/plain")


@app.post("/upload")
async def upload(file: UploadFile, note: Annotated[str, Form()]) -> dict[str, str | int | None]:
    data = await file.read()
    return {
        "note": note,
        "name": file.filename,
        "size": len(data),
        "digest": hashlib.sha256(data).hexdigest(),
    }


@app.put("/raw")
async def raw(request: Request) -> dict[str, str | int]:
    size, digest = 0, hashlib.sha256()
    async for part in request.stream():
        size += len(part)
        digest.update(part)
    return {"size": size, "digest": digest.hexdigest()}


@app.get("/state")
async def state(request: Request) -> dict[str, str]:
    return {"greeting": request.state.greeting}


@app.post("/background")
async def background(request: Request, tasks: BackgroundTasks) -> dict[str, bool]:
    async def job() -> None:
        await request.state.released.wait()
        request.state.finished.set()

    tasks.add_task(job)
    return {"started": True}


@app.post("/release")
async def release(request: Request) -> dict[str, bool]:
    request.state.released.set()
    await request.state.finished.wait()
    return {"finished": True}


@app.get("/error")
async def error() -> None:
    raise RuntimeError("as asked for")


@app.get("/cookies")
async def cookies(request: Request, response: Response) -> dict[str, dict[str, str]]:
    response.set_cookie("one", "1")
    response.set_cookie("two", "2")
    return {"seen": request.cookies}


@app.get("/file")
async def file() -> FileResponse:
    return FileResponse(FOLDER / "file.bin")


@app.websocket("/echo")
async def echo(websocket: WebSocket) -> None:
    await websocket.accept(subprotocol=websocket.scope["subprotocols"][0])
    while (message := await websocket.receive())["type"] == "websocket.receive":
        if message.get("bytes") is not None:
            await websocket.send_bytes(message["bytes"])
        elif message["text"] == "bye":
            await websocket.close(4001, "bye")
        else:
            await websocket.send_text(message["text"])
