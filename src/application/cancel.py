"""The use case of cancelling a task."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from application.ledger import Ledger
from domain.admission import check_identity
from domain.errors import NotRegistered
from domain.instants import as_utc
from domain.ports import Snapshot
from domain.reconcile import is_cancelled_at_frontend
from domain.record import Record
from domain.task import Task
from domain.values import TaskStatus, valid_task_id


@dataclass(frozen=True, slots=True)
class Cancellation:
    """Whose task is to be stopped, as the frontend knows it."""

    task_id: str
    service: str
    user_id: str
    kept_at: datetime | None = None
    """When it was answered that the store was away, where it is applied only later: no generation that began since was
    meant."""


class CancelTask:
    """Stop a task wherever it is: at once while it waits, else through its owner.

    A cancel that overtakes its submit is remembered, so that the submit runs nothing. A task whose record was
    deleted is stopped too, though its caller is told that it is not registered.
    """

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    async def __call__(self, request: Cancellation) -> str:
        """Return the status that the task has now; a terminal one is its real outcome.

        Raises:
            InvalidTaskId, IdentityMismatch, MalformedRecord: nothing changed.
            NotRegistered: there is no record; work that was still going on is being stopped.
            StoreUnavailable: it is not known whether the cancel was kept; asking again is safe.
        """
        valid_task_id(request.task_id)
        snapshot = await self._ledger.change(request.task_id, lambda snapshot, at: _cancelled(request, snapshot, at))
        if snapshot.record is None:
            raise NotRegistered(request.task_id)
        return str(snapshot.own_task.status) if snapshot.own_task else snapshot.record.status


def _cancelled(request: Cancellation, snapshot: Snapshot, at: datetime) -> Task | None:
    snapshot.check_readable()
    if snapshot.record is None:
        return _cancel_deleted(request, snapshot.task, at)
    check_identity(request.task_id, request.service, request.user_id, snapshot.record)
    task = snapshot.own_task
    if task is not None:
        is_over = task.is_terminal or _was_meant_for_an_earlier_generation(request, task, snapshot.record)
        return task if is_over else task.request_cancel(at)
    # A record that the frontend has made ``cancelled`` itself gets a ledger too: a late write may take that word back.
    is_over = snapshot.record.is_terminal and snapshot.record.status != TaskStatus.CANCELLED
    return None if is_over else Task.cancel_unsubmitted(snapshot.record, at)


def _was_meant_for_an_earlier_generation(request: Cancellation, task: Task, record: Record) -> bool:
    """Whether the task was retried after a cancel that was kept, and its user has not cancelled it again.

    The clocks of two replicas are compared here. The frontend's own line is believed too, so that a kept cancel which
    was meant is not lost where ours is behind.
    """
    if request.kept_at is None or task.generation == 1:
        return False
    return as_utc(request.kept_at) <= as_utc(task.generation_at) and not is_cancelled_at_frontend(task, record)


def _cancel_deleted(request: Cancellation, task: Task | None, at: datetime) -> Task | None:
    mine = task is not None and (task.service, task.user_id) == (request.service, request.user_id)
    if task is None or task.is_terminal or not mine:
        return None
    return task.request_cancel(at, "Cancellation requested after the record was deleted")
