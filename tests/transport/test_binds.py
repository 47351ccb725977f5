"""One `--bind`, as users write it."""

import os
from pathlib import Path

import pytest

from penstock.base.errors import SettingsError
from penstock.transport.binds import DescriptorBind, TcpBind, UnixBind, parse_bind


@pytest.mark.parametrize(
    ("text", "bind"),
    [
        ("127.0.0.1:80", TcpBind("127.0.0.1", 80)),
        ("example.org:8443", TcpBind("example.org", 8443)),
        ("localhost:0", TcpBind("localhost", 0)),
        ("localhost", TcpBind("localhost", 8000)),
        (":65535", TcpBind("", 65535)),
        ("[::1]:8000", TcpBind("::1", 8000)),
        ("[::]", TcpBind("::", 8000)),
        ("[fe80::1%lo]:9", TcpBind("fe80::1%lo", 9)),
        ("unix:/run/app.sock", UnixBind("/run/app.sock")),
        ("unix:///run/app.sock", UnixBind("/run/app.sock")),
        ("unix:/run/with space:and colon", UnixBind("/run/with space:and colon")),
        ("fd://3", DescriptorBind(3)),
    ],
)
def test_a_bind_is_read(text: str, bind: object) -> None:
    assert parse_bind(text) == bind


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "it is not a host"),
        ("http://127.0.0.1:8000", "it is not a host"),
        ("a b:80", "it is not a host"),
        ("a\n:80", "it is not a host"),
        ("tcp:/a", "it is not a host"),
        ("8000", "a port alone is written :8000"),
        ("::1", "an IPv6 address is written in brackets"),
        ("::1:8000", "an IPv6 address is written in brackets"),
        ("[::1", "belongs between the brackets"),
        ("[127.0.0.1]:80", "belongs between the brackets"),
        ("[::1]80", "only a port may follow"),
        ("host:", "the port is a number from 0 to 65535"),
        ("host:65536", "the port is a number from 0 to 65535"),
        ("host:-1", "the port is a number from 0 to 65535"),
        ("host:+1", "the port is a number from 0 to 65535"),
        ("host:8_0", "the port is a number from 0 to 65535"),
        ("host:http", "the port is a number from 0 to 65535"),
        ("host:" + "9" * 5000, "the port is a number from 0 to 65535"),
        ("unix:", "no path follows"),
        ("unix:/a\0b", "no path follows"),
        ("fd://", "no descriptor number"),
        ("fd://x", "no descriptor number"),
        ("fd://-1", "no descriptor number"),
        ("fd://99999999999", "no descriptor number"),
    ],
)
def test_what_is_no_bind_is_refused_with_what_came_and_what_is_expected(text: str, problem: str) -> None:
    with pytest.raises(SettingsError) as caught:
        parse_bind(text)
    assert caught.value.setting == "bind"
    assert problem in caught.value.problem
    assert repr(text) in caught.value.problem
    assert "expected host:port, [ipv6]:port, :port, host, unix:/path or fd://number" in caught.value.problem


def test_the_path_of_a_unix_socket_does_not_move_with_the_working_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    bind = parse_bind("unix:app.sock")
    monkeypatch.chdir("/")
    assert bind == UnixBind(os.fspath(tmp_path / "app.sock"))


@pytest.mark.parametrize("text", ["127.0.0.1:80", "[::1]:80", ":80", "unix:/run/app.sock", "fd://3"])
def test_a_bind_prints_as_it_was_written(text: str) -> None:
    assert str(parse_bind(text)) == text
