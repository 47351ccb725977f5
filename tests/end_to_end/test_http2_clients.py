"""HTTP/2 with the clients that people use: httpx, curl, nghttp and h2load."""

import asyncio
import re
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import httpx
import pytest
from tests.end_to_end.doors import SECONDS, Door


def has(program: str) -> pytest.MarkDecorator:
    missing = shutil.which(program) is None
    return pytest.mark.skipif(missing, reason=f"{program} is not installed (Debian: nghttp2-client)")


def output(*words: str) -> str:
    """What the program printed; it has to end with 0."""
    done = subprocess.run(words, check=True, capture_output=True, text=True, timeout=6 * SECONDS)
    return done.stdout


def test_httpx_sends_many_requests_over_one_connection(tls_door: Door):
    async def ask_all() -> list[httpx.Response]:
        limits = httpx.Limits(max_connections=1)
        async with httpx.AsyncClient(
            http2=True, verify=tls_door.tls or False, limits=limits, timeout=SECONDS, trust_env=False
        ) as client:
            paths = [f"{tls_door.url}/number/{number}" for number in range(50)]
            return await asyncio.gather(*(client.get(path) for path in paths))

    answers = asyncio.run(ask_all())
    assert [answer.text for answer in answers] == [str(number) for number in range(50)]
    assert {answer.http_version for answer in answers} == {"HTTP/2"}


def test_httpx_uploads_and_downloads(tls_door: Door, large_file: Path):
    with httpx.Client(http2=True, verify=tls_door.tls or False, timeout=SECONDS, trust_env=False) as client:
        sent = client.post(f"{tls_door.url}/echo", content=large_file.read_bytes())
        got = client.get(f"{tls_door.url}/pathsend")
    assert sent.content == got.content == large_file.read_bytes()


@pytest.mark.parametrize(
    ("options", "version"),
    [(["--http2-prior-knowledge"], "2"), (["--http2"], "2"), (["--http1.1"], "1.1"), (["--http1.0"], "1.1")],
)
def test_curl_speaks_the_version_it_is_told(tcp_door: Door, options: Sequence[str], version: str):
    done = tcp_door.curl("/number/5", *options, "--write-out", " %{http_version}")
    assert done.stdout.decode() == f"5 {version}"


@pytest.mark.parametrize(("option", "version"), [("--http2", "2"), ("--http1.1", "1.1")])
def test_curl_speaks_over_tls_what_is_agreed_on(tls_door: Door, option: str, version: str):
    done = tls_door.curl("/number/5", option, "--write-out", " %{http_version}")
    assert done.stdout.decode() == f"5 {version}"


def test_curl_uploads_over_http_2(tls_door: Door, large_file: Path):
    done = tls_door.curl("/echo", "--http2", "--data-binary", f"@{large_file}")
    assert done.stdout == large_file.read_bytes()


@has("nghttp")
@pytest.mark.parametrize("option", ["--no-dep", "--upgrade"])
def test_nghttp_begins_at_once_or_with_an_upgrade(tcp_door: Door, option: str):
    assert output("nghttp", option, f"{tcp_door.url}/number/5") == "5"


@has("nghttp")
def test_nghttp_takes_what_is_promised(tls_door: Door):
    told = output("nghttp", "--verbose", "--stat", f"{tls_door.url}/pushes")
    assert told.count("recv PUSH_PROMISE frame") == 2
    assert len(re.findall(r"\*.* 200 .*/number/[12]$", told, re.MULTILINE)) == 2


@has("nghttp")
def test_nghttp_refuses_promises(tcp_door: Door):
    told = output("nghttp", "--verbose", "--no-push", f"{tcp_door.url}/pushes")
    assert "PUSH_PROMISE" not in told


@has("h2load")
@pytest.mark.parametrize("path", ["/number/2", "/number/1", "/pathsend"])
def test_h2load_gets_every_answer(tcp_door: Door, path: str):
    count = 20 if path == "/pathsend" else 5000
    told = output("h2load", "-c4", "-m32", f"-n{count}", tcp_door.url + path)
    assert f"{count} succeeded, 0 failed, 0 errored, 0 timeout" in told


@has("h2load")
def test_h2load_gets_every_answer_over_tls(tls_door: Door):
    told = output("h2load", "-c4", "-m32", "-n5000", f"{tls_door.url}/number/2")
    assert "Application protocol: h2\n" in told
    assert "5000 succeeded, 0 failed, 0 errored, 0 timeout" in told
