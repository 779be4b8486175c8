"""Why a task is not running, or has ended so: the one exact reason (issue 7).

Of several that hold, the one that is given stands first in this order: the time of a retry, a limit of the user, a
limit of the service, whoever goes before by the dispatch policy, a drain, and at last that no slot is free. Once it is
gone the next one is given, and when none is left a free slot gets the task. A block is no reason: it refuses submits,
not what was accepted.
"""

from __future__ import annotations

from datetime import datetime

from domain.dispatch import Limits
from domain.events import EventKind, kind_of
from domain.instants import as_utc
from domain.position import QueuePosition, Rival
from domain.reasons import (
    Drained,
    HighPriorityFirst,
    NoFreeSlot,
    OtherUsersFirst,
    OwnTasksFirst,
    Recovering,
    RetryAt,
    ServiceLimit,
    UserLimit,
    WaitingReason,
)
from domain.stages import CancelledFor, Claimed, Done, FailedFor, Running, Stage, Starting, Stopping
from domain.task import Task
from domain.values import Priority, TaskStatus

Why = WaitingReason | Stage


def why_waiting(task: Task, position: QueuePosition, limits: Limits, now: datetime) -> WaitingReason | None:
    """Return what keeps a waiting task from being the next one that is claimed; None where it is the next."""
    if task.retry_at is not None and as_utc(task.retry_at) > as_utc(now):
        return RetryAt(task.retry_at, task.failures, task.attempts[-1].outcome if task.attempts else "")
    own = position.own
    if _is_full(own.running, limits.per_user):
        return UserLimit(own.user_id, own.running, limits.per_user or 0)
    limit, at_work = limits.for_service(own.service), position.at_work.get(own.service, 0)
    if _is_full(at_work, limit):
        return ServiceLimit(own.service, at_work, limit or 0)
    runnable = [first for first in position.firsts if _may_run(first, position, limits)]
    best = min(runnable, key=lambda first: first.rank, default=own)
    return _precedence(best, position, limits) if best.rank < own.rank else None


def why_next_waits(
    position: QueuePosition, slots: int, free: int, *, recovering: bool, drained: Drained | None
) -> Recovering | Drained | NoFreeSlot:
    """Return why a task that is next was not claimed yet. ``slots`` are those of the replica that asks."""
    if recovering:
        return Recovering()
    return drained or NoFreeSlot(sum(position.at_work.values()), slots, free)


def stage_of(task: Task) -> Stage:
    """Return what is to be said of a task that does not wait."""
    if task.status is TaskStatus.COMPLETED:
        return Done(task.attempt)
    if task.status is TaskStatus.FAILED:
        return _failure(task)
    if task.status is TaskStatus.CANCELLED:
        return CancelledFor(_last_word(task, EventKind.CANCEL_REQUESTED))
    assert task.lease is not None, "a task that waits has no stage"
    owner, executor = task.lease.owner, task.result.pod_status or ""
    if task.status is TaskStatus.CANCEL_REQUESTED:
        return Stopping(owner, _last_word(task, EventKind.CANCEL_REQUESTED))
    if task.status is TaskStatus.PENDING:
        return Claimed(owner)
    attempt = task.attempts[-1]
    if task.status is TaskStatus.DISPATCHING:
        return Starting(attempt.number, owner, attempt.started_at, executor)
    progress = task.progress.describe() if task.progress else ""
    return Running(attempt.number, owner, attempt.started_at, progress, executor)


def _precedence(best: Rival, position: QueuePosition, limits: Limits) -> WaitingReason:
    own = position.own
    if best.priority is not own.priority:
        return HighPriorityFirst(best.task_id, best.user_id, _high_waiting(position, limits))
    if best.user_id == own.user_id:
        return OwnTasksFirst(best.task_id, position.earlier_own)
    return OtherUsersFirst(
        best.task_id, best.user_id, best.running, own.running, position.users_before, position.earlier_own
    )


def _high_waiting(position: QueuePosition, limits: Limits) -> int:
    return sum(
        count
        for (priority, service), count in position.waiting.items()
        if priority is Priority.HIGH and not _is_full(position.at_work.get(service, 0), limits.for_service(service))
    )


def _may_run(first: Rival, position: QueuePosition, limits: Limits) -> bool:
    """Whether the first of a lane may run. Where its user is at the limit, so are all others of the lane."""
    at_work = position.at_work.get(first.service, 0)
    return not _is_full(first.running, limits.per_user) and not _is_full(at_work, limits.for_service(first.service))


def _is_full(count: int, limit: int | None) -> bool:
    return limit is not None and count >= limit


def _failure(task: Task) -> FailedFor:
    last = task.attempts[-1] if task.attempts else None
    if last is not None and last.generation == task.generation and last.outcome.startswith("failed: "):
        return FailedFor(last.outcome.removeprefix("failed: "), last.number)
    word = _last_word(task, EventKind.FAILED)
    return FailedFor(word.partition(": ")[2] or word, 0)


def _last_word(task: Task, kind: EventKind) -> str:
    """Return the latest log line that tells of this, without its time; empty where there is none."""
    messages = (line.partition(",")[2] for line in reversed(task.lines))
    return next((message for message in messages if kind_of(message) is kind), "")
