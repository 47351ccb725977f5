"""A small real application in Quart, with the routes that `test_frameworks.py` asks of every framework."""

import asyncio
import hashlib
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from quart import Quart, Response, current_app, request, send_file, websocket
from quart.wrappers.response import Response as QuartResponse

FOLDER = Path(os.environ["APP_FOLDER"])

app = Quart(__name__)


@app.before_serving
async def start() -> None:
    app.config["GREETING"] = "set at start-up"
    app.config["RELEASED"] = asyncio.Event()
    app.config["FINISHED"] = asyncio.Event()


@app.after_serving
async def stop() -> None:
    (FOLDER / "shutdown").write_text("shut down")


@app.get("/items/<name>")
async def item(name: str) -> dict[str, Any]:
    return {"name": name, "count": int(request.args["count"]), "tags": request.args.getlist("tag")}


@app.get("/stream")
async def stream() -> Response:
    async def parts() -> AsyncIterator[bytes]:
        for number in range(200):
            yield f"part {number}\n".encode()

    return QuartResponse(parts(), mimetype="text/plain")


@app.post("/upload")
async def upload() -> dict[str, Any]:
    form, files = await request.form, await request.files
    data = files["file"].read()
    return {
        "note": form["note"],
        "name": files["file"].filename,
        "size": len(data),
        "digest": hashlib.sha256(data).hexdigest(),
    }


@app.put("/raw")
async def raw() -> dict[str, Any]:
    size, digest = 0, hashlib.sha256()
    async for part in request.body:
        size += len(part)
        digest.update(part)
    return {"size": size, "digest": digest.hexdigest()}


@app.get("/state")
async def state() -> dict[str, str]:
    return {"greeting": current_app.config["GREETING"]}


@app.post("/background")
async def background() -> dict[str, bool]:
    async def job() -> None:
        await app.config["RELEASED"].wait()
        app.config["FINISHED"].set()

    app.add_background_task(job)
    return {"started": True}


@app.post("/release")
async def release() -> dict[str, bool]:
    app.config["RELEASED"].set()
    await app.config["FINISHED"].wait()
    return {"finished": True}


@app.get("/error")
async def error() -> None:
    raise RuntimeError("as asked for")


@app.get("/cookies")
async def cookies() -> Response:
    response = await app.make_response({"seen": dict(request.cookies)})
    response.set_cookie("one", "1")
    response.set_cookie("two", "2")
    return response


@app.get("/file")
async def file() -> Response:
    return await send_file(FOLDER / "file.bin")


@app.websocket("/echo")
async def echo() -> None:
    await websocket.accept(subprotocol=websocket.requested_subprotocols[0])
    while True:
        message = await websocket.receive()
        if message == "bye":
            await websocket.close(4001, "bye")
            return
        await websocket.send(message)
