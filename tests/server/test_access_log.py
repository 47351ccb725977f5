"""The access log over real pipes and files: what a line says, what nobody can forge, what is never lost."""

import json
import logging
import os
import re
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penstock.base.errors import SettingsError
from penstock.server.access_log import AccessLog
from penstock.server.settings import Settings

NOON = 1763467200.0  # 2025-11-18T12:00:00Z
COMBINED = '%(h)s %(l)s %(u)s %(t)s "%(r)s" %(s)s %(b)s "%(f)s" "%(a)s"'


def scope(**changes: Any) -> dict[str, Any]:
    return {
        "type": "http",
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": "/items",
        "raw_path": b"/items",
        "query_string": b"page=2",
        "headers": [(b"host", b"example.org"), (b"user-agent", b"probe 1.0")],
        "client": ("127.0.0.1", 50000),
    } | changes


class Reader:
    """The reading end of a pipe that an access log writes to."""

    def __init__(self) -> None:
        self.end, self.descriptor = os.pipe()
        self._open = [self.end, self.descriptor]

    def stop_reading(self) -> None:
        self._close(self.end)

    def read(self) -> str:
        """All that is in the pipe."""
        os.set_blocking(self.end, False)
        parts = []
        while part := self._part():
            parts.append(part)
        return b"".join(parts).decode()

    def close(self) -> None:
        for descriptor in list(self._open):
            self._close(descriptor)

    def _part(self) -> bytes:
        try:
            return os.read(self.end, 1 << 20)
        except BlockingIOError:
            return b""

    def _close(self, descriptor: int) -> None:
        os.close(descriptor)
        self._open.remove(descriptor)


@pytest.fixture
def reader() -> Iterator[Reader]:
    reader = Reader()
    yield reader
    reader.close()


def line_of(
    format: str,
    tmp_path: Path,
    *,
    status: int = 200,
    fields: list[tuple[bytes, bytes]] | None = None,
    sent: int = 1234,
    seconds: float = 0.01234,
    at: float = NOON,
    **changes: Any,
) -> str:
    """The one line that is written for such an exchange, without its end."""
    path = tmp_path / "access.log"
    with path.open("wb") as file:
        log = AccessLog(format, file.fileno())
        log.tick(at)
        log.record(scope(**changes), status, fields or [], sent, seconds)
        log.close()
    text = path.read_bytes().decode("ascii")
    assert text.count("\n") == 1
    return text.removesuffix("\n")


def test_the_default_line_tells_client_method_path_status_bytes_and_duration(tmp_path: Path) -> None:
    line = line_of(Settings().access_log_format, tmp_path)
    assert line == '127.0.0.1:50000 "GET /items?page=2 HTTP/1.1" 200 1234 B 12.34 ms'


def test_the_usual_combined_format_is_understood(tmp_path: Path) -> None:
    line = line_of(COMBINED, tmp_path)
    expected = (
        r'127\.0\.0\.1 - - \[1[789]/Nov/2025:\d\d:\d\d:00 [+-]\d{4}\] "GET /items\?page=2 HTTP/1\.1" '
        r'200 1234 "-" "probe 1\.0"'
    )
    assert re.fullmatch(expected, line)


@pytest.mark.parametrize(
    ("format", "expected"),
    [
        ("%(h)s %(client_host)s %(client_port)s", "127.0.0.1 127.0.0.1 50000"),
        ("%(m)s %(U)s %(q)s %(H)s", "GET /items page=2 HTTP/1.1"),
        ("%(method)s %(path)s %(query)s %(http_version)s %(scheme)s", "GET /items page=2 1.1 http"),
        ("%(s)s %(B)s %(b)s", "200 1234 1234"),
        ("%(T)s %(D)s %(M)s %(L)s", "0 12340 12 0.012340"),
        ("%(duration_seconds)s %(duration_ms)s %(duration_us)s", "0.012340 12.34 12340"),
        ("%(a)s|%(user_agent)s|%(f)s|%(referer)s|%(host)s", "probe 1.0|probe 1.0|-|-|example.org"),
        ("%({Host}i)s %({x-none}i)s %({X-Out}o)s %({x-none}o)s", "example.org - yes -"),
        ("%({PENSTOCK_TEST_WORD}e)s %({PENSTOCK_TEST_NONE}e)s", "word -"),
        ("%(time)s", "2025-11-18T12:00:00Z"),
        ("%(p)s %(pid)s", f"<{os.getpid()}> {os.getpid()}"),
        ("100%% %(status)d of {braces} 'quotes' \\ and %(l)s", "100% 200 of {braces} 'quotes' \\ and -"),
    ],
)
def test_atoms(format: str, expected: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PENSTOCK_TEST_WORD", "word")
    assert line_of(format, tmp_path, fields=[(b"X-Out", b"yes")]) == expected


def test_a_response_without_a_body_has_a_dash_for_its_length(tmp_path: Path) -> None:
    assert line_of("%(b)s %(B)s", tmp_path, sent=0) == "- 0"


def test_the_user_of_basic_authentication_is_shown(tmp_path: Path) -> None:
    aladdin = [(b"authorization", b"Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==")]
    assert line_of("%(u)s", tmp_path, headers=aladdin) == "Aladdin"


@pytest.mark.parametrize("credentials", [b"Basic !!!", b"Bearer abc", b"Basic", b"Basic Og==", b""])
def test_credentials_without_a_user_are_a_dash(tmp_path: Path, credentials: bytes) -> None:
    assert line_of("%(u)s", tmp_path, headers=[(b"authorization", credentials)]) == "-"


@pytest.mark.parametrize(
    ("client", "expected"),
    [(("::1", 5), "[::1]:5 ::1 5"), (None, "- - -"), (("192.0.2.1", 0), "192.0.2.1:0 192.0.2.1 0")],
)
def test_clients_of_every_family_are_shown(tmp_path: Path, client: Any, expected: str) -> None:
    assert line_of("%(client)s %(h)s %(client_port)s", tmp_path, client=client) == expected


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (0.0, "0.00"),
        (0.000019, "0.01"),
        (0.0098999, "9.89"),
        (0.0099, "9.90"),
        (0.012, "12.00"),
        (61.5, "61500.00"),
    ],
)
def test_durations_are_milliseconds_with_two_decimals(tmp_path: Path, seconds: float, shown: str) -> None:
    assert line_of("%(duration_ms)s", tmp_path, seconds=seconds) == shown


def test_a_websocket_is_recorded_as_the_get_that_it_began_with(tmp_path: Path) -> None:
    opened = scope(type="websocket", scheme="ws")
    del opened["method"]
    path = tmp_path / "access.log"
    with path.open("wb") as file:
        log = AccessLog("%(m)s %(scheme)s %(s)s", file.fileno())
        log.record(opened, 101, [], 0, 3.0)
        log.close()
    assert path.read_text() == "GET ws 101\n"


def test_json_is_one_object_a_line(tmp_path: Path) -> None:
    headers = [(b"user-agent", b'a "quoted" \xe4gent'), (b"referer", b"http://example.org/\n")]
    assert json.loads(line_of("json", tmp_path, headers=headers)) == {
        "time": "2025-11-18T12:00:00Z",
        "client": "127.0.0.1:50000",
        "method": "GET",
        "path": "/items",
        "query": "page=2",
        "http_version": "1.1",
        "status": 200,
        "bytes": 1234,
        "duration_ms": 12.34,
        "user_agent": 'a "quoted" \\xe4gent',
        "referer": "http://example.org/\n",
        "scheme": "http",
    }


def test_json_has_null_for_what_is_not_there(tmp_path: Path) -> None:
    seen = json.loads(line_of("json", tmp_path, client=None, headers=[]))
    assert (seen["client"], seen["user_agent"], seen["referer"]) == (None, None, None)


@pytest.mark.parametrize(
    "format",
    [
        "%(nonsense)s",
        "%(statuss)s",
        "50%",
        "%s",
        "%(status)x",
        "%(status",
        "%()s",
        "%({x}z)s",
        "",
        " ",
        "a\nb",
    ],
)
def test_a_format_that_cannot_be_read_is_refused_at_the_start(format: str) -> None:
    with pytest.raises(SettingsError) as caught:
        AccessLog(format, 1)
    assert caught.value.setting == "access_log_format"
    with pytest.raises(SettingsError):
        Settings(access_log_format=format)


def test_an_unknown_atom_is_refused_with_the_nearest_known_one() -> None:
    with pytest.raises(SettingsError, match=r"%\(statuss\)s, which is not known; did you mean %\(status\)s"):
        AccessLog("%(statuss)s", 1)


EVERYTHING = "|".join(
    ["%(client)s", COMBINED, Settings().access_log_format, "%({x}i)s %({x}o)s %(query)s %(scheme)s %(host)s"]
)


@given(
    path=st.binary(),
    query=st.binary(),
    method=st.text(),
    host=st.text(),
    value=st.binary(),
    format=st.sampled_from([EVERYTHING, "json"]),
)
def test_nothing_that_a_client_sends_can_forge_a_line(
    tmp_path_factory: pytest.TempPathFactory,
    path: bytes,
    query: bytes,
    method: str,
    host: str,
    value: bytes,
    format: str,
) -> None:
    line = line_of(
        format,
        tmp_path_factory.getbasetemp(),
        fields=[(b"x", value)],
        raw_path=path,
        query_string=query,
        method=method,
        client=(host, 1),
        headers=[(b"x", value), (b"referer", value), (b"user-agent", value), (b"authorization", value)],
    )
    assert line.isprintable()
    if format == "json":
        assert json.loads(line)["method"] == method
    else:
        assert line.count('"') == EVERYTHING.count('"')


def test_escapes_show_the_bytes_that_came(tmp_path: Path) -> None:
    line = line_of(
        '"%(U)s" "%(a)s"', tmp_path, raw_path=b'/a"\\ \xc3\xa4\n', headers=[(b"user-agent", b"x\x1b y")]
    )
    assert line == r'"/a\x22\x5c\x20\xc3\xa4\x0a" "x\x1b y"'


@pytest.mark.parametrize(
    "spoilt",
    [
        {"client": ["127.0.0.1", 50000]},
        {"client": ("127.0.0.1", "50000\n")},
        {"client": 5},
        {"raw_path": None},
        {"raw_path": bytearray(b"/")},
        {"method": None},
        {"http_version": []},
        {"headers": None},
        {"headers": [1]},
        {"query_string": "text"},
    ],
)
@pytest.mark.parametrize("format", [EVERYTHING, "json"])
def test_an_application_that_spoils_its_scope_still_gets_a_line(
    tmp_path: Path, spoilt: dict[str, Any], format: str
) -> None:
    line = line_of(format, tmp_path, **spoilt)
    assert "200" in line
    if format == "json":
        assert json.loads(line)["status"] == 200


def test_the_time_is_that_of_the_last_tick(tmp_path: Path) -> None:
    assert line_of("%(time)s", tmp_path, at=NOON + 61) == "2025-11-18T12:01:01Z"


def test_lines_wait_for_a_tick(reader: Reader) -> None:
    log = AccessLog("%(s)s", reader.descriptor)
    log.record(scope(), 200, [], 0, 0.0)
    assert reader.read() == ""
    log.tick(NOON)
    assert reader.read() == "200\n"


def test_a_full_block_is_written_at_once(reader: Reader) -> None:
    log = AccessLog("%(s)s" + "x" * 996, reader.descriptor)
    for _ in range(33):
        log.record(scope(), 200, [], 0, 0.0)
    assert reader.read().count("\n") == 33


def test_nothing_is_written_when_there_is_nothing_to_write(reader: Reader) -> None:
    log = AccessLog("%(s)s", reader.descriptor)
    log.tick(NOON)
    log.flush()
    log.close()
    assert reader.read() == ""


def test_a_slow_reader_gets_every_line_in_order(reader: Reader) -> None:
    os.set_blocking(reader.descriptor, False)
    log = AccessLog("%(B)s " + "x" * 1000, reader.descriptor)
    for number in range(500):  # half a megabyte into a pipe that holds 64 KiB
        log.record(scope(), 200, [], number, 0.0)
    parts = [reader.read()]
    while parts[-1]:
        log.flush()
        parts.append(reader.read())
    assert [int(line.split()[0]) for line in "".join(parts).splitlines()] == list(range(500))


def test_lines_beyond_the_bound_are_counted_and_told(
    reader: Reader, caplog: pytest.LogCaptureFixture
) -> None:
    os.set_blocking(reader.descriptor, False)
    log = AccessLog("x" * 10000 + "%(s)s", reader.descriptor)
    for _ in range(1000):  # ten megabytes that nobody reads
        log.record(scope(), 200, [], 0, 0.0)
    parts = [reader.read()]
    while parts[-1]:
        log.flush()
        parts.append(reader.read())
    log.close()
    arrived = "".join(parts).count("\n")
    assert 0 < arrived < 1000
    assert f"the access log lost {1000 - arrived} lines" in caplog.text


def test_a_reader_that_has_gone_is_told_once_and_reaches_into_no_request(
    reader: Reader, caplog: pytest.LogCaptureFixture
) -> None:
    log = AccessLog("%(s)s", reader.descriptor)
    reader.stop_reading()
    for _ in range(3):
        log.record(scope(), 200, [], 0, 0.0)
        log.tick(NOON)
    log.close()
    told = [record.getMessage() for record in caplog.records if record.levelno == logging.WARNING]
    assert told == [
        "the access log cannot be written (Broken pipe); no more lines are written",
        "the access log lost 3 lines",
    ]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_full_disk_is_told_once_and_its_lines_are_counted(caplog: pytest.LogCaptureFixture) -> None:
    with open("/dev/full", "wb", buffering=0) as full:
        log = AccessLog("%(s)s", full.fileno())
        for _ in range(3):
            log.record(scope(), 200, [], 0, 0.0)
            log.flush()
        log.close()
    told = [record.getMessage() for record in caplog.records]
    assert "lines wait until it takes them again" in told[0]
    assert told[1:] == ["the access log lost 3 lines"]


def test_close_waits_a_moment_for_a_reader_that_is_behind(reader: Reader) -> None:
    """The reader drains the pipe from another thread only after `close` has found it full."""
    os.set_blocking(reader.descriptor, False)
    log = AccessLog("x" * 999 + "%(s)s", reader.descriptor)
    for _ in range(200):
        log.record(scope(), 200, [], 0, 0.0)
    log.flush()
    got: list[int] = []

    def read_all() -> None:
        while sum(got) < 200:
            got.append(os.read(reader.end, 1 << 20).count(b"\n"))

    thread = threading.Thread(target=read_all, daemon=True)
    thread.start()
    log.close()
    thread.join(10)
    assert sum(got) == 200


def test_the_descriptor_stays_open(reader: Reader) -> None:
    AccessLog("%(s)s", reader.descriptor).close()
    os.write(reader.descriptor, b"still")
    assert reader.read() == "still"


def test_two_logs_do_not_see_each_other(tmp_path: Path) -> None:
    for word in ("one", "two"):
        assert line_of(f"{word} %(s)s", tmp_path) == f"{word} 200"
