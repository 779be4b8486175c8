from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.drain import MOST_DRAINED, Drains, TooManyDrained, UnknownReplica, check_room

names = st.text(min_size=1, max_size=5)
drains = st.builds(Drains, st.booleans(), st.frozensets(names))


@given(drains, names, st.booleans())
def test_a_drain_by_name_concerns_one_replica(before: Drains, name: str, drained: bool) -> None:
    changed = before.with_replica(name, drained)
    assert changed.holds(name) is (before.everything or drained)
    assert changed.replicas - {name} == before.replicas - {name}
    assert changed.everything is before.everything
    assert changed.with_replica(name, drained) == changed


@given(drains, names, st.booleans())
def test_a_drain_of_all_leaves_those_by_name_as_they_are(before: Drains, name: str, drained: bool) -> None:
    changed = before.with_everything(drained)
    assert changed.holds(name) is (drained or name in before.replicas)
    assert changed.replicas == before.replicas


@given(drains, st.frozensets(names))
def test_all_are_held_where_each_is(in_force: Drains, there: frozenset[str]) -> None:
    each = all(in_force.holds(name) for name in there)
    assert in_force.hold_all(there) is (in_force.everything or (bool(there) and each))


def test_only_one_more_name_is_one_too_many() -> None:
    full = Drains(replicas=frozenset(str(number) for number in range(MOST_DRAINED)))
    check_room(full, "0")
    check_room(full.with_replica("0", False), "another")
    with pytest.raises(TooManyDrained, match="resume those that are gone"):
        check_room(full, "another")


def test_an_unknown_name_is_answered_with_those_that_are_known() -> None:
    assert "there are: a, b" in str(UnknownReplica("c", frozenset({"b", "a"})))
    assert "none has reported yet" in str(UnknownReplica("c", frozenset()))
