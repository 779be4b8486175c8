"""A cancel that its task's owner has heard of holds, though a fail-over of the store has lost it."""

from __future__ import annotations

import pytest

from domain.execution import Outcome, Stopped
from domain.values import TaskStatus
from tests.application.replica import Replica, World, eventually, in_virtual_time
from tests.support.manual_executor import DONE, ManualExecutor

WINDOW_S = 5.0


@pytest.mark.parametrize("service", ["sync", "rm"], ids=["repeatable", "not repeatable"])
@pytest.mark.parametrize(("outcome", "status"), [(Stopped(), "cancelled"), (DONE, "completed")])
def test_the_work_that_was_stopped_for_it_ends_cancelled(outcome: Outcome, status: str, service: str) -> None:
    async def story() -> None:
        world = World()
        owner, other = Replica(world, ManualExecutor()), Replica(world, ManualExecutor())
        async with owner.running():
            record = await owner.start_task(service)
            work = owner.executor.last
            work.obeys = False
            saved = world.database.save()
            # Whoever takes the cancel is gone by the time of the fail-over: only the owner knows of it then.
            assert await other.cancel(record) == TaskStatus.CANCEL_REQUESTED
            await eventually(lambda: work.asked_to_stop)
            world.database.fail_over(saved, WINDOW_S)
            work.tell(outcome)
            await world.until(record.task_id, status)
        assert owner.executor.started == [work]

    in_virtual_time(story)
