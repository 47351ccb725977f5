"""Memberships, against the simplest thing that could keep them: a dict that is searched."""

from hypothesis import given
from hypothesis import strategies as st

from penstock.channels.members import Members

EXPIRY = 10.0
GROUPS = st.sampled_from(["a", "b", "c"])
CHANNELS = st.sampled_from(["x!1", "x!2", "x!3", "x!4"])
STEPS = st.lists(
    st.tuples(st.just("add"), GROUPS, CHANNELS)
    | st.tuples(st.just("discard"), GROUPS, CHANNELS)
    | st.tuples(st.just("leave_all"), CHANNELS)
    | st.tuples(st.just("wait"), st.floats(0, 7)),
    max_size=60,
)


class Simple:
    """What memberships are, by their definition."""

    def __init__(self) -> None:
        self.until: dict[tuple[str, str], float] = {}

    def add(self, group: str, channel: str, now: float) -> bool:
        is_new = self.until.pop((group, channel), None) is None
        self.until[group, channel] = now + EXPIRY
        return is_new

    def discard(self, group: str, channel: str) -> bool:
        return self.until.pop((group, channel), None) is not None

    def leave_all(self, channel: str) -> list[str]:
        groups = sorted(group for group, member in self.until if member == channel)
        return [group for group in groups if self.discard(group, channel)]

    def expire(self, now: float) -> set[tuple[str, str]]:
        expired = {pair for pair, until in self.until.items() if until <= now}
        for pair in expired:
            del self.until[pair]
        return expired

    def of(self, group: str) -> list[str]:
        return [channel for each, channel in self.until if each == group]


@given(STEPS)
def test_members_are_what_they_are_by_definition(steps: list[tuple[str, ...]]) -> None:
    members, simple, now = Members(EXPIRY), Simple(), 0.0
    for name, *arguments in steps:
        if name == "wait":
            now += float(arguments[0])
        elif name == "add":
            assert members.add(*arguments, now) == simple.add(*arguments, now)
        else:
            assert getattr(members, name)(*arguments) == getattr(simple, name)(*arguments)
        departed = members.expire(now)
        assert len(departed) == len(set(departed))
        assert set(departed) == simple.expire(now)
        for group in "abc":
            assert members.of(group) == simple.of(group)
            assert members.count(group) == len(simple.of(group))
        assert bool(members) == bool(simple.until)


def test_the_next_expiry_is_never_later_than_the_first_that_is_due() -> None:
    members = Members(EXPIRY)
    assert members.next_expiry() is None
    members.add("a", "x!1", 0)
    members.add("b", "x!1", 5)
    assert members.next_expiry() == EXPIRY
    members.add("a", "x!1", 8)
    assert members.expire(EXPIRY) == []
    assert members.next_expiry() == 5 + EXPIRY


def test_groups_that_come_and_go_are_not_kept_until_they_would_have_expired() -> None:
    members = Members(1e9)
    for number in range(10_000):
        members.add(f"group{number}", "x!1", number)
        members.discard(f"group{number}", "x!1")
    members.add("last", "x!1", 10_000)
    assert members.next_expiry() is not None
    assert members.next_expiry() > 1e9 + 9_000
