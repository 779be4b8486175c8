"""Orders that are left out would lead nowhere else: all of them are tried here, and lead to the same states."""

from __future__ import annotations

from math import comb

import pytest

from tests.explorer.exploring import explored
from tests.explorer.scenarios import ALL
from tests.explorer.turns import EVERYTHING, NOTHING, Turn

CASES = {case.scenario.name: case for case in ALL}


@pytest.mark.parametrize(
    "name",
    [
        "submit, cancel",
        "submit, submit, block",
        "submit, cancel, priority",
        "claim, claim",
        "claim, block",
        "outcome, take-over",
        "outcome, delete, look",
        "hand-back, claim",
        "a crash at a take-over",
        "an unanswered submit, submit",
        "an unanswered take-over, outcome",
        "submit, submit of two users",
        "submit, submit of one user, claim",
        "submit, submit, block of one",
        "take-over of both, cancel of one",
    ],
)
def test_what_is_left_out_leads_to_no_other_state(name: str) -> None:
    pruned, whole = explored(CASES[name].scenario), explored(CASES[name].scenario, prune=False, limit=5_000)
    assert pruned.states == whole.states
    assert pruned.runs <= whole.runs


def test_without_pruning_there_are_as_many_orders_as_arithmetic_says() -> None:
    whole = explored(CASES["submit, submit of two users"].scenario, prune=False)
    assert whole.runs == comb(4, 2)  # two operations each, and neither has to do one again


READ_1 = Turn("load", "", False, "r1", frozenset({"task 1"}))
READ_BLOCKS = Turn("load for submit", "", False, "r2", frozenset({"task 2", "blocks"}))
SAVE_1 = Turn("save", "", False, "frontend", NOTHING, frozenset({"task 1"}))
WORK_1 = Turn("work ends", "", False, "r1", NOTHING, frozenset({"work 1"}))
COMMIT = Turn("commit", "", False, "r2", NOTHING, EVERYTHING)


@pytest.mark.parametrize(("one", "other"), [(READ_1, READ_BLOCKS), (SAVE_1, READ_BLOCKS), (SAVE_1, WORK_1)])
def test_turns_that_share_nothing_are_independent(one: Turn, other: Turn) -> None:
    assert one.is_independent_of(other)
    assert other.is_independent_of(one)


@pytest.mark.parametrize(
    ("one", "other"), [(READ_1, SAVE_1), (READ_1, COMMIT), (SAVE_1, COMMIT), (WORK_1, COMMIT), (READ_1, WORK_1)]
)
def test_others_are_not(one: Turn, other: Turn) -> None:
    assert not one.is_independent_of(other)
    assert not other.is_independent_of(one)
