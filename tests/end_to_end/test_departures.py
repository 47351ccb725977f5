"""Clients that leave: half closed and still listening, inside an upload, inside a download."""

import itertools
import ssl
from collections.abc import Iterator

import pytest
from tests.end_to_end.conftest import Start
from tests.end_to_end.doors import Door
from tests.support.raw_client import RawClient, connect, request

FRAMINGS = [("content-length", "10"), ("transfer-encoding", "chunked")]


@pytest.fixture(scope="module")
def numbers() -> Iterator[int]:
    return itertools.count()


def test_a_half_closed_client_gets_its_answer(bare_door: Door):
    with bare_door.raw() as client:
        client.send(get("/answer-after-end"))
        client.half_close()
        assert client.read_response().body == b"in spite of it"
        assert client.read_to_end() == b""


def test_a_client_that_said_its_last_by_close_notify_gets_its_answer(tls_door: Door):
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    assert tls_door.tls is not None
    side = tls_door.tls.wrap_bio(incoming, outgoing, server_hostname="localhost")
    with connect(tls_door.url) as client:
        shake_hands(side, incoming, outgoing, client)
        side.write(get("/answer-after-end"))
        with pytest.raises(ssl.SSLWantReadError):
            side.unwrap()
        client.send(outgoing.read())
        assert read_plain(side, incoming, client).endswith(b"in spite of it")


def shake_hands(
    side: ssl.SSLObject, incoming: ssl.MemoryBIO, outgoing: ssl.MemoryBIO, client: RawClient
) -> None:
    while True:
        try:
            side.do_handshake()
        except ssl.SSLWantReadError:
            client.send(outgoing.read())
            incoming.write(client.read())
        else:
            client.send(outgoing.read())
            return


def read_plain(side: ssl.SSLObject, incoming: ssl.MemoryBIO, client: RawClient) -> bytes:
    """What the server says up to its own close_notify or the end of the connection."""
    data = b""
    while True:
        try:
            part = side.read(65536)
        except ssl.SSLWantReadError:
            raw = client.read()
            if not raw:
                return data
            incoming.write(raw)
        except ssl.SSLZeroReturnError:
            return data
        else:
            if not part:
                return data
            data += part


def get(target: str) -> bytes:
    return request("GET", target)


@pytest.mark.parametrize("leave", [RawClient.close, RawClient.abort, RawClient.half_close])
@pytest.mark.parametrize("framing", FRAMINGS)
def test_a_client_that_leaves_inside_its_upload_is_a_disconnect(
    door: Door, numbers: Iterator[int], framing: tuple[str, str], leave
):
    number = next(numbers)
    with door.raw() as client:
        client.send(request("POST", f"/upload/{number}", [framing]))
        client.send(b"hello" if framing[0] == "content-length" else b"5\r\nhello\r\n")
        door.server.wait_line(f"upload {number} began")
        leave(client)
        door.server.wait_line(f"upload {number} was cut")


def test_a_client_that_leaves_inside_a_download_is_an_oserror(door: Door):
    with door.raw(receive_buffer=4096) as client:
        client.send(get("/endless/100-departure"))
        client.read()
        client.abort()
        door.server.wait_line("departure raised ClientDisconnected")


def test_an_application_runs_on_when_its_client_has_gone(door: Door):
    with door.raw() as client:
        client.send(get("/until-gone/runs-on"))
        door.server.wait_line("waiting runs-on")
        client.abort()
        door.server.wait_line("gone runs-on")
    with door.raw() as client:
        client.send(get("/release/runs-on"))
        client.read_response()
    assert "cancelled runs-on" not in door.server.output


@pytest.mark.parametrize("leave", [RawClient.close, RawClient.abort, RawClient.half_close])
def test_an_application_that_returns_when_its_client_has_gone_is_no_failure(
    door: Door, numbers: Iterator[int], leave
):
    name = f"returns-{next(numbers)}"
    with door.raw() as client, door.httpx() as other:
        client.send(get(f"/until-gone/{name}"))
        door.server.wait_line(f"waiting {name}")
        leave(client)
        door.server.wait_line(f"gone {name}")
        other.get(f"/release/{name}")
        other.get(f"/fail/behind-{name}")
    door.server.wait_line(f"as asked for behind-{name}")
    assert f"failed in 'GET /until-gone/{name}'" not in door.server.output


def test_an_application_is_cancelled_when_that_is_asked_for(start: Start):
    option = ("--cancel-on-disconnect-seconds", "0.1")
    with start(*option) as server:
        with connect(server.url) as client:
            client.send(get("/until-gone/cancel"))
            server.wait_line("waiting cancel")
            client.abort()
        server.wait_line("gone cancel")
        server.wait_line("cancelled cancel")
