"""Numbers and rates."""

import pytest

from penstock.channels.counts import WINDOW_SECONDS, Counts, Meter, total


def test_a_steady_stream_has_its_rate() -> None:
    meter = Meter()
    for tenth in range(1000):
        meter.add(tenth / 10, 5)
    assert meter.total == 5000
    assert meter.per_second(100) == pytest.approx(50, rel=0.05)


def test_the_rate_falls_when_nothing_comes() -> None:
    meter = Meter()
    meter.add(1.0, 100)
    rates = [meter.per_second(now) for now in (1, WINDOW_SECONDS + 5, 2 * WINDOW_SECONDS + 1, 1000)]
    assert rates[0] == 10
    assert rates == sorted(rates, reverse=True)
    assert rates[-1] == 0


def test_drops_are_told_by_reason() -> None:
    counts = Counts()
    counts.drop("full")
    counts.drop("full", 2)
    counts.drop("expired")
    told = counts.statistics(0, 0, 0)["messages_dropped"]
    assert told == {"full": 3, "expired": 1}
    told["full"] = 0
    assert counts.dropped["full"] == 3


def test_of_several_all_adds_up_but_the_age() -> None:
    one, other = Counts(), Counts()
    for counts in (one, other):
        counts.messages.add(1.0, 10)
        counts.full.add(1.0)
        counts.drop("full")
    other.drop("expired", 2)
    whole = total((one.statistics(1.0, 3, 7.0), other.statistics(1.0, 4, 5.0)))
    assert whole == {
        "messages_count": 20,
        "messages_count_per_second": 2.0,
        "messages_pending": 7,
        "messages_max_age": 7.0,
        "channel_full_count": 2,
        "channel_full_count_per_second": 0.2,
        "messages_dropped": {"full": 2, "expired": 2},
    }
    odd = {"messages_count": "many", "messages_dropped": 5, "of_a_newer_release": 1}
    assert total((one.statistics(1.0, 3, 7.0), odd)) == one.statistics(1.0, 3, 7.0)
    assert total(()) == Counts().statistics(0.0, 0, 0.0)
