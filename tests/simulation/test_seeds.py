"""A few hundred seeds; ``python -m tests.simulation --seeds 10000`` does more of them."""

from __future__ import annotations

import pytest

from tests.simulation.report import report
from tests.simulation.seeds import first_failing

SHORTENING_RUNS = 300


@pytest.mark.parametrize(
    "seeds",
    [
        range(30),
        *(pytest.param(range(first, first + 240), marks=pytest.mark.slow) for first in (30, 270, 510)),
    ],
    ids=lambda seeds: f"{seeds[0]} to {seeds[-1]}",
)
def test_nothing_accepted_is_lost_and_nothing_runs_twice(seeds: range) -> None:
    failed = first_failing(seeds)
    if failed is not None:
        pytest.fail("\n".join(report(failed[0], SHORTENING_RUNS)))
