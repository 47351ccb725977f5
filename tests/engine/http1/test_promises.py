"""What a `content-length` of the application promises is kept, or nothing of it is written (asgi_068)."""

import pytest
from tests.engine.http1.wire import only_answer, open_response

from penstock.base.errors import LocalProtocolError
from penstock.engine.closing import CLOSE


def test_a_first_part_that_is_too_long_can_still_be_answered_with_a_500() -> None:
    sender = open_response()
    sender.send_response(200, [(b"content-length", b"4")], False)

    with pytest.raises(LocalProtocolError, match="longer"):
        sender.send_data(b"hello", True)

    assert not sender.response_started
    sender.send_refusal(500, "the application failed", [])
    assert only_answer(sender).status == 500


def test_a_body_that_ends_early_can_still_be_answered_with_a_500() -> None:
    sender = open_response()
    sender.send_response(200, [(b"content-length", b"6")], False)

    with pytest.raises(LocalProtocolError, match="ends at 5 bytes"):
        sender.send_data(b"hello", True)

    sender.send_refusal(500, "the application failed", [])
    assert only_answer(sender).status == 500


@pytest.mark.parametrize(("data", "end"), [(b"lo!", False), (b"lo!", True), (b"l", True), (b"", True)])
def test_nothing_of_a_later_part_that_breaks_the_length_is_written(data: bytes, end: bool) -> None:
    sender = open_response()
    sender.send_response(200, [(b"content-length", b"5")], False)
    sender.send_data(b"hel", False)
    sender.data_to_send()

    with pytest.raises(LocalProtocolError):
        sender.send_data(data, end)

    assert sender.data_to_send() == []
    assert not sender.response_complete
    assert sender.body_bytes_sent == 3
    sender.abort()
    assert sender.close_wanted > CLOSE


@pytest.mark.parametrize("value", [b"", b"-1", b"+1", b"1.0", b"0x5", b"5, 5", b"five", b"1" * 19, b" 5"])
def test_a_length_that_is_no_number_is_refused(value: bytes) -> None:
    sender = open_response()

    with pytest.raises(LocalProtocolError):
        sender.send_response(200, [(b"content-length", value)], False)


def test_two_lengths_are_refused() -> None:
    sender = open_response()

    with pytest.raises(LocalProtocolError):
        sender.send_response(200, [(b"content-length", b"5"), (b"Content-Length", b"5")], False)
