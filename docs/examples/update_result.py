"""Update `pod_status` and `launcher_output` of a task that is at work, in a way that lasts.

    DMS_REDIS_WRITE_URL=redis://… python update_result.py TASK_ID [--pod-status TEXT] [--launcher-output TEXT]

A plain write to the record would be overwritten with the truth of the scheduler's ledger. So this changes the ledger,
as the scheduler does, and the record follows in the same step. Exit code 0: done; 1: refused, stderr says why.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from datetime import datetime
from zoneinfo import ZoneInfo

from adapters.redis.endpoints import RedisEndpoints
from adapters.redis.task_store import RedisTaskStore
from adapters.system import SystemClock
from application.ledger import Ledger
from domain.errors import DomainError, NotRegistered
from domain.ports import Snapshot
from domain.task import Task
from domain.values import TaskResult, valid_task_id


class NotAtWork(DomainError):
    """The task waits or has ended: there is no work to report on."""


async def update_result(ledger: Ledger, task_id: str, pod_status: str | None, launcher_output: str | None) -> Task:
    """Change what is given, leave the rest, and return the task as it stands now. Raises DomainError."""

    def rule(snapshot: Snapshot, at: datetime) -> Task:
        # Called again, with what stands by then, whenever somebody else's change came first.
        task = snapshot.own_task
        if task is None:
            raise NotRegistered(task_id)
        if task.lease is None or not task.is_attempted:
            raise NotAtWork(f"task {task_id} is {task.status} and not at work: there is nothing to report on")
        told = TaskResult(
            task.result.pod_status if pod_status is None else pod_status,
            task.result.launcher_output if launcher_output is None else launcher_output,
        )
        # We speak for the present owner: the commit holds only while this very lease does.
        return task.report(task.lease.token, at, None, told)

    changed = await ledger.change(valid_task_id(task_id), rule)
    assert changed.task is not None
    return changed.task


async def main() -> int:
    """Read the arguments, change the task, and say what it is now."""
    parser = argparse.ArgumentParser(description="Update the result of a task that is at work.")
    parser.add_argument("task_id")
    parser.add_argument("--pod-status")
    parser.add_argument("--launcher-output")
    given = parser.parse_args()
    endpoints = RedisEndpoints.open(os.environ.get("DMS_REDIS_WRITE_URL", "redis://127.0.0.1:6379/0"))
    clock = SystemClock(ZoneInfo(os.environ.get("DMS_TIMEZONE", "Asia/Seoul")))
    try:
        ledger = Ledger(RedisTaskStore(endpoints), clock)
        task = await update_result(ledger, given.task_id, given.pod_status, given.launcher_output)
    except DomainError as error:
        print(error, file=sys.stderr)
        return 1
    finally:
        await endpoints.close()
    print(f"task {task.task_id} is {task.status}; {task.result}")
    return 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
