"""How our truth (the ledger's task) meets the shared record, which its other writer overwrites (design §1).

Laws, proved in the property tests: reconciling is idempotent; whatever earlier version of the record a frontend's
write was based on, the same record results (but for what no read of ours ever saw); a terminal task never
moves; unknown fields and ``parameters`` are never touched; a missing record stays missing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from domain.copying import changed
from domain.instants import is_later, utc_instant
from domain.logs import line_instant
from domain.record import Record
from domain.task import Task
from domain.values import TaskStatus

FRONTEND_CANCEL_MESSAGE = "Cancellation requested at frontend"
"""The message of the line that the frontend appends when a user cancels (contract §3)."""


@dataclass(frozen=True, slots=True)
class Reconciled:
    """What both sides must become."""

    task: Task
    record: Record | None


def reconcile(task: Task, record: Record | None, at: datetime) -> Reconciled:
    """Return the task and the record after they met at the moment ``at``.

    The task takes every foreign line, and a cancel whose answer got lost. The record takes status, priority, jobs,
    result and lines from the task and keeps all else. The caller has checked that both are the same incarnation;
    a record of another one is returned untouched.
    """
    if record is None or not task.incarnation.is_same_as(record):
        return Reconciled(task, record)
    if _is_lost_cancel(task, record):
        task = task.request_cancel(at, "Cancellation found in the record")
    task = task.find_record().learn(record.logs)
    return Reconciled(task, project(task, record))


def project(task: Task, record: Record) -> Record:
    """Return the record as it must stand beside ``task``, whose lines already hold those of the record."""
    return changed(
        record,
        status=str(task.status),
        priority=task.priority,
        active_jobs=task.active_jobs,
        result=task.result,
        logs=task.lines,
        updated_at=_later_update(record, task),
    )


def _later_update(record: Record, task: Task) -> str:
    """Return when either side was last updated; the record's text stays as it is where that is the later one."""
    told = utc_instant(record.updated_at)
    is_told = told is not None and not is_later(task.updated_at, told)
    return record.updated_at if is_told else task.updated_at.isoformat()


def _is_lost_cancel(task: Task, record: Record) -> bool:
    """Whether the record says ``cancelled`` of a live task that was never told: our answer to the cancel got lost.

    Word of a cancel that an earlier generation obeyed may arrive late. So once a task was retried, there must be a
    line of the frontend's that dates from after the retry. We may know it although the record has lost it again.
    """
    if record.status != TaskStatus.CANCELLED or task.is_terminal or task.saw_cancel:
        return False
    return task.generation == 1 or is_cancelled_at_frontend(task, record)


def is_cancelled_at_frontend(task: Task, record: Record) -> bool:
    """Whether a line says that the user cancelled this generation of the task, rather than one before it."""
    return any(_is_cancel_line_since(line, task.generation_at) for line in (*task.lines, *record.logs))


def _is_cancel_line_since(line: str, since: datetime) -> bool:
    moment = line_instant(line)
    return moment is not None and moment > since and line.partition(",")[2] == FRONTEND_CANCEL_MESSAGE
