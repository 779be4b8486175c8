"""The use case of asking what happened to a task."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from application.ledger import Ledger
from application.ports import AuditLog
from domain.audit import AuditEvent
from domain.errors import NotRegistered, NotSubmitted
from domain.events import Event, events_of
from domain.instants import as_utc, parse_instant
from domain.task import Task
from domain.values import valid_task_id


@dataclass(frozen=True, slots=True)
class TaskHistory:
    """The latest of what happened, oldest first."""

    events: Sequence[Event]
    earlier: int
    """How many events before those are left out."""


class TellHistory:
    """Tell what happened to a task, as far as its ledger and the audit know."""

    def __init__(self, ledger: Ledger, audit_log: AuditLog) -> None:
        self._ledger = ledger
        self._audit_log = audit_log

    async def __call__(self, task_id: str, limit: int) -> TaskHistory:
        """Return up to ``limit`` events. Raises InvalidTaskId, NotSubmitted, NotRegistered or StoreUnavailable."""
        valid_task_id(task_id)
        snapshot = await self._ledger.load(task_id)
        task = snapshot.task
        if task is None:
            is_known = snapshot.record is not None or snapshot.malformed
            raise NotSubmitted(task_id) if is_known else NotRegistered(task_id)
        actions = [action for action in await self._audit_log.of_task(task_id) if _is_about(task, action)]
        events = events_of(task, actions)
        return TaskHistory(events[-limit:], max(0, len(events) - limit))


def _is_about(task: Task, action: AuditEvent) -> bool:
    """Whether an action was about this task, not about one that had its id before."""
    created_at = parse_instant(task.incarnation.created_at)
    return created_at is None or as_utc(action.at) >= as_utc(created_at)
