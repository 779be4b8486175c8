"""The simulation finds bugs: each that is put into the product is caught, most of them within a few seeds."""

from __future__ import annotations

import pytest

from tests.simulation.mutations import ALL
from tests.simulation.mutations.hunt import MOST_SEEDS, hunt
from tests.simulation.seeds import first_failing

QUICK = ("no fence", "commits compare nothing", "outcomes are dropped", "cancels end at once", "the record wins")
WITHIN = 60


@pytest.mark.parametrize("name", QUICK)
def test_a_bug_is_caught_soon(name: str) -> None:
    with ALL[name]():
        assert first_failing(range(WITHIN)) is not None


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(ALL.keys() - set(QUICK)))
def test_every_bug_is_caught(name: str) -> None:
    assert hunt(name) is not None, f"not caught within {MOST_SEEDS} seeds"
