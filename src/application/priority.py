"""The use case of changing a task's priority."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from application.ledger import MOST_TRIES, Ledger, overtaken
from domain.errors import AlreadyEnded, NotRegistered
from domain.ports import ConcurrentChange, Snapshot
from domain.task import Task
from domain.values import Priority, valid_task_id


class ChangePriority:
    """Move a waiting task at once; let a running one run; set the record's priority where none was submitted yet."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    async def __call__(self, task_id: str, priority: Priority) -> None:
        """Raise InvalidTaskId, NotRegistered, AlreadyEnded, MalformedRecord or StoreUnavailable."""
        valid_task_id(task_id)
        for _ in range(MOST_TRIES):
            snapshot = await self._ledger.load(task_id)
            try:
                return await self._change(snapshot, priority)
            except ConcurrentChange:
                continue
        raise overtaken(task_id)

    async def _change(self, snapshot: Snapshot, priority: Priority) -> None:
        snapshot.check_readable()
        record = snapshot.record
        if record is None:
            raise NotRegistered(snapshot.task_id)
        task = snapshot.own_task
        if task is None:
            if record.is_terminal:
                raise AlreadyEnded(snapshot.task_id, record.status)
            # The ledger takes the record's priority at acceptance, so this is where it must stand until then.
            await self._ledger.commit(snapshot, snapshot.task, replace(record, priority=priority))
            return

        def rule(now_stands: Snapshot, at: datetime) -> Task:
            current = now_stands.own_task
            if current is None:
                raise ConcurrentChange(f"task {snapshot.task_id} became another one")
            if current.is_terminal:
                raise AlreadyEnded(current.task_id, current.status)
            return current.change_priority(priority, at)

        await self._ledger.change(snapshot, rule)
