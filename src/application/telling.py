"""Telling a meter and a tracer what a change of a task means. Field by field, for this runs at every commit."""

from __future__ import annotations

from collections.abc import Sequence

from application.meter import Meter, RetryReason
from application.tracer import UNTRACED, Tracer
from domain.ports import Clock
from domain.task import HANDED_BACK, OWNER_LOST, Task
from domain.values import TERMINAL, Attempt, TaskStatus

_REASONS = {OWNER_LOST: RetryReason.OWNER_LOST, HANDED_BACK: RetryReason.HANDED_BACK}


def tell_change(meter: Meter, before: Task | None, after: Task, tracer: Tracer = UNTRACED) -> None:
    """Tell what has happened between two states of a ledger; ``before`` is None where the task is new."""
    if before is not None and _is_another(before, after):
        before = None
    attempts = () if before is None else before.attempts
    if after.attempts is not attempts and after.attempts:
        _tell_attempt(meter, tracer, attempts[-1] if attempts else None, after)
    if after.progress is not None and (before is None or before.progress is not after.progress):
        _tell_progress(meter, before, after)
    if after.status in TERMINAL and (before is None or before.status not in TERMINAL):
        meter.task_ended(after.incarnation.service, after.status)


def tell_waits(meter: Meter, claimed: Sequence[Task], clock: Clock) -> None:
    """Tell how long tasks waited that were claimed just now, for their first attempt: later ones may be due later."""
    now = clock.now() if claimed else None
    for task in claimed:
        is_first = not task.attempts or task.attempts[-1].generation != task.generation
        if now is not None and is_first:
            meter.claimed(task.priority, max(0.0, (now - task.generation_at).total_seconds()))


def _is_another(before: Task, after: Task) -> bool:
    """Whether the id has come to stand for another task."""
    return before.incarnation is not after.incarnation and not before.incarnation.is_same_as(after.incarnation)


def _tell_attempt(meter: Meter, tracer: Tracer, earlier: Attempt | None, after: Task) -> None:
    latest, service = after.attempts[-1], after.incarnation.service
    is_new = earlier is None or earlier.number != latest.number
    if is_new:
        meter.attempt_begun(service)
    if latest.ended_at is None or not (is_new or earlier is None or earlier.ended_at is None):
        return
    tracer.attempt_ended(after)
    if latest.outcome != OWNER_LOST:  # else it is not known when the work ended
        meter.attempt_ended(service, max(0.0, (latest.ended_at - latest.started_at).total_seconds()))
    if after.status is TaskStatus.PENDING:
        meter.retried(service, _REASONS.get(latest.outcome, RetryReason.FAILED))


def _tell_progress(meter: Meter, before: Task | None, after: Task) -> None:
    known = 0 if before is None or before.progress is None else before.progress.bytes_done
    assert after.progress is not None
    if after.progress.bytes_done > known:
        meter.bytes_done(after.incarnation.service, after.progress.bytes_done - known)
