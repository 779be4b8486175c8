"""As many tasks wait as may: who comes then is refused, and nothing changes (design §4)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from adapters.redis.block_store import RedisBlockStore
from domain.blocks import Block
from domain.ports import Admission, ConcurrentChange, QueueFull, Snapshot
from domain.reconcile import reconcile
from domain.task import Task
from tests.redis import queue_keys
from tests.redis.costs import counted
from tests.redis.desk import Desk, document, record_of, task_of, token_of


async def admit(desk: Desk, task_id: str, most_waiting: int, **changes: object) -> Snapshot:
    """Register a task, and accept it if fewer than so many wait."""
    await desk.put(task_id, document(task_id, **changes))
    before = await desk.load(task_id)
    user_id = record_of(before).user_id
    met = reconcile(Task.accept(record_of(before), desk.clock.now()), before.record, desk.clock.now())
    return await desk.store.commit(before, met.task, met.record, admission=Admission(user_id, most_waiting))


async def test_all_lanes_count_together_and_a_refusal_changes_nothing(desk: Desk) -> None:
    tasks = [
        task_of(await admit(desk, "1", 3)),
        task_of(await admit(desk, "2", 3, priority="high", user_id="bob")),
        task_of(await admit(desk, "3", 3, service="rm")),
    ]
    with pytest.raises(QueueFull):
        await admit(desk, "4", 3, user_id="carol")
    assert (await desk.load("4")).task is None
    assert await desk.shown("4") == document("4", user_id="carol")
    assert await queue_keys.found(desk.redis) == queue_keys.expected(tasks)
    tasks.append(task_of(await admit(desk, "4", 4, user_id="carol")))
    assert [task.order for task in tasks] == [1, 2, 3, 4]
    assert await queue_keys.found(desk.redis) == queue_keys.expected(tasks)


async def test_what_is_at_work_or_waits_for_its_retry_is_not_counted(desk: Desk) -> None:
    await admit(desk, "1", 1)
    (claimed,) = await desk.claim()
    await admit(desk, "2", 1)
    (other,) = await desk.claim()
    later = datetime.now(UTC) + timedelta(days=1)
    dispatched = task_of(other).dispatch(token_of(other), desk.clock.now())
    await desk.change(other, dispatched.retry_later(token_of(other), "network", later, desk.clock.now()))
    await admit(desk, "3", 1)
    with pytest.raises(QueueFull):
        await admit(desk, "4", 1)
    assert claimed.task_id == "1"


async def test_a_change_of_what_was_read_is_told_first(desk: Desk) -> None:
    await admit(desk, "1", 1)
    await RedisBlockStore(desk.endpoints).set_user("alice", Block())
    with pytest.raises(ConcurrentChange):
        await admit(desk, "2", 1)


async def test_a_task_that_was_given_a_waiting_tasks_id_leaves_one_waiting(desk: Desk) -> None:
    await admit(desk, "1", 5)
    fresh = await admit(desk, "1", 5, created_at="2026-03-13T00:00:00+00:00", priority="high")
    assert task_of(fresh).order == 2
    assert await queue_keys.found(desk.redis) == queue_keys.expected([task_of(fresh)])


async def test_the_check_costs_no_command(desk: Desk) -> None:
    await admit(desk, "1", 100)
    await desk.accept("2")
    await desk.put("3", document("3"))
    async with counted(desk.redis) as plain:
        await desk.accept_as_it_stands("3")
    async with counted(desk.redis) as checked:
        await admit(desk, "4", 100)
    assert checked.total == plain.total + 1  # the SET of the record
