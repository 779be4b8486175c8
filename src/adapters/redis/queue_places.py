"""Where a task stands in the queue, as ``scripts/commit.lua`` takes it."""

from __future__ import annotations

from adapters.redis import keys
from domain.task import Task

Place = tuple[str, str, str]
"""Kind, lane and user."""

NOWHERE: Place = ("", "", "")


def place_in_queue(task: Task | None) -> Place:
    """Return where :func:`domain.dispatch.place_of` puts a task; said anew here, for every commit asks twice."""
    if task is None or task.is_terminal:
        return NOWHERE
    service, user = task.incarnation.service, keys.encoded(task.incarnation.user_id)
    if task.lease is not None:
        return "leased", keys.lane("-", service), user
    kind = "waiting" if task.retry_at is None else "delayed"
    return kind, keys.lane(task.priority, service), user


def wanted_order(before: Task | None, task: Task | None, stands: Place) -> str | int:
    """Return the order that a commit gives to a task: its own, ``new`` for the next one, or empty to leave it."""
    if task is None or (before is not None and before.order == task.order != 0):
        return ""
    if task.order:
        return task.order
    return "" if stands == NOWHERE else "new"
