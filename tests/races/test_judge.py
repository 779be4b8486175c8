"""The judge is no soft one: without the part of the scheduler that puts records right, it finds wrong ends."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from application.reconciling import ReconcileTasks
from tests.frontend.interleaving import explore, sample
from tests.races.race import FEW, Race, cancels, deletes
from tests.races.test_many_tasks import CROWDS


@pytest.fixture
def _nobody_reconciles(monkeypatch: pytest.MonkeyPatch) -> None:
    async def look_away(self: ReconcileTasks, task_ids: Iterable[str]) -> int:
        return 0

    monkeypatch.setattr(ReconcileTasks, "__call__", look_away)


@pytest.mark.usefixtures("_nobody_reconciles")
@pytest.mark.parametrize(
    ("race", "fault"),
    [
        (Race(), "running stands over completed"),
        (Race(impatient=True), "failed stands over completed"),
        (Race(orders=FEW, actors=(cancels,)), "cancelled stands over completed"),
        (Race(orders=FEW, actors=(deletes,)), "cancelled stands over completed"),
        (Race(), "a line is missing"),
        (Race(), "the result is not the scheduler's"),
    ],
)
def test_an_enumeration_finds(race: Race, fault: str) -> None:
    assert any(fault in wrong for end in explore(race) for wrong in end.wrong)


@pytest.mark.usefixtures("_nobody_reconciles")
def test_a_sample_finds_many() -> None:
    runs = list(sample(CROWDS["a mix"], range(8)))
    assert sum(map(bool, runs)) > len(runs) / 2
