"""A small real application in Django's WSGI mode, with the routes that `test_wsgi_frameworks.py` asks of
every framework.
"""

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

import django
from django.conf import settings
from django.core.wsgi import get_wsgi_application
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


def item(request: HttpRequest, name: str) -> HttpResponse:
    query = request.GET
    return JsonResponse({"name": name, "count": int(query["count"]), "tags": query.getlist("tag")})


def form(request: HttpRequest) -> HttpResponse:
    return JsonResponse(request.POST.dict())


def upload(request: HttpRequest) -> HttpResponse:
    file = request.FILES["file"]
    data = file.read()
    return JsonResponse(
        {"note": request.POST["note"], "name": file.name, "size": len(data), "digest": digest(data)}
    )


def raw(request: HttpRequest) -> HttpResponse:
    data = request.read()
    return JsonResponse({"size": len(data), "digest": digest(data)})


def stream(request: HttpRequest) -> StreamingHttpResponse:
    def parts() -> Iterator[str]:
        for number in range(200):
            yield f"part {number}\n"

    return StreamingHttpResponse(parts(), content_type="text/plain")


def file(request: HttpRequest) -> FileResponse:
    return FileResponse((FOLDER / "file.bin").open("rb"))


def cookies(request: HttpRequest) -> HttpResponse:
    response = JsonResponse({"seen": request.COOKIES})
    response.set_cookie("one", "1")
    response.set_cookie("two", "2")
    return response


def error(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("as asked for")


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


urlpatterns = [
    path("items/<str:name>", item),
    path("form", form),
    path("upload", upload),
    path("raw", raw),
    path("stream", stream),
    path("file", file),
    path("cookies", cookies),
    path("error", error),
]

app = get_wsgi_application()
