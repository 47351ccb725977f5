"""Unmodified ASGI applications of four frameworks on the WSGI servers that people run, each asked the same
questions through real sockets.
"""

import hashlib
import os
from collections.abc import Iterator

import httpx
import pytest
from tests.end_to_end.wsgi_servers import FRAMEWORKS, SERVERS, Running, open_folder, running_wsgi_server

SIZE = 1024 * 1024


@pytest.fixture(
    scope="module", params=[f"{server} {framework}" for server in SERVERS for framework in FRAMEWORKS]
)
def served(request: pytest.FixtureRequest) -> Iterator[Running]:
    server, _, framework = request.param.rpartition(" ")
    with open_folder() as folder:
        (folder / "file.bin").write_bytes(os.urandom(SIZE))
        with running_wsgi_server(server, f"tests.end_to_end.apps.{framework}_app", folder) as running:
            yield running


@pytest.fixture
def client(served: Running) -> Iterator[httpx.Client]:
    with served.client() as client:
        yield client


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def test_path_and_query_parameters_arrive_and_json_returns(client: httpx.Client):
    answer = client.get("/items/caf%C3%A9 au lait", params={"count": 3, "tag": ["a&b", "ü"]})
    assert answer.json() == {"name": "café au lait", "count": 3, "tags": ["a&b", "ü"]}


def test_a_stream_of_many_parts_keeps_its_order(client: httpx.Client):
    answer = client.get("/stream")
    assert answer.text.splitlines() == [f"part {number}" for number in range(200)]


def test_a_multipart_upload_arrives_whole(served: Running, client: httpx.Client):
    data = (served.folder / "file.bin").read_bytes()
    answer = client.post("/upload", files={"file": ("file.bin", data)}, data={"note": "größer"})
    assert answer.json() == {"note": "größer", "name": "file.bin", "size": SIZE, "digest": digest(data)}


def test_a_raw_upload_arrives_whole(served: Running, client: httpx.Client):
    data = (served.folder / "file.bin").read_bytes()
    assert client.put("/raw", content=data).json() == {"size": SIZE, "digest": digest(data)}


def test_a_chunked_upload_arrives_whole_or_is_refused_with_411(served: Running, client: httpx.Client):
    """Where the server does not pass it on: it never arrives as an empty body."""
    if not SERVERS[served.name].chunked:
        assert client.put("/raw", content=iter([b"abc"])).status_code == 411
        return
    data = (served.folder / "file.bin").read_bytes()
    pieces = [data[start : start + 10000] for start in range(0, SIZE, 10000)]
    assert client.put("/raw", content=iter(pieces)).json() == {"size": SIZE, "digest": digest(data)}


def test_a_file_response_has_the_bytes_of_the_file(served: Running, client: httpx.Client):
    assert client.get("/file").content == (served.folder / "file.bin").read_bytes()


def test_two_cookies_are_set_by_two_fields(client: httpx.Client):
    answer = client.get("/cookies", headers={"cookie": "first=1; second=2"})
    assert answer.json() == {"seen": {"first": "1", "second": "2"}}
    assert [value.partition(";")[0] for value in answer.headers.get_list("set-cookie")] == ["one=1", "two=2"]


def test_an_error_in_the_application_is_a_500_and_the_server_goes_on(client: httpx.Client):
    assert client.get("/error").status_code == 500
    assert client.get("/cookies").status_code == 200


def test_a_background_task_runs_on_after_the_response_was_received(client: httpx.Client):
    assert client.post("/background").json() == {"started": True}
    assert client.post("/release").json() == {"finished": True}


def test_what_the_start_up_has_set_is_seen_and_the_shutdown_runs(served: Running, client: httpx.Client):
    """The last test of each server: it stops it. Django has no lifespan of its own."""
    answer = client.get("/state")
    if answer.status_code != 404:
        assert answer.json() == {"greeting": "set at start-up"}
    served.stop()
    assert answer.status_code == 404 or (served.folder / "shutdown").read_text() == "shut down"
