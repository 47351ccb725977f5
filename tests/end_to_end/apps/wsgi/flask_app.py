"""A small real application in Flask, with the routes that `test_wsgi_frameworks.py` asks of every
framework.
"""

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from flask import Flask, Response, jsonify, request, send_file

app = Flask(__name__)


@app.get("/items/<name>")
def item(name: str) -> Any:
    return jsonify(name=name, count=request.args.get("count", type=int), tags=request.args.getlist("tag"))


@app.post("/form")
def form() -> Any:
    return jsonify(request.form.to_dict())


@app.post("/upload")
def upload() -> Any:
    file = request.files["file"]
    data = file.read()
    return jsonify(note=request.form["note"], name=file.filename, size=len(data), digest=digest(data))


@app.put("/raw")
def raw() -> Any:
    data = request.stream.read()
    return jsonify(size=len(data), digest=digest(data))


@app.get("/stream")
def stream() -> Any:
    def parts() -> Iterator[str]:
        for number in range(200):
            yield f"part {number}\n"

    return Response(parts(), mimetype="text/plain")


@app.get("/file")
def file() -> Any:
    return send_file(Path(os.environ["APP_FOLDER"]) / "file.bin")


@app.get("/cookies")
def cookies() -> Any:
    response = jsonify(seen=dict(request.cookies))
    response.set_cookie("one", "1")
    response.set_cookie("two", "2")
    return response


@app.get("/error")
def error() -> Any:
    raise RuntimeError("as asked for")


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
