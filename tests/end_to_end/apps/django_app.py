"""A small real application in Django, in one file, with the routes that `test_frameworks.py` asks of every
framework.

Django has no lifespan and no WebSocket of its own, so that it lacks those routes, and its start-up is its
import.
"""

import asyncio
import hashlib
import os
from collections.abc import AsyncIterator
from pathlib import Path

import django
from django.conf import settings
from django.core.asgi import get_asgi_application
from django.http import FileResponse, HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.urls import path

FOLDER = Path(os.environ["APP_FOLDER"])

settings.configure(
    ALLOWED_HOSTS=["*"],
    ROOT_URLCONF=__name__,
    SECRET_KEY="for tests only",
    DATA_UPLOAD_MAX_MEMORY_SIZE=None,
    MIDDLEWARE=["django.middleware.common.CommonMiddleware"],
)
django.setup()


class Jobs:
    """What outlives a request: the task, kept from the garbage collector, and the two events that it works
    with.
    """

    def __init__(self) -> None:
        self.released = asyncio.Event()
        self.finished = asyncio.Event()
        self.tasks: set[asyncio.Task[None]] = set()

    def start(self) -> None:
        self.tasks.add(asyncio.create_task(self._run()))

    async def _run(self) -> None:
        await self.released.wait()
        self.finished.set()


jobs = Jobs()


async def item(request: HttpRequest, name: str) -> HttpResponse:
    query = request.GET
    return JsonResponse({"name": name, "count": int(query["count"]), "tags": query.getlist("tag")})


async def stream(request: HttpRequest) -> StreamingHttpResponse:
    async def parts() -> AsyncIterator[str]:
        for number in range(200):
            yield f"part {number}\n"

    return StreamingHttpResponse(parts(), content_type="text/plain")


def upload(request: HttpRequest) -> HttpResponse:
    file = request.FILES["file"]
    data = file.read()
    return JsonResponse(
        {
            "note": request.POST["note"],
            "name": file.name,
            "size": len(data),
            "digest": hashlib.sha256(data).hexdigest(),
        }
    )


def raw(request: HttpRequest) -> HttpResponse:
    size, digest = 0, hashlib.sha256()
    while part := request.read(65536):
        size += len(part)
        digest.update(part)
    return JsonResponse({"size": size, "digest": digest.hexdigest()})


async def background(request: HttpRequest) -> HttpResponse:
    jobs.start()
    return JsonResponse({"started": True})


async def release(request: HttpRequest) -> HttpResponse:
    jobs.released.set()
    await jobs.finished.wait()
    return JsonResponse({"finished": True})


def error(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("as asked for")


def cookies(request: HttpRequest) -> HttpResponse:
    response = JsonResponse({"seen": request.COOKIES})
    response.set_cookie("one", "1")
    response.set_cookie("two", "2")
    return response


def file(request: HttpRequest) -> FileResponse:
    return FileResponse((FOLDER / "file.bin").open("rb"))


urlpatterns = [
    path("items/<str:name>", item),
    path("stream", stream),
    path("upload", upload),
    path("raw", raw),
    path("background", background),
    path("release", release),
    path("error", error),
    path("cookies", cookies),
    path("file", file),
]

app = get_asgi_application()
