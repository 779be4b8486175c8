"""How operators see tasks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Literal

from msgspec import Struct

from domain.values import Priority, TaskStatus
from entrypoints.http.schemas.fields import Cursor, Service, TaskId, UserId, described


class ProgressView(Struct, frozen=True):
    """How far the work is."""

    bytes_done: int
    bytes_total: Annotated[int, described("0 while the mover is still counting.")]
    files_done: int
    files_total: Annotated[int, described("0 while the mover is still counting.")]
    rate_bps: Annotated[float, described("Bytes per second.")]
    eta_s: Annotated[float | None, described("Seconds left, where known.")]


class TaskSummary(Struct, frozen=True):
    """One line of a listing."""

    task_id: TaskId
    service: Service
    user_id: UserId
    status: TaskStatus
    priority: Priority
    attempt: Annotated[int, described("The number of the latest attempt; 0 before the first.")]
    accepted_at: datetime
    updated_at: datetime
    progress: ProgressView | None


class TaskPage(Struct, frozen=True):
    """Part of a listing."""

    tasks: Sequence[TaskSummary]
    cursor: Cursor


class TasksAtWork(Struct, frozen=True):
    """Tasks that replicas hold, by their ids."""

    tasks: Sequence[TaskSummary]


class AttemptView(Struct, frozen=True):
    """One run of the work."""

    number: int
    generation: int
    owner: Annotated[str, described("The replica that ran it.")]
    started_at: datetime
    ended_at: datetime | None
    outcome: Annotated[str, described("Empty while at work.", "completed")]


class ResultView(Struct, frozen=True):
    """What the frontend shows of the work."""

    pod_status: str | None
    launcher_output: str | None


class QueuePlace(Struct, frozen=True):
    """Where the task stands for the dispatcher."""

    state: Annotated[Literal["waiting", "delayed", "at work", "ended"], described("`delayed` waits for its retry.")]
    order: Annotated[int, described("Its place by acceptance: a smaller one has waited longer.")]
    retry_at: datetime | None
    owner: Annotated[str | None, described("The replica that holds its lease.")]


class TaskDetail(TaskSummary, frozen=True):
    """All that we know of one task."""

    parameters: Mapping[str, object]
    generation: Annotated[int, described("Goes up with every retry by an operator.")]
    failures: Annotated[int, described("Transient failures of this generation.")]
    active_jobs: Sequence[str]
    attempts: Sequence[AttemptView]
    logs: Annotated[Sequence[str], described("Every line of ours and of the frontend's, in time order.")]
    result: ResultView
    queue: QueuePlace
    record: Annotated[
        Literal["present", "deleted", "unreadable", "of another task"],
        described("Whether the record that the frontend shows is there and belongs to this task."),
    ]
