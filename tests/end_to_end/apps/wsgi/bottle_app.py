"""A small real application in Bottle, with the routes that `test_wsgi_frameworks.py` asks of every
framework.
"""

import hashlib
import os
from collections.abc import Iterator
from typing import Any

from bottle import Bottle, request, response, static_file

app = Bottle()


@app.get("/items/<name>")
def item(name: str) -> Any:
    query = request.query.decode()
    return {"name": name, "count": int(query.count), "tags": query.getall("tag")}


@app.post("/form")
def form() -> Any:
    return dict(request.forms.decode())


@app.post("/upload")
def upload() -> Any:
    file = request.files["file"]
    data = file.file.read()
    note = request.forms.decode()["note"]
    return {"note": note, "name": file.filename, "size": len(data), "digest": digest(data)}


@app.put("/raw")
def raw() -> Any:
    data = request.environ["wsgi.input"].read()  # `request.body` wants a length, or chunks with their frames
    return {"size": len(data), "digest": digest(data)}


@app.get("/stream")
def stream() -> Iterator[str]:
    response.content_type = "text/plain"
    for number in range(200):
        yield f"part {number}\n"


@app.get("/file")
def file() -> Any:
    return static_file("file.bin", root=os.environ["APP_FOLDER"])


@app.get("/cookies")
def cookies() -> Any:
    response.set_cookie("one", "1")
    response.set_cookie("two", "2")
    return {"seen": dict(request.cookies)}


@app.get("/error")
def error() -> Any:
    raise RuntimeError("as asked for")


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
