"""A small real application in Falcon, with the routes that `test_wsgi_frameworks.py` asks of every
framework.
"""

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import falcon


class Item:
    def on_get(self, request: Any, response: Any, name: str) -> None:
        response.media = {
            "name": name,
            "count": request.get_param_as_int("count"),
            "tags": request.get_param_as_list("tag"),
        }


class Form:
    def on_post(self, request: Any, response: Any) -> None:
        response.media = request.get_media()


class Upload:
    def on_post(self, request: Any, response: Any) -> None:
        answer = {}
        for part in request.get_media():
            data = part.stream.read()
            if part.name == "note":
                answer["note"] = data.decode()
            else:
                answer |= {"name": part.filename, "size": len(data), "digest": digest(data)}
        response.media = answer


class Raw:
    def on_put(self, request: Any, response: Any) -> None:
        data = request.stream.read()
        response.media = {"size": len(data), "digest": digest(data)}


class Stream:
    def on_get(self, request: Any, response: Any) -> None:
        response.content_type = falcon.MEDIA_TEXT
        response.stream = self.parts()

    def parts(self) -> Iterator[bytes]:
        for number in range(200):
            yield b"part %d\n" % number


class File:
    def on_get(self, request: Any, response: Any) -> None:
        path = Path(os.environ["APP_FOLDER"]) / "file.bin"
        response.set_stream(path.open("rb"), path.stat().st_size)


class Cookies:
    def on_get(self, request: Any, response: Any) -> None:
        response.set_cookie("one", "1")
        response.set_cookie("two", "2")
        response.media = {"seen": request.cookies}


class Error:
    def on_get(self, request: Any, response: Any) -> None:
        raise RuntimeError("as asked for")


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


app = falcon.App()
app.req_options.auto_parse_qs_csv = False
app.add_route("/items/{name}", Item())
app.add_route("/form", Form())
app.add_route("/upload", Upload())
app.add_route("/raw", Raw())
app.add_route("/stream", Stream())
app.add_route("/file", File())
app.add_route("/cookies", Cookies())
app.add_route("/error", Error())
