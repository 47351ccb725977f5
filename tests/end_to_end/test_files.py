"""Files that the server sends by itself: the same bytes through every door, and nobody else has to wait."""

from pathlib import Path

import pytest
from tests.end_to_end.doors import Door
from tests.support.raw_client import request

MIB = 1024 * 1024


@pytest.mark.parametrize("path", ["/pathsend", "/zerocopysend"])
def test_a_file_arrives_byte_for_byte(door: Door, large_file: Path, path: str):
    with door.raw() as client:
        for _ in range(2):
            client.send(request("GET", path))
            assert client.read_response().body == large_file.read_bytes()


@pytest.mark.parametrize(("offset", "count"), [(0, 1), (1, 65537), (5 * MIB, 3 * MIB), (10 * MIB - 1, 1)])
def test_a_stretch_of_a_file_arrives_byte_for_byte(door: Door, large_file: Path, offset: int, count: int):
    with door.raw() as client:
        client.send(request("GET", f"/zerocopysend/{offset}-{count}"))
        assert client.read_response().body == large_file.read_bytes()[offset : offset + count]


@pytest.mark.parametrize("path", ["/pathsend", "/zerocopysend"])
def test_pipelined_requests_behind_a_file_are_answered_behind_it(door: Door, large_file: Path, path: str):
    with door.raw() as client:
        client.send(request("GET", path) + request("GET", "/number/1"))
        assert client.read_response().body == large_file.read_bytes()
        assert client.read_response().body == b"1"


@pytest.mark.parametrize("path", ["/pathsend", "/zerocopysend"])
def test_others_are_served_while_a_client_does_not_read_its_file(door: Door, large_file: Path, path: str):
    with door.raw(receive_buffer=4096) as slow, door.raw() as other:
        slow.send(request("GET", path))
        first = slow.read()
        other.send(request("GET", "/"))
        assert other.read_response().body == b"hello"
        assert first.startswith(b"HTTP/1.1 200 ")


@pytest.mark.parametrize("path", ["/pathsend", "/zerocopysend"])
def test_a_client_that_leaves_inside_its_file_is_no_failure(door: Door, path: str):
    with door.raw(receive_buffer=4096) as client:
        client.send(request("GET", path))
        client.read()
        client.abort()
    with door.raw() as client:
        client.send(request("GET", "/fail/fence"))
        assert client.read_response().status == 500
    door.server.wait_line("as asked for fence")
    assert f"failed in 'GET {path}'" not in door.server.output
