"""Unmodified applications of five frameworks run on Penstock: each is served once, and asked the same
questions.

`FRAMEWORKS` tells which of them a framework can be asked. The clients are httpx and websockets.
"""

import hashlib
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from tests.support.server import RunningServer, running_server
from websockets.exceptions import ConnectionClosedError
from websockets.sync.client import ClientConnection, connect

MIB = 1024 * 1024


@dataclass(frozen=True)
class Framework:
    websocket: bool = True
    lifespan: bool = True


FRAMEWORKS = {
    "starlette": Framework(),
    "fastapi": Framework(),
    "quart": Framework(),
    "litestar": Framework(),
    "django": Framework(websocket=False, lifespan=False),
}
WITH_WEBSOCKET = [name for name, framework in FRAMEWORKS.items() if framework.websocket]
WITH_LIFESPAN = [name for name, framework in FRAMEWORKS.items() if framework.lifespan]


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
    target = f"tests.end_to_end.apps.{request.param}_app:app"
    environment = {"APP_FOLDER": str(folder)}
    with running_server(target, environment=environment, command=server_command) as server:
        yield Served(server, folder)


@pytest.fixture
def client(served: Served) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=served.server.url, timeout=10, trust_env=False) as client:
        yield client


@pytest.fixture
def websocket(served: Served) -> Iterator[ClientConnection]:
    host, port = served.server.address
    with connect(f"ws://{host}:{port}/echo", subprotocols=["echo", "other"], proxy=None) as websocket:
        yield websocket


def only(*names: str) -> pytest.MarkDecorator:
    """For these frameworks alone; the fixture's other parameters are not even collected."""
    return pytest.mark.parametrize("served", names, indirect=True, scope="module")


def test_path_and_query_parameters_arrive_and_json_returns(served: Served, client: httpx.Client):
    answer = client.get("/items/caf%C3%A9 au lait", params={"count": 3, "tag": ["a&b", "ü"]})
    assert answer.status_code == 200
    assert answer.json() == {"name": "café au lait", "count": 3, "tags": ["a&b", "ü"]}


def test_a_stream_of_many_parts_keeps_its_order(served: Served, client: httpx.Client):
    with client.stream("GET", "/stream") as answer:
        body = b"".join(answer.iter_raw())
    assert answer.headers["transfer-encoding"] == "chunked"
    assert body.decode().splitlines() == [f"part {number}" for number in range(200)]


def test_a_multipart_upload_arrives_whole(served: Served, client: httpx.Client):
    answer = client.post("/upload", files={"file": ("file.bin", served.file)}, data={"note": "größer"})
    assert answer.json() == {
        "note": "größer",
        "name": "file.bin",
        "size": MIB,
        "digest": hashlib.sha256(served.file).hexdigest(),
    }


@pytest.mark.parametrize("parts", [1, 64], ids=["with a length", "chunked"])
def test_a_raw_upload_arrives_whole(served: Served, client: httpx.Client, parts: int):
    step = MIB // parts
    pieces = [served.file[start : start + step] for start in range(0, MIB, step)]
    answer = client.put("/raw", content=pieces[0] if parts == 1 else iter(pieces))
    assert answer.json() == {"size": MIB, "digest": hashlib.sha256(served.file).hexdigest()}


def test_a_file_response_has_the_bytes_of_the_file(served: Served, client: httpx.Client):
    answer = client.get("/file")
    assert answer.headers["content-length"] == str(MIB)
    assert answer.content == served.file


def test_two_cookies_are_set_by_two_fields(served: Served, client: httpx.Client):
    answer = client.get("/cookies", headers={"cookie": "first=1; second=2"})
    assert answer.json() == {"seen": {"first": "1", "second": "2"}}
    assert [value.partition(";")[0] for value in answer.headers.get_list("set-cookie")] == ["one=1", "two=2"]


def test_an_error_in_the_application_is_a_500_and_the_server_goes_on(served: Served, client: httpx.Client):
    assert client.get("/error").status_code == 500
    assert client.get("/cookies").status_code == 200


def test_a_background_task_runs_on_after_the_response_was_received(served: Served, client: httpx.Client):
    with httpx.Client(base_url=served.server.url, timeout=10, trust_env=False) as other:
        assert other.post("/background").json() == {"started": True}
    assert client.post("/release").json() == {"finished": True}


@only(*WITH_LIFESPAN)
def test_what_the_start_up_has_set_is_seen_by_requests(served: Served, client: httpx.Client):
    assert client.get("/state").json() == {"greeting": "set at start-up"}


@only(*WITH_WEBSOCKET)
def test_a_websocket_echoes_text_and_bytes(served: Served, websocket: ClientConnection):
    assert websocket.subprotocol == "echo"
    for message in ["text: ü", b"\x00\xff", "x" * MIB, b"y" * MIB]:
        websocket.send(message)
        assert websocket.recv(timeout=10) == message


@only(*WITH_WEBSOCKET)
def test_a_websocket_is_closed_with_the_code_and_reason_of_the_application(
    served: Served, websocket: ClientConnection
):
    websocket.send("bye")
    with pytest.raises(ConnectionClosedError) as closed:
        websocket.recv(timeout=10)
    assert closed.value.rcvd is not None
    assert (closed.value.rcvd.code, closed.value.rcvd.reason) == (4001, "bye")


@only("starlette")
def test_starlette_is_offered_pathsend(served: Served, client: httpx.Client):
    assert "http.response.pathsend" in client.get("/extensions").json()


@only(*WITH_LIFESPAN)
def test_the_shutdown_of_the_application_runs_when_the_server_stops(served: Served):
    assert served.server.stop() == 0
    assert (served.folder / "shutdown").read_text() == "shut down"


@only("django")
def test_an_application_without_lifespan_is_stopped_in_good_order(served: Served):
    assert served.server.stop() == 0
    assert "Traceback" not in served.server.output.partition("as asked for")[2]
