"""A record that its user deleted, or whose time was over, is never brought back, whatever step that came between."""

import pytest

from domain.values import TaskStatus
from tests.redis.desk import Desk, task_of
from tests.redis.interference import Steps
from tests.redis.lives import LIVES, THAT_GIVE_WAY, Life, live
from tests.redis.office import Office

MOST_STEPS = 60


@pytest.mark.parametrize("life", LIVES)
@pytest.mark.parametrize("by", ["delete", "expiry"])
async def test_a_record_that_goes_at_any_step_stays_gone(desk: Desk, life: Life, by: str) -> None:
    async def remove() -> None:
        # A time in the past is an expiry: the key is gone when the call returns.
        await (desk.redis.delete("task:10") if by == "delete" else desk.redis.pexpireat("task:10", 1))

    for after in range(MOST_STEPS):
        steps = Steps(after, remove)
        await live(life, desk, steps)
        if steps.taken < after:
            break
        assert not await desk.redis.exists("task:10"), f"back after step {after} of {life.__name__}"
        task = (await desk.load("10")).task
        assert task is None or task.is_terminal, f"still {task.status} when deleted after step {after}"
    else:
        raise AssertionError("this life has no end")


@pytest.mark.parametrize("life", [life for life in LIVES if life not in THAT_GIVE_WAY])
async def test_a_record_that_another_write_changes_at_any_step_ends_true(desk: Desk, life: Life) -> None:
    async def rewrite() -> None:
        shown = await desk.shown("10")
        logs = shown["logs"]
        assert isinstance(logs, list)
        line = "2026-03-12T10:00:01+09:00,Dispatching to scheduler"
        await desk.put("10", {**shown, "logs": [*logs, line], "status": "dispatching"})

    for after in range(MOST_STEPS):
        steps = Steps(after, rewrite)
        await live(life, desk, steps)
        if steps.taken < after:
            break
        # What was written behind the last comparison is found by the next.
        await Office(desk).reconcile(["10"])
        task, shown = task_of(await desk.load("10")), await desk.shown("10")
        assert task.status in (TaskStatus.COMPLETED, TaskStatus.CANCELLED, TaskStatus.FAILED)
        assert (shown["status"], shown["logs"]) == (task.status, list(task.lines))
        assert sum("Dispatching to scheduler" in line for line in task.lines) == 1
    else:
        raise AssertionError("this life has no end")
