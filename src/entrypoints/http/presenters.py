"""Tasks as operators see them."""

from __future__ import annotations

from typing import Literal

from domain.dispatch import AtWork, place_of
from domain.ports import Snapshot
from domain.task import Task
from domain.values import Progress
from entrypoints.http.schemas.views import (
    AttemptView,
    ProgressView,
    QueuePlace,
    ResultView,
    TaskDetail,
    TaskSummary,
)

RecordState = Literal["present", "deleted", "unreadable", "of another task"]


def summary(task: Task) -> TaskSummary:
    """Return one line of a listing."""
    return TaskSummary(
        task_id=task.task_id,
        service=task.service,
        user_id=task.user_id,
        status=task.status,
        priority=task.priority,
        attempt=task.attempt,
        accepted_at=task.accepted_at,
        updated_at=task.updated_at,
        progress=progress_view(task.progress),
    )


def detail(snapshot: Snapshot, task: Task) -> TaskDetail:
    """Return all that is known of a task."""
    line = summary(task)
    return TaskDetail(
        **{name: getattr(line, name) for name in TaskSummary.__struct_fields__},
        parameters=task.parameters,
        generation=task.generation,
        failures=task.failures,
        active_jobs=task.active_jobs,
        attempts=[
            AttemptView(each.number, each.generation, each.owner, each.started_at, each.ended_at, each.outcome)
            for each in task.attempts
        ],
        logs=task.lines,
        result=ResultView(task.result.pod_status, task.result.launcher_output),
        queue=_place(task),
        record=_record_state(snapshot),
    )


def progress_view(told: Progress | None) -> ProgressView | None:
    """Return how far work is, as operators see it."""
    if told is None:
        return None
    return ProgressView(told.bytes_done, told.bytes_total, told.files_done, told.files_total, told.rate_bps, told.eta_s)


def _place(task: Task) -> QueuePlace:
    place = place_of(task)
    owner = task.lease.owner if task.lease else None
    if place is None:
        return QueuePlace("ended", task.order, None, None)
    if isinstance(place, AtWork):
        return QueuePlace("at work", task.order, None, owner)
    return QueuePlace("waiting" if task.retry_at is None else "delayed", task.order, task.retry_at, None)


def _record_state(snapshot: Snapshot) -> RecordState:
    if snapshot.malformed:
        return "unreadable"
    if snapshot.record is None:
        return "deleted"
    return "of another task" if snapshot.own_task is None else "present"
