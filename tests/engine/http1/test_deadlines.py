"""The deadlines of a connection that is swept once a second."""

from tests.engine.http1.wire import (
    GET,
    answers,
    connection,
    facts,
    hear,
    only_answer,
    open_response,
    output,
    request,
)

from penstock.engine.closing import CLOSE, KEEP_OPEN, LINGER
from penstock.engine.http1.connection import Http1Connection

POST = request(b"Content-Length: 100000", method=b"POST")


class Sweeps:
    """A clock that ticks once a second and sweeps the connection at every tick."""

    def __init__(self, swept: Http1Connection) -> None:
        self.swept = swept
        self.now = 1000.0
        swept.handle_deadline(self.now)

    def run(self, seconds: int, data: bytes = b"") -> int:
        """Sweep for so many seconds with this data in each; the one in which a close was wanted, or -1."""
        for second in range(1, seconds + 1):
            if data:
                self.swept.receive_data(data)
                self.swept.events()
            self.now += 1.0
            self.swept.handle_deadline(self.now)
            if self.swept.close_wanted != KEEP_OPEN:
                return second
        return -1


def answer(sender: Http1Connection) -> None:
    sender.send_response(200, [], False)
    sender.send_data(b"a", True)


def test_a_connection_that_sends_nothing_is_closed_without_a_word() -> None:
    swept = connection(head_seconds=10.0)

    assert Sweeps(swept).run(20) == 10
    assert swept.close_wanted == CLOSE
    assert swept.data_to_send() == []
    assert swept.events() == []


def test_the_deadline_is_known_after_the_first_sweep() -> None:
    swept = connection(head_seconds=10.0)
    assert swept.next_deadline is None

    swept.handle_deadline(1000.0)

    assert swept.next_deadline == 1010.0


def test_a_head_that_trickles_in_is_answered_with_408() -> None:
    """A byte a second does not extend the deadline (slowloris)."""
    swept = connection(head_seconds=10.0)
    sweeps = Sweeps(swept)
    swept.receive_data(b"GET / HTTP/1.1\r\nHost: a\r\nX-A: ")

    assert sweeps.run(20, b"a") == 10

    assert swept.close_wanted == LINGER
    assert only_answer(swept).status == 408
    assert [facts(event)[0] for event in swept.events()] == ["PeerFault"]
    assert swept.events() == []


def test_the_first_head_is_judged_from_the_beginning_of_the_connection() -> None:
    swept = connection(head_seconds=10.0)
    sweeps = Sweeps(swept)
    assert sweeps.run(9) == -1

    assert sweeps.run(5, b"a") == 1
    assert only_answer(swept).status == 408


def test_a_later_head_is_judged_from_its_first_byte() -> None:
    swept = open_response(GET, head_seconds=10.0, keep_alive_seconds=60.0)
    answer(swept)
    swept.data_to_send()
    assert swept.events() == []
    sweeps = Sweeps(swept)
    assert sweeps.run(50) == -1
    swept.receive_data(b"GET")
    swept.events()
    swept.handle_deadline(sweeps.now)

    assert sweeps.run(20, b"a") == 10
    assert only_answer(swept).status == 408


def test_an_empty_line_between_requests_begins_no_head() -> None:
    swept = open_response(GET, head_seconds=10.0, keep_alive_seconds=60.0)
    answer(swept)
    swept.events()
    swept.receive_data(b"\r\n")
    swept.events()

    assert Sweeps(swept).run(100) == 60
    assert swept.close_wanted == CLOSE


def test_a_connection_between_requests_is_closed_after_its_time() -> None:
    swept = open_response(GET, keep_alive_seconds=5.0)
    answer(swept)
    swept.data_to_send()
    swept.events()

    assert Sweeps(swept).run(20) == 5
    assert swept.close_wanted == CLOSE
    assert swept.data_to_send() == []


def test_every_request_begins_the_rest_anew() -> None:
    swept = open_response(GET, keep_alive_seconds=5.0)
    answer(swept)
    swept.events()
    sweeps = Sweeps(swept)
    for _ in range(3):
        assert sweeps.run(4) == -1
        hear(GET, hearer=swept)
        answer(swept)
        swept.events()
        swept.handle_deadline(sweeps.now)

    assert sweeps.run(20) == 5


def test_an_application_has_all_the_time_it_wants() -> None:
    swept = open_response(GET)

    assert Sweeps(swept).run(1000) == -1
    assert swept.next_deadline is None


def test_a_request_that_waits_for_its_turn_is_not_held_against_the_client() -> None:
    swept = open_response(GET + GET, keep_alive_seconds=5.0)
    answer(swept)

    assert Sweeps(swept).run(100) == -1


def test_a_body_that_stalls_is_a_fault() -> None:
    swept = open_response(POST, min_body_bytes_per_second=240, body_grace_seconds=10.0)

    assert Sweeps(swept).run(50) == 10
    assert swept.close_wanted == LINGER
    assert only_answer(swept).status == 408
    assert [facts(event)[-1] for event in swept.events()] == [408]


def test_a_body_below_its_least_rate_is_a_fault() -> None:
    swept = open_response(POST, min_body_bytes_per_second=240, body_grace_seconds=10.0)

    assert Sweeps(swept).run(50, b"a" * 239) == 10


def test_a_body_at_its_least_rate_goes_on() -> None:
    swept = open_response(POST, min_body_bytes_per_second=240, body_grace_seconds=10.0)

    assert Sweeps(swept).run(100, b"a" * 240) == -1


def test_a_burst_pays_for_no_stall_behind_it() -> None:
    swept = open_response(POST, min_body_bytes_per_second=240, body_grace_seconds=10.0)
    sweeps = Sweeps(swept)
    assert sweeps.run(9, b"a" * 10000) == -1

    assert sweeps.run(50) <= 20


def test_time_in_which_the_caller_does_not_read_does_not_count() -> None:
    swept = open_response(POST, min_body_bytes_per_second=240, body_grace_seconds=10.0)
    sweeps = Sweeps(swept)
    sweeps.run(5)
    swept.reading_paused = True
    assert swept.reading_paused

    assert sweeps.run(1000) == -1

    swept.reading_paused = False
    assert not swept.reading_paused
    assert sweeps.run(50) in (10, 11)


def test_a_short_pause_makes_the_whole_window_void() -> None:
    swept = open_response(POST, min_body_bytes_per_second=240, body_grace_seconds=10.0)
    sweeps = Sweeps(swept)
    sweeps.run(9)
    swept.reading_paused = True
    swept.reading_paused = False

    assert sweeps.run(50) == 11


def test_a_client_that_waits_for_a_100_is_not_late_with_its_body() -> None:
    swept = open_response(request(b"Expect: 100-continue", b"Content-Length: 100", method=b"POST"))
    sweeps = Sweeps(swept)
    assert sweeps.run(1000) == -1

    swept.send_continue()
    swept.data_to_send()
    swept.handle_deadline(sweeps.now)

    assert sweeps.run(50) == 10
    assert only_answer(swept).status == 408


def test_a_body_that_stalls_while_it_is_dropped_ends_the_connection() -> None:
    swept = open_response(POST)
    answer(swept)
    sweeps = Sweeps(swept)

    assert sweeps.run(50) == 10
    assert swept.close_wanted == LINGER
    assert [read.status for read in answers(output(swept))] == [200]


def test_a_body_that_stalls_behind_the_head_of_the_response_cuts_it() -> None:
    swept = open_response(POST)
    swept.send_response(200, [], False)
    swept.send_data(b"a", False)
    sweeps = Sweeps(swept)

    assert sweeps.run(50) == 10
    assert swept.close_wanted > LINGER


def test_a_window_has_at_least_a_second() -> None:
    swept = open_response(POST, body_grace_seconds=0.0)

    assert Sweeps(swept).run(50) == 1


def test_deadlines_can_be_switched_off() -> None:
    off = {"head_seconds": None, "keep_alive_seconds": None, "min_body_bytes_per_second": None}
    silent, resting, stalled = connection(**off), open_response(GET, **off), open_response(POST, **off)
    answer(resting)
    resting.events()

    for swept in (silent, resting, stalled):
        assert Sweeps(swept).run(1000) == -1
        assert swept.next_deadline is None


def test_nothing_is_due_on_a_connection_that_closes() -> None:
    swept = connection()
    swept.send_refusal(503, "the server is busy; try again", [])
    swept.data_to_send()
    sweeps = Sweeps(swept)
    sweeps.run(1000)

    assert swept.close_wanted == LINGER
    assert swept.data_to_send() == []
    assert swept.next_deadline is None
