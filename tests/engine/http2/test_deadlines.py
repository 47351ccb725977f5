"""The deadlines of a connection that is swept once a second."""

import pytest
from tests.support.http2_wire import (
    GET,
    POST,
    PREFACE,
    Client,
    client,
    connection,
    data,
    frame,
    names,
    settings,
    told,
    window_update,
)

from penstock.engine.closing import CLOSE, KEEP_OPEN, LINGER


class Sweeps:
    """A clock that ticks once a second and sweeps the connection at every tick."""

    def __init__(self, asked: Client) -> None:
        self.asked = asked
        self.now = 1000.0
        asked.engine.handle_deadline(self.now)

    def run(self, seconds: int, octets: bytes = b"") -> int:
        """Sweep for so many seconds with this data in each; the one in which something was told or a close
        was wanted, or -1.
        """
        for second in range(1, seconds + 1):
            self.now += 1.0
            if octets:
                self.asked.tell(octets)
            self.asked.engine.handle_deadline(self.now)
            self.asked.tell(b"")
            if told(self.asked.events) or self.asked.engine.close_wanted != KEEP_OPEN:
                return second
        return -1


def uploading(**limits: float | None) -> Client:
    asked = client(**limits)
    asked.tell(asked.headers(1, POST, end=False))
    return asked


def test_a_connection_that_does_not_begin_is_closed() -> None:
    asked = Client(connection(head_seconds=10.0))
    asked.tell(PREFACE[:5])
    assert asked.engine.next_deadline is None
    sweeps = Sweeps(asked)
    assert asked.engine.next_deadline == 1010.0
    assert sweeps.run(20) == 10
    assert asked.engine.close_wanted == LINGER


@pytest.mark.parametrize("rest", [frame("HEADERS", 1, b"\x82"), frame("HEADERS", 1, b"\x82")[:4], b"\0"])
def test_a_head_that_does_not_end_breaks_the_connection(rest: bytes) -> None:
    """A CONTINUATION or an octet a second does not extend the deadline (slowloris)."""
    asked = client(head_seconds=10.0)
    asked.tell(rest)
    assert Sweeps(asked).run(20) == 10
    assert asked.read()[-1].error == "ENHANCE_YOUR_CALM"


def test_settings_that_are_not_acknowledged_break_the_connection() -> None:
    """Section 6.5.3."""
    asked = Client(connection(settings_seconds=5.0))
    asked.tell(PREFACE + settings())
    assert Sweeps(asked).run(20) == 5
    assert asked.read()[-1].error == "SETTINGS_TIMEOUT"


def test_a_connection_without_streams_is_closed_after_its_time() -> None:
    """PING keeps nothing alive: the time between requests is what counts."""
    asked = client(keep_alive_seconds=30.0)
    asked.ask()
    asked.engine.send_response(1, 204, [], False)
    asked.engine.send_data(1, b"", True)
    asked.tell(b"")
    assert Sweeps(asked).run(50, frame("PING", 0, bytes(8))) == 30
    assert [each.error for each in asked.read() if each.name == "GOAWAY"] == ["NO_ERROR"]
    assert asked.engine.close_wanted == CLOSE


def test_an_application_has_all_the_time_it_wants() -> None:
    asked = client()
    asked.ask()
    assert Sweeps(asked).run(500) == -1


def test_a_body_that_is_too_slow_is_answered_with_408() -> None:
    asked = uploading(min_body_bytes_per_second=100, body_grace_seconds=10.0)
    assert Sweeps(asked).run(50, data(1, b"a" * 99)) == 10
    assert (told(asked.events), asked.events[0].status) == (["StreamRefused"], 408)
    assert names(asked.read())[-1] == "RST_STREAM"
    assert asked.engine.close_wanted == KEEP_OPEN


def test_a_body_is_not_judged_while_it_has_no_window_or_is_not_read() -> None:
    full = uploading(min_body_bytes_per_second=1000, body_grace_seconds=10.0, stream_window_bytes=65_535)
    full.tell(data(1, bytes(16_384)) * 3 + data(1, bytes(16_000)))
    assert Sweeps(full).run(100) == -1

    paused = uploading()
    paused.engine.reading_paused = True
    assert Sweeps(paused).run(100) == -1

    expecting = client()
    expecting.tell(expecting.headers(1, (*POST, (b"expect", b"100-continue")), end=False))
    assert Sweeps(expecting).run(100) == -1
    expecting.engine.send_continue(1)
    assert Sweeps(expecting).run(100) > 0


def test_a_response_that_is_not_taken_is_reset() -> None:
    """A window that stays shut holds memory of ours; the other streams go on."""
    asked = client((4, 10), write_stall_seconds=60.0)
    asked.ask()
    asked.engine.send_response(1, 200, [], False)
    asked.engine.send_data(1, bytes(100), True)
    asked.read()
    sweeps = Sweeps(asked)
    assert sweeps.run(30) == -1
    asked.tell(window_update(1, 1))
    asked.read()

    assert sweeps.run(100) in (60, 61)
    assert told(asked.events) == ["StreamReset"]
    assert [(each.name, each.error) for each in asked.read()] == [("RST_STREAM", "ENHANCE_YOUR_CALM")]


def test_a_full_transport_is_not_the_windows_fault() -> None:
    asked = client((4, 10))
    asked.ask()
    asked.engine.send_response(1, 200, [], False)
    asked.engine.send_data(1, bytes(10), False)
    asked.engine.output_paused = True
    asked.engine.send_data(1, bytes(10), True)
    asked.engine.output_paused = False
    asked.tell(window_update(1, 100))
    asked.engine.output_paused = True
    assert Sweeps(asked).run(200) == -1


def test_a_tunnel_that_only_we_have_ended_is_reset() -> None:
    asked = client(close_seconds=5.0)
    asked.tell(
        asked.headers(1, ((b":method", b"CONNECT"), (b":protocol", b"websocket"), *GET[1:]), end=False)
    )
    asked.engine.accept_tunnel(1, [])
    assert Sweeps(asked).run(100) == -1
    asked.engine.send_data(1, b"bye", True)
    assert Sweeps(asked).run(100) == 5


def test_deadlines_can_be_switched_off() -> None:
    off = ("head_seconds", "keep_alive_seconds", "min_body_bytes_per_second", "write_stall_seconds")
    asked = uploading(**dict.fromkeys(off), settings_seconds=None)
    asked.tell(b"\0\0")
    assert Sweeps(asked).run(1000) == -1
    assert asked.engine.next_deadline is None


def test_a_drain_says_goodbye_twice() -> None:
    """Section 6.8: what is on the way is served, what comes later is refused, what runs is finished."""
    asked = client()
    asked.ask()
    asked.engine.announce_close()
    asked.engine.announce_close()
    first, ping = asked.read()
    assert (first.name, int.from_bytes(first.payload[:4]), first.error) == (
        "GOAWAY",
        (1 << 31) - 1,
        "NO_ERROR",
    )
    asked.ask()
    assert told(asked.events) == ["RequestReceived", "RequestEnded"]

    asked.tell(frame("PING", 0, ping.payload, 1))
    (second,) = asked.read()
    assert int.from_bytes(second.payload[:4]) == 3
    asked.ask()
    assert [(each.name, each.error) for each in asked.read()] == [("RST_STREAM", "REFUSED_STREAM")]
    assert asked.engine.push(1, "GET", b"/", []) is None
    for stream_id in (1, 3):
        assert asked.engine.close_wanted == KEEP_OPEN
        asked.engine.send_response(stream_id, 200, [], False)
        asked.engine.send_data(stream_id, b"done", True)
        asked.read()
    assert asked.engine.close_wanted == CLOSE


def test_a_drain_does_not_wait_for_ever() -> None:
    asked = client(close_seconds=5.0)
    asked.engine.announce_close()
    assert Sweeps(asked).run(20) == 5
    assert names(asked.read()) == ["GOAWAY", "PING", "GOAWAY"]
    assert asked.engine.close_wanted == CLOSE


def test_a_connection_that_has_not_begun_is_drained_at_once() -> None:
    asked = Client(connection())
    asked.engine.announce_close()
    assert names(asked.read())[-1] == "GOAWAY"
    assert asked.engine.close_wanted == CLOSE
