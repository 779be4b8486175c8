"""The use case of an operator's cancel."""

from __future__ import annotations

from datetime import datetime

from application.ledger import Ledger
from domain.errors import NotRegistered
from domain.operators import Decision
from domain.ports import Snapshot
from domain.task import Task
from domain.values import TaskStatus, valid_task_id


class CancelByOperator:
    """Stop any task wherever it is, whoever's it is: at once while it waits, else through its owner.

    A task that was registered but not submitted is cancelled too, so that its submit runs nothing. So is one whose
    record was deleted or cannot be read, for the ledger is the truth.
    """

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    async def __call__(self, task_id: str, by: Decision) -> TaskStatus:
        """Return the status that the task has now; one that had ended keeps its own.

        Raises:
            InvalidTaskId, NotRegistered, MalformedRecord: nothing changed.
            StoreUnavailable: it is not known whether the cancel was kept; asking again is safe.
        """
        valid_task_id(task_id)
        snapshot = await self._ledger.change(task_id, lambda snapshot, at: _cancelled(by, snapshot, at))
        task = _task_of(snapshot)
        if task is not None:
            return task.status
        assert snapshot.record is not None
        return TaskStatus(snapshot.record.status)


def _cancelled(by: Decision, snapshot: Snapshot, at: datetime) -> Task | None:
    message = f"Cancellation requested {by.words}"
    task = _task_of(snapshot)
    if task is not None:
        return task if task.is_terminal else task.request_cancel(at, message)
    snapshot.check_readable()
    record = snapshot.record
    if record is None:
        raise NotRegistered(snapshot.task_id)
    # As for a cancel of the frontend's: what it has made ``cancelled`` by itself gets a ledger, so that it stays so.
    is_over = record.is_terminal and record.status != TaskStatus.CANCELLED
    return None if is_over else Task.cancel_unsubmitted(record, at, message)


def _task_of(snapshot: Snapshot) -> Task | None:
    """Return the ledger's task, unless its id has become another task's."""
    return snapshot.task if snapshot.record is None else snapshot.own_task
