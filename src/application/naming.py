"""How log lines name what they are about."""

from __future__ import annotations

from domain.task import Task
from domain.traces import trace_id_of


def about(task: Task) -> dict[str, str]:
    """Return what every log line about a task carries; ``trace_id`` only where its submit told of a trace."""
    named = {"task_id": task.task_id, "user_id": task.user_id}
    if task.traceparent is not None:
        named["trace_id"] = trace_id_of(task.traceparent)
    return named
