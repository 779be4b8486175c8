"""What a request is about, on every log line that it causes."""

from __future__ import annotations

from structlog.contextvars import bind_contextvars

from domain.values import valid_task_id


def about_task(task_id: str, user_id: str | None = None) -> str:
    """Note which task the request is about, and return its id. Raises InvalidTaskId (400)."""
    valid_task_id(task_id)
    user = {} if user_id is None else {"user_id": user_id}
    bind_contextvars(task_id=task_id, **user)
    return task_id
