"""A small real application in Pyramid, with the routes that `test_wsgi_frameworks.py` asks of every
framework.
"""

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pyramid.config import Configurator
from pyramid.response import FileResponse, Response


def item(request: Any) -> Any:
    return {
        "name": request.matchdict["name"],
        "count": int(request.GET["count"]),
        "tags": request.GET.getall("tag"),
    }


def form(request: Any) -> Any:
    return dict(request.POST)


def upload(request: Any) -> Any:
    file = request.POST["file"]
    data = file.file.read()
    return {
        "note": request.POST["note"],
        "name": file.filename,
        "size": len(data),
        "digest": digest(data),
    }


def raw(request: Any) -> Any:
    data = request.body_file.read()
    return {"size": len(data), "digest": digest(data)}


def stream(request: Any) -> Any:
    def parts() -> Iterator[bytes]:
        for number in range(200):
            yield b"part %d\n" % number

    return Response(app_iter=parts(), content_type="text/plain")


def file(request: Any) -> Any:
    return FileResponse(Path(os.environ["APP_FOLDER"]) / "file.bin", request=request)


def cookies(request: Any) -> Any:
    request.response.set_cookie("one", "1")
    request.response.set_cookie("two", "2")
    return {"seen": dict(request.cookies)}


def error(request: Any) -> Any:
    raise RuntimeError("as asked for")


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def make_app() -> Any:
    with Configurator() as config:
        for view in (item, form, upload, raw, stream, file, cookies, error):
            name = view.__name__
            config.add_route(name, "/items/{name}" if view is item else f"/{name}")
            renderer = None if view in {stream, file} else "json"
            config.add_view(view, route_name=name, renderer=renderer)
        return config.make_wsgi_app()


app = make_app()
