"""What can be seen of schedulers and movers from outside: in Redis, among the processes, and where the data is."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from adapters.redis.endpoints import RedisEndpoints
from adapters.redis.task_store import RedisTaskStore
from domain.ports import Snapshot
from domain.task import Task
from domain.values import TaskStatus
from tests.executors.descendants import children
from tests.http.service import until
from tests.outages.mover import Evidence, at_work, holding
from tests.outages.replica import Replica

LOOK_S = 0.05


class View:
    """Looks, and waits for what it is to see."""

    def __init__(self, root: Path, endpoints: RedisEndpoints) -> None:
        self.root = root
        self.evidence: list[Evidence] = []
        """One per task, in the order in which they were submitted."""
        self._store = RedisTaskStore(endpoints)
        self._own: set[int] = children()

    # --- in Redis ----------------------------------------------------------------------------------------------

    async def snapshots(self) -> Sequence[Snapshot]:
        """All tasks."""
        return await self._store.load([each.task_id for each in self.evidence])

    async def tasks(self) -> list[Task]:
        """All ledgers."""
        return [snapshot.task for snapshot in await self.snapshots() if snapshot.task is not None]

    async def all_are(self, accept: Callable[[Task], bool]) -> list[Task]:
        """Return the ledgers when each is acceptable."""
        return await until(self.tasks, lambda tasks: all(map(accept, tasks)))

    async def all_run_under(self, owner: Replica) -> list[Task]:
        """Return the ledgers when this process holds each task, and has a mover at work for it."""
        tasks = await self.all_are(lambda task: task.status is TaskStatus.RUNNING and owner_pid(task) == owner.pid)
        await self.movers_are(len(tasks), owner)
        return tasks

    async def let_go_by(self, replica: Replica) -> None:
        """Return when a replica works on none of the tasks any more."""
        ids = {each.task_id for each in self.evidence}
        await until(replica.works_on, ids.isdisjoint)

    # --- among the processes -----------------------------------------------------------------------------------

    def movers(self, *of: Replica) -> set[str]:
        """Return the targets at which movers of these replicas, of all where none is named, are at work."""
        return set(at_work(*(each.pid for each in of)))

    async def movers_are(self, count: int, *of: Replica) -> None:
        """Return when these replicas together have so many movers at work."""
        await self.see(lambda: len(self.movers(*of)) == count)

    def orphans(self) -> set[int]:
        """Return the processes whose scheduler has gone: they are our children now, though we did not start them."""
        return children() - self._own

    def at_the_data(self) -> set[int]:
        """Return the processes, of whoever, that have something open where the data is."""
        return holding(self.root)

    async def see(self, what: Callable[[], Any]) -> None:
        """Look again and again until ``what`` holds."""

        async def look() -> object:
            await asyncio.sleep(LOOK_S)
            return what()

        await until(look, bool)


def owner_pid(task: Task) -> int:
    """The process that has the task's lease, 0 where nobody has it."""
    return int(task.lease.owner.split("-")[-2]) if task.lease is not None else 0
