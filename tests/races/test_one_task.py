"""Every interleaving of one task's submit, its work and what others do: the record tells the truth (contract §4)."""

from __future__ import annotations

import pytest

from tests.races.race import (
    ALL,
    ALL_COARSE,
    FEW,
    FEW_COARSE,
    MANY_COARSE,
    NONE_WAITS,
    End,
    Race,
    blocks,
    cancels,
    deletes,
    ends_right,
    raises_priority,
)

COMPLETED = End("completed", "completed", 1, deleted=False)
CANCELLED = End("cancelled", "cancelled", 0, deleted=False)
STOPPED = End("cancelled", "cancelled", 1, deleted=False)
BACK_COMPLETED = End("completed", "completed", 1, deleted=True)
BACK_CANCELLED = End("cancelled", "cancelled", 0, deleted=True)
BACK_STOPPED = End("cancelled", "cancelled", 1, deleted=True)
GONE_COMPLETED = End("", "completed", 1, deleted=True)
GONE_CANCELLED = End("", "cancelled", 0, deleted=True)
GONE_STOPPED = End("", "cancelled", 1, deleted=True)
GONE_UNHEARD_OF = End("", "", 0, deleted=True)
GIVEN_UP = End("failed", "", 0, deleted=False)
"""The frontend gave up before its submit was looked at, which then came to a record that says `failed`."""
NEVER_SUBMITTED = End("pending", "", 0, deleted=False)
"""The read endpoint did not show the task to the frontend's own worker."""
BLOCKED = End("failed", "", 0, deleted=False)

DELETED = {BACK_COMPLETED, BACK_CANCELLED, GONE_COMPLETED, GONE_CANCELLED, GONE_UNHEARD_OF}

slow = pytest.mark.slow


def _named(**races: tuple[Race, set[End]]) -> list[object]:
    return [pytest.param(*case, id=name.replace("_", " ")) for name, case in races.items()]


QUICK = _named(
    plain=(Race(orders=ALL), {COMPLETED}),
    the_read_endpoint_lags=(Race(orders=FEW, lag=1), {COMPLETED, NEVER_SUBMITTED, GIVEN_UP}),
    two_replicas=(Race(orders=FEW, replicas=2), {COMPLETED}),
    the_user_cancels=(Race(orders=FEW_COARSE, actors=(cancels,)), {COMPLETED, CANCELLED}),
    the_user_deletes=(Race(orders=FEW_COARSE, actors=(deletes,)), DELETED),
    the_user_is_blocked=(Race(orders=FEW, actors=(blocks,)), {COMPLETED, BLOCKED}),
)
THOROUGH = _named(
    the_priority_changes=(Race(orders=FEW, actors=(raises_priority,)), {COMPLETED}),
    the_call_may_time_out=(Race(orders=ALL, impatient=True), {COMPLETED, GIVEN_UP}),
    lag=(Race(orders=ALL, lag=1), {COMPLETED, NEVER_SUBMITTED, GIVEN_UP}),
    two_replicas=(Race(orders=ALL_COARSE, replicas=2), {COMPLETED}),
    cancels_at_every_step=(Race(orders=FEW, actors=(cancels,)), {COMPLETED, CANCELLED}),
    deletes_at_every_step=(Race(orders=FEW, actors=(deletes,)), DELETED),
    cancels_twice_overtaken=(Race(orders=MANY_COARSE, actors=(cancels,)), {COMPLETED, CANCELLED}),
    deletes_twice_overtaken=(Race(orders=MANY_COARSE, actors=(deletes,)), DELETED),
    looks_at_once=(Race(orders=FEW, prompt=True), {COMPLETED}),
    looks_at_once_cancels=(
        Race(orders=NONE_WAITS, prompt=True, actors=(cancels,)),
        {COMPLETED, CANCELLED, STOPPED},
    ),
    looks_at_once_deletes=(
        Race(orders=FEW_COARSE, prompt=True, actors=(deletes,)),
        {*DELETED, BACK_STOPPED, GONE_STOPPED},
    ),
    two_replicas_cancels=(Race(orders=FEW_COARSE, replicas=2, actors=(cancels,)), {COMPLETED, CANCELLED}),
    two_replicas_deletes=(Race(orders=FEW_COARSE, replicas=2, actors=(deletes,)), DELETED),
)


@pytest.mark.parametrize(("race", "expected"), QUICK)
def test_every_end_is_right(race: Race, expected: set[End]) -> None:
    assert set(ends_right(race)) == expected


@slow
@pytest.mark.parametrize(("race", "expected"), THOROUGH)
def test_every_end_of_many_more_orders_is_right(race: Race, expected: set[End]) -> None:
    assert set(ends_right(race)) == expected
