"""Unmodified WSGI applications of five frameworks run on Penstock: each is served once, and asked the
same questions.
"""

import hashlib
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from tests.support.server import RunningServer, running_server

MIB = 1024 * 1024
FRAMEWORKS = ("flask", "django", "bottle", "pyramid", "falcon")
READS_WITHOUT_LENGTH = ("flask", "bottle", "pyramid", "falcon")  # Django takes such a body for an empty one


@dataclass(frozen=True)
class Served:
    """A server that runs the application of one framework, and the folder that the application works in."""

    server: RunningServer
    folder: Path

    @property
    def file(self) -> bytes:
        return (self.folder / "file.bin").read_bytes()


@pytest.fixture(scope="module", params=FRAMEWORKS)
def served(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, server_command: Sequence[str]
) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp(request.param)
    (folder / "file.bin").write_bytes(os.urandom(MIB))
    target = f"tests.end_to_end.apps.wsgi.{request.param}_app:app"
    environment = {"APP_FOLDER": str(folder)}
    with running_server(target, environment=environment, command=server_command) as server:
        yield Served(server, folder)


@pytest.fixture
def client(served: Served) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=served.server.url, timeout=10, trust_env=False) as client:
        yield client


def test_path_and_query_parameters_arrive_and_json_returns(client: httpx.Client):
    answer = client.get("/items/caf%C3%A9 au lait", params={"count": 3, "tag": ["a&b", "ü"]})
    assert answer.status_code == 200
    assert answer.json() == {"name": "café au lait", "count": 3, "tags": ["a&b", "ü"]}


def test_a_form_arrives(client: httpx.Client):
    answer = client.post("/form", data={"name": "größer & besser", "empty": "x"})
    assert answer.json() == {"name": "größer & besser", "empty": "x"}


def test_a_multipart_upload_arrives_whole(served: Served, client: httpx.Client):
    answer = client.post("/upload", files={"file": ("file.bin", served.file)}, data={"note": "größer"})
    assert answer.json() == {
        "note": "größer",
        "name": "file.bin",
        "size": MIB,
        "digest": hashlib.sha256(served.file).hexdigest(),
    }


def test_a_raw_upload_arrives_whole(served: Served, client: httpx.Client):
    answer = client.put("/raw", content=served.file)
    assert answer.json() == {"size": MIB, "digest": hashlib.sha256(served.file).hexdigest()}


@pytest.mark.parametrize("served", READS_WITHOUT_LENGTH, indirect=True, scope="module")
def test_an_upload_without_a_length_arrives_whole(served: Served, client: httpx.Client):
    pieces = (served.file[start : start + 16384] for start in range(0, MIB, 16384))
    answer = client.put("/raw", content=pieces)
    assert answer.json() == {"size": MIB, "digest": hashlib.sha256(served.file).hexdigest()}


def test_a_stream_of_many_parts_keeps_its_order(client: httpx.Client):
    with client.stream("GET", "/stream") as answer:
        body = b"".join(answer.iter_raw())
    assert body.decode().splitlines() == [f"part {number}" for number in range(200)]


def test_a_file_response_has_the_bytes_of_the_file(served: Served, client: httpx.Client):
    answer = client.get("/file")
    assert answer.headers["content-length"] == str(MIB)
    assert answer.content == served.file


def test_the_head_of_a_file_is_answered_without_it(client: httpx.Client):
    answer = client.head("/cookies")
    assert answer.content == b""
    assert answer.status_code in {200, 405}  # where a framework wants a route for it


def test_two_cookies_are_set_by_two_fields(client: httpx.Client):
    answer = client.get("/cookies", headers={"cookie": "first=1; second=2"})
    assert answer.json() == {"seen": {"first": "1", "second": "2"}}
    assert [value.partition(";")[0] for value in answer.headers.get_list("set-cookie")] == ["one=1", "two=2"]


def test_an_error_in_the_application_is_a_500_and_the_server_goes_on(client: httpx.Client):
    assert client.get("/error").status_code == 500
    assert client.get("/cookies").status_code == 200


def test_what_is_not_there_is_a_404(client: httpx.Client):
    assert client.get("/not/there").status_code == 404


def test_the_server_is_stopped_in_good_order(served: Served):
    assert served.server.stop() == 0


def test_the_start_up_line_says_that_it_is_wsgi(served: Served):
    assert "_app:app (WSGI) on " in served.server.output
