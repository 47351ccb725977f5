"""The helper that runs servers in processes: finds addresses, waits for lines, leaves nothing running."""

import sys

import pytest
from tests.support.server import RunningServer, running_process, running_server

SLEEPER = "import signal; print({line!r}); signal.pause()"


def printing(line: str) -> tuple[str, ...]:
    return (sys.executable, "-c", SLEEPER.format(line=line))


def test_the_address_is_read_from_the_line_that_tells_it():
    with running_server("app", command=printing("listening on http://127.0.0.1:8123 (uvloop)")) as server:
        assert server.url == "http://127.0.0.1:8123"
        assert server.address == ("127.0.0.1", 8123)


def test_several_addresses_are_told_in_their_order():
    line = "Penstock listens on https://[::1]:1, http://localhost:2, unix:/run/app.sock"
    with running_server("app", command=printing(line)) as server:
        assert server.addresses == ["https://[::1]:1", "http://localhost:2", "unix:/run/app.sock"]
        assert server.address == ("::1", 1)


def test_a_server_that_ends_before_it_listens_fails_the_test_with_its_output():
    command = (sys.executable, "-c", "raise SystemExit('no such module')")
    with pytest.raises(AssertionError, match="no such module"), running_server("app", command=command):
        pass


def test_the_exit_code_is_returned_by_stop():
    script = (
        "import signal, sys; signal.signal(signal.SIGTERM, lambda *_: sys.exit(7));"
        "print('on http://127.0.0.1:1'); signal.pause()"
    )
    with running_server("app", command=(sys.executable, "-c", script)) as server:
        assert server.stop() == 7


def test_the_process_is_gone_after_the_block_also_when_the_block_raises():
    seen: list[RunningServer] = []
    with pytest.raises(KeyError), running_server("app", command=printing("on http://127.0.0.1:1")) as server:
        seen.append(server)
        raise KeyError("the test failed")
    assert seen[0].process.poll() is not None


def test_a_line_can_be_waited_for():
    with running_process([sys.executable, "-c", "print('one\\ntwo')"]) as (_, output):
        assert output.wait_line("tw", seconds=10) == "two\n"
