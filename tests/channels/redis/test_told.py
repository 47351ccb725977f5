"""Answers of other processes, put together."""

from penstock.channels.redis.statistics import Told, answer_of


def test_the_latest_answer_counts_whichever_comes_first() -> None:
    told = Told([b"one", b"one", b"other"])
    told.add(answer_of("one", 7.0, {"messages_count": 5}).encode())
    assert not told.is_whole()
    told.add(answer_of("one", 6.0, {"messages_count": 4}).encode())
    told.add(answer_of("stranger", 9.0, {"messages_count": 9}).encode())
    assert not told.is_whole()
    told.add(b"other [1]")
    assert told.is_whole()
    assert [each["messages_count"] for each in told.statistics()] == [5]
