"""Queues as the dispatch policy sees them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from hypothesis import strategies as st

from domain.dispatch import AtWork, DispatchState, Limits, Queued
from domain.testing.identity import SERVICES, USERS, priorities
from domain.testing.moments import instants
from domain.values import Priority

_FEW_SERVICES = SERVICES[:3]

_Who = tuple[str, str]


def limits() -> st.SearchStrategy[Limits]:
    """Limits that bite, or none; 0 lets nothing run.

    Example: ``Limits(per_user=2, per_service={"sync": 1}, every_service=None)``.
    """
    counts = st.none() | st.integers(0, 3)
    some = st.dictionaries(st.sampled_from(_FEW_SERVICES), st.integers(0, 3), max_size=2)
    return st.builds(Limits, counts, some, counts)


@st.composite
def dispatch_states(draw: st.DrawFn, max_tasks: int = 12) -> DispatchState:
    """Queues of a few users and services; some tasks wait for their time, some are at work, some users were served.

    Example: ``DispatchState(frozenset({Queued("1", "sync", "alice", Priority.LOW, 1)}), frozenset(), {"bob": 2})``.
    """
    who = st.tuples(st.sampled_from(_FEW_SERVICES), st.sampled_from(USERS))
    waiting = draw(st.lists(st.tuples(who, priorities(), st.none() | instants()), max_size=max_tasks))
    at_work = draw(st.lists(who, max_size=max_tasks // 2))
    served = draw(st.lists(st.sampled_from(USERS), unique=True))
    places = draw(st.permutations(range(1, len(waiting) + len(served) + 1)))
    return DispatchState(
        frozenset(_queued(number, *task) for number, task in enumerate(zip(places, waiting, strict=False), 1)),
        frozenset(AtWork(str(10_000 + number), *one) for number, one in enumerate(at_work)),
        _turns(served, places[len(waiting) :]),
    )


def _queued(number: int, place: int, task: tuple[_Who, Priority, datetime | None]) -> Queued:
    (service, user_id), priority, not_before = task
    return Queued(str(number), service, user_id, priority, place, not_before)


def _turns(served: Sequence[str], places: Sequence[int]) -> dict[str, int]:
    return dict(zip(served, places, strict=True))
