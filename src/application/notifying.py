"""What is told of a task that has ended, and to whom."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime

from domain.logs import one_line
from domain.notifications import DEFAULT_ROUTE, Notification, has_ended_anew, notification_id
from domain.stages import CancelledFor, FailedFor
from domain.task import Task
from domain.why import stage_of

LONGEST_TEXT = 1024
"""Characters of each text, all of which may be foreign. No name that was ever accepted is longer, so none is cut."""


class NotifyOfEnds:
    """Tell the receiver of a task's service, if it has one, that the task has completed, failed or was cancelled.

    Implements :data:`domain.notifications.NotificationOf`.
    """

    def __init__(self, routes: Iterable[str]) -> None:
        """``routes``: the services that have a receiver, and :data:`DEFAULT_ROUTE` where all the others have one."""
        self.routes = frozenset(routes)

    def __call__(self, before: Task | None, after: Task) -> Notification | None:
        route = self._route(after.service)
        if route is None or not has_ended_anew(before, after):
            return None
        return Notification(notification_id(after), route, body_of(after))

    def _route(self, service: str) -> str | None:
        if service in self.routes:
            return service
        return DEFAULT_ROUTE if DEFAULT_ROUTE in self.routes else None


def body_of(task: Task) -> str:
    """Return what is told of a task that has ended: docs/webhooks.md describes it to receivers."""
    ended = _text(task.updated_at)
    data = {
        "task_id": task.task_id,
        "service": task.service[:LONGEST_TEXT],
        "user_id": task.user_id[:LONGEST_TEXT],
        "status": task.status,
        "reason": one_line(_reason(task)[:LONGEST_TEXT]),
        "generation": task.generation,
        "attempts": task.attempt,
        "created_at": task.incarnation.created_at[:LONGEST_TEXT],
        "accepted_at": _text(task.accepted_at),
        "ended_at": ended,
        "bytes_done": None if task.progress is None else task.progress.bytes_done,
        "files_done": None if task.progress is None else task.progress.files_done,
    }
    # Escaped to ASCII, so that foreign text is well-formed whatever it holds.
    return json.dumps({"type": f"task.{task.status}", "timestamp": ended, "data": data}, separators=(",", ":"))


def _reason(task: Task) -> str:
    match stage_of(task):
        case FailedFor(failure):
            return failure
        case CancelledFor(asked):
            return asked
    return ""


def _text(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds")
