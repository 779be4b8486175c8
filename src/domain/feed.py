"""What those who watch are told of a commit: what people see of a task, and nothing that a user typed but its names."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from domain.task import Task
from domain.values import Priority, Progress, TaskStatus


class ChangeKind(StrEnum):
    """What has changed of a task."""

    TASK = "task"
    """Its status, priority, attempt or generation; or it is new."""
    PROGRESS = "progress"
    """How far its work is, or what the work says of itself, and nothing else."""


@dataclass(frozen=True, slots=True)
class TaskChange:
    """A task as it stands since a commit. Parameters, log lines and results are not told: they may hold secrets."""

    kind: ChangeKind
    task_id: str
    service: str
    user_id: str
    status: TaskStatus
    priority: Priority
    generation: int
    attempt: int
    """The number of the latest attempt; 0 before the first."""
    at: datetime
    """When the ledger changed, by the clock of the process that changed it."""
    progress: Progress | None = None


def change_between(before: Task | None, after: Task) -> TaskChange | None:
    """Return what to tell of a commit; None where it changed nothing that people see.

    ``before`` is None where the task is new.
    """
    told = told_between(before, after)
    return None if told is None else TaskChange(**told)


def told_between(before: Task | None, after: Task) -> dict[str, Any] | None:
    """Return the same as the fields of a :class:`TaskChange` by their names, for a store that only writes them down.

    This runs at every commit, so it compares field by field.
    """
    if before is None or _is_another_run(before, after):
        kind = ChangeKind.TASK
    elif after.progress != before.progress or after.result != before.result:
        kind = ChangeKind.PROGRESS
    else:
        return None
    identity = after.incarnation
    return {
        "kind": kind,
        "task_id": after.task_id,
        "service": identity.service,
        "user_id": identity.user_id,
        "status": after.status,
        "priority": after.priority,
        "generation": after.generation,
        "attempt": after.attempt,
        "at": after.updated_at,
        "progress": after.progress,
    }


def _is_another_run(before: Task, after: Task) -> bool:
    """Whether people see more than progress; an id may also have come to stand for another task."""
    return (
        before.status is not after.status
        or before.priority is not after.priority
        or before.generation != after.generation
        or before.attempt != after.attempt
        or not before.incarnation.is_same_as(after.incarnation)
    )
