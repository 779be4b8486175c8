"""What events say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated

from msgspec import Struct

from application.consumers import QueueCounts
from domain.feed import TaskChange
from domain.values import Priority, TaskStatus
from entrypoints.http.presenters import progress_view
from entrypoints.http.schemas.admin import Waiting
from entrypoints.http.schemas.fields import Service, TaskId, UserId, described
from entrypoints.http.schemas.views import ProgressView


class TaskEvent(Struct, frozen=True):
    """A task as it stands since it changed: the data of `task` and `progress`."""

    task_id: TaskId
    service: Service
    user_id: UserId
    status: TaskStatus
    priority: Priority
    generation: Annotated[int, described("Goes up with every retry by an operator.")]
    attempt: Annotated[int, described("The number of the latest attempt; 0 before the first.")]
    at: Annotated[datetime, described("When it changed.")]
    progress: ProgressView | None


class QueueEvent(Struct, frozen=True):
    """How many tasks wait and are at work on all replicas: the data of `queue`."""

    waiting: Sequence[Waiting]
    delayed: Annotated[int, described("Tasks that wait for their retry.")]
    at_work: Annotated[Mapping[str, int], described("Tasks per service.")]


def task_event(change: TaskChange) -> TaskEvent:
    """Return how those who watch see a change."""
    return TaskEvent(
        change.task_id,
        change.service,
        change.user_id,
        change.status,
        change.priority,
        change.generation,
        change.attempt,
        change.at,
        progress_view(change.progress),
    )


def queue_event(counts: QueueCounts) -> QueueEvent:
    """Return how those who watch see the queue's counts."""
    waiting = [Waiting(priority, service, count) for (priority, service), count in sorted(counts.waiting.items())]
    return QueueEvent(waiting, counts.delayed, counts.at_work)
