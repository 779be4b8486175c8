"""SIGTERM: the scheduler's local work goes back to the queue, and another replica runs it."""

from __future__ import annotations

import pytest

from tests.outages.mover import STUBBORN
from tests.outages.stage import Stage

pytestmark = pytest.mark.slow

OBEDIENT = ""


@pytest.mark.parametrize("stage", [OBEDIENT, STUBBORN], indirect=True, ids=["obedient", "stubborn"])
async def test_a_stopped_scheduler_hands_its_work_over(stage: Stage) -> None:
    first = await stage.start()
    await stage.submit(first, 4)
    await stage.all_run_under(first)
    second = await stage.start()
    assert await first.stop() == 0
    assert first.complaints == []
    assert stage.orphans() == set()
    tasks = await stage.all_run_under(second)
    assert [task.attempts[0].outcome for task in tasks] == ["handed back"] * 4
    await stage.all_complete()
