"""Attempts as spans: each from its dispatch to its outcome, a child of the request by which its task was submitted."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from opentelemetry.trace import Status, StatusCode, Tracer

from adapters.tracing.contexts import remote
from domain.task import Task
from domain.values import Attempt

LONGEST_REASON = 500
"""Characters of an outcome that a span tells; the task's own log has all of it."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class AttemptSpans:
    """Implements :class:`application.tracer.Tracer`."""

    def __init__(self, spans: Tracer) -> None:
        self._spans = spans

    def attempt_ended(self, task: Task) -> None:
        attempt = task.attempts[-1]
        span = self._spans.start_span(
            "attempt",
            remote(task.traceparent),
            attributes=_told_of(task, attempt),
            start_time=_nanoseconds(attempt.started_at),
        )
        kind, _, reason = attempt.outcome.partition(": ")
        if kind == "failed":
            span.set_status(Status(StatusCode.ERROR, reason[:LONGEST_REASON]))
        span.end(_nanoseconds(attempt.ended_at or attempt.started_at))


def _told_of(task: Task, attempt: Attempt) -> dict[str, str | int | float]:
    told: dict[str, str | int | float] = {
        "dms.task.id": task.task_id,
        "dms.user.id": task.user_id,
        "dms.service": task.service,
        "dms.priority": str(task.priority),
        "dms.attempt.number": attempt.number,
        "dms.attempt.owner": attempt.owner,
        "dms.attempt.outcome": attempt.outcome.partition(": ")[0],
    }
    if not any(each.generation == attempt.generation for each in task.attempts[:-1]):
        told["dms.queue.wait_seconds"] = max(0.0, (attempt.started_at - task.generation_at).total_seconds())
    return told


def _nanoseconds(at: datetime) -> int:
    return (at - _EPOCH) // _MICROSECOND * 1000
