"""What is agreed on for permessage-deflate: RFC 7692 sections 5 and 7.1."""

import pytest

from penstock.base.limits import Limits
from penstock.engine.websocket.agreement import Agreement
from penstock.engine.websocket.extensions import parse_extensions
from penstock.engine.websocket.handshake import Acceptance, Offer, accept

PLENTY = Limits(deflate_memory_bytes=1 << 20)


def accepted(extensions: bytes, limits: Limits = PLENTY) -> Acceptance:
    return accept(Offer([], b"", parse_extensions(extensions)), None, limits)


def agreed(extensions: bytes, limits: Limits = PLENTY) -> Agreement:
    """The agreement, whose response is also in the answer's fields."""
    acceptance = accepted(extensions, limits)
    assert acceptance.deflate is not None
    assert acceptance.fields == [(b"sec-websocket-extensions", acceptance.deflate.response)]
    return acceptance.deflate


def assert_declined(extensions: bytes, limits: Limits = PLENTY) -> None:
    assert accepted(extensions, limits) == Acceptance([], None)


def test_a_plain_offer_is_taken_plainly() -> None:
    """Section 7.1.3."""
    agreement = agreed(b"permessage-deflate")
    assert agreement.response == b"permessage-deflate"
    assert (agreement.server_window_bits, agreement.client_window_bits) == (15, 15)
    assert not agreement.server_no_context_takeover
    assert not agreement.client_no_context_takeover


def test_the_server_may_be_asked_to_forget_its_window() -> None:
    """Section 7.1.1.1: accepted by saying it back."""
    agreement = agreed(b"permessage-deflate; server_no_context_takeover")
    assert agreement.response == b"permessage-deflate; server_no_context_takeover"
    assert agreement.server_no_context_takeover


def test_a_client_that_forgets_its_window_is_held_to_it() -> None:
    """Section 7.1.1.2."""
    agreement = agreed(b"permessage-deflate; client_no_context_takeover")
    assert agreement.response == b"permessage-deflate; client_no_context_takeover"
    assert agreement.client_no_context_takeover


@pytest.mark.parametrize("bits", range(8, 16))
def test_our_window_is_no_larger_than_the_client_asks(bits: int) -> None:
    """Section 7.1.2.1: accepted by naming the same or a smaller value."""
    agreement = agreed(b"permessage-deflate; server_max_window_bits=%d" % bits)
    assert agreement.server_window_bits == bits
    assert agreement.response == b"permessage-deflate; server_max_window_bits=%d" % bits


@pytest.mark.parametrize("bits", range(8, 15))
def test_a_client_that_uses_a_smaller_window_is_held_to_it(bits: int) -> None:
    """Section 7.1.2.2."""
    agreement = agreed(b"permessage-deflate; client_max_window_bits=%d" % bits)
    assert agreement.client_window_bits == bits
    assert agreement.response == b"permessage-deflate; client_max_window_bits=%d" % bits


@pytest.mark.parametrize("offer", [b"client_max_window_bits", b"client_max_window_bits=15"])
def test_a_client_that_could_use_a_smaller_window_need_not(offer: bytes) -> None:
    """Section 7.1.2.2."""
    assert agreed(b"permessage-deflate; " + offer).response == b"permessage-deflate"


def test_all_parameters_at_once() -> None:
    agreement = agreed(
        b"permessage-deflate; client_max_window_bits=10; server_no_context_takeover"
        b'; server_max_window_bits="11"; client_no_context_takeover'
    )
    assert agreement.response == (
        b"permessage-deflate; client_no_context_takeover; server_no_context_takeover"
        b"; server_max_window_bits=11; client_max_window_bits=10"
    )


@pytest.mark.parametrize(
    "parameters",
    [
        b"unknown",
        b"server_no_context_takeover=1",
        b"client_no_context_takeover=true",
        b"server_max_window_bits",
        b"server_max_window_bits=7",
        b"server_max_window_bits=16",
        b"server_max_window_bits=08",
        b"server_max_window_bits=+9",
        b"server_max_window_bits=a",
        b"client_max_window_bits=7",
        b"client_max_window_bits=16",
        b"client_max_window_bits=010",
        b"client_max_window_bits=8.0",
        b"server_no_context_takeover; server_no_context_takeover",
        b"client_max_window_bits; client_max_window_bits",
        b"server_max_window_bits=10; server_max_window_bits=10",
        b"SERVER_NO_CONTEXT_TAKEOVER",
    ],
)
def test_an_offer_with_unknown_repeated_or_bad_parameters_is_declined(parameters: bytes) -> None:
    """Section 7: and the next one is looked at (section 5)."""
    bad = b"permessage-deflate; " + parameters
    assert_declined(bad)
    assert agreed(bad + b", permessage-deflate; server_max_window_bits=12").server_window_bits == 12


def test_the_first_offer_that_can_be_taken_is_taken() -> None:
    """Section 5: in the client's order of preference."""
    offers = b"x, permessage-deflate; server_max_window_bits=9, permessage-deflate"
    assert agreed(offers).server_window_bits == 9


def test_other_extensions_are_left_alone() -> None:
    assert_declined(b"permessage-bzip2, x-webkit-deflate-frame, permessage-deflated")


def test_compression_can_be_switched_off() -> None:
    assert_declined(b"permessage-deflate", Limits(deflate=False))


@pytest.mark.parametrize("budget_kib", [56, 64, 80, 96, 128, 160, 256, 512])
@pytest.mark.parametrize("offer", [b"permessage-deflate", b"permessage-deflate; client_max_window_bits"])
def test_both_windows_fit_the_budget(budget_kib: int, offer: bytes) -> None:
    agreement = agreed(offer, Limits(deflate_memory_bytes=budget_kib * 1024))
    assert agreement.memory_bytes <= budget_kib * 1024
    if b"client_max" not in offer:
        assert agreement.client_window_bits == 15


def test_a_larger_budget_gives_a_larger_window() -> None:
    windows = [
        agreed(
            b"permessage-deflate; client_max_window_bits", Limits(deflate_memory_bytes=kib << 10)
        ).server_window_bits
        for kib in (20, 32, 64, 128, 256, 512)
    ]
    assert windows == sorted(windows)
    assert windows[-1] == 15


def test_the_default_budget_leaves_useful_windows() -> None:
    agreement = agreed(b"permessage-deflate; client_max_window_bits", Limits())
    assert (agreement.server_window_bits, agreement.client_window_bits) == (13, 13)
    assert agreement.response == (b"permessage-deflate; server_max_window_bits=13; client_max_window_bits=13")


@pytest.mark.parametrize("budget", [0, 1000, 20_000])
def test_an_offer_that_cannot_fit_the_budget_is_declined(budget: int) -> None:
    """Only a client that says so can do with a smaller window: the next offer may be one that does."""
    limits = Limits(deflate_memory_bytes=budget)
    assert_declined(b"permessage-deflate", limits)
    if budget == 20_000:
        assert (
            agreed(
                b"permessage-deflate, permessage-deflate; client_max_window_bits", limits
            ).client_window_bits
            < 15
        )
