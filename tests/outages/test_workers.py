"""`serve --workers 2`: each worker is a replica, and a worker that dies is a replica that dies."""

from __future__ import annotations

import signal

import pytest

from domain.task import Task
from tests.executors.descendants import kill
from tests.outages.stage import Stage
from tests.outages.view import owner_pid
from tests.support.ports import is_free

pytestmark = pytest.mark.slow

LEASE_S = 2.0
SLOTS = 3


async def test_a_killed_worker_is_replaced_and_its_tasks_are_taken_over(stage: Stage) -> None:
    parent = await stage.start("--workers", "2", lease_seconds=LEASE_S, slots=SLOTS)
    await parent.says("recovered", 2)
    await stage.submit(parent, 2 * SLOTS)
    tasks = await stage.all_are(runs)
    await stage.movers_are(2 * SLOTS, parent)
    workers = {owner_pid(task) for task in tasks}
    assert len(workers) == 2, "with all slots of both in use, each has its share"
    victim = owner_pid(tasks[0])
    kill([victim])
    await stage.see(lambda: not stage.orphans())

    # While a task is being taken over its ledger already names the new owner, and still the lost one's attempt.
    tasks = await stage.all_are(lambda task: runs(task) and is_its_owners(task) and owner_pid(task) != victim)
    assert {owner_pid(task) for task in tasks} > workers - {victim}, "the other worker has no free slot for them"
    await stage.movers_are(2 * SLOTS, parent)

    assert await parent.stop() == 0
    assert parent.complaints == []
    await stage.see(lambda: not stage.orphans())  # a helper of uvicorn's ends a moment after it
    assert stage.at_the_data() == set()
    assert not any(task.is_terminal for task in await stage.tasks())
    await stage.start()
    await stage.all_complete()


async def test_workers_whose_parent_was_killed_end_in_order_and_give_the_port_back(stage: Stage) -> None:
    parent = await stage.start("--workers", "2", slots=SLOTS)
    await stage.submit(parent, SLOTS)
    await stage.all_are(runs)
    parent.kill()
    assert await parent.ended() == -signal.SIGKILL
    await stage.see(lambda: not stage.orphans())
    assert is_free(parent.port)
    assert parent.complaints == []
    tasks = await stage.tasks()
    assert [task.attempts[-1].outcome for task in tasks] == ["handed back"] * SLOTS
    await stage.start()
    await stage.all_complete()


def runs(task: Task) -> bool:
    return task.status == "running"


def is_its_owners(task: Task) -> bool:
    """Whether the attempt that is open was begun by whoever holds the task."""
    return task.lease is not None and task.attempts[-1].owner == task.lease.owner
