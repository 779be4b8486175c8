"""What operators do with a task, from the forms of its page."""

from __future__ import annotations

from typing import Annotated, Any

from dishka import FromDishka
from litestar import Controller, Request, Response, post
from litestar.params import PathParameter

from application.auditing import Audit, Subject
from application.operator_cancel import CancelByOperator
from application.priority import ChangePriority
from application.retry import Retry, RetryTask
from domain.audit import Action
from domain.values import Priority
from entrypoints.console.forms import decision, field
from entrypoints.console.pages import go_to
from entrypoints.http.choices import choice
from entrypoints.http.context import about_task
from entrypoints.http.inject import inject
from entrypoints.http.paths import decoded
from entrypoints.http.patience import Patience

TaskInPath = Annotated[str, PathParameter(description="The task's id.")]


class ActionsController(Controller):
    """Each does what the API's call of the same name does, and shows the task again."""

    path = "/tasks/{task_id:str}"

    @post("/cancel", status_code=303)
    @inject
    async def cancel(
        self,
        request: Request[Any, Any, Any],
        task_id: TaskInPath,
        cancel_task: FromDishka[CancelByOperator],
        patience: FromDishka[Patience],
        audit: FromDishka[Audit],
    ) -> Response[str]:
        """Stop a task."""
        task_id = about_task(decoded("task_id", task_id))
        by = await decision(request)
        async with audit.of(Action.CANCEL, by, Subject(task_id)):
            await patience.insist(lambda: cancel_task(task_id, by))
        return _show(task_id)

    @post("/retry", status_code=303)
    @inject
    async def retry(
        self,
        request: Request[Any, Any, Any],
        task_id: TaskInPath,
        retry_task: FromDishka[RetryTask],
        patience: FromDishka[Patience],
        audit: FromDishka[Audit],
    ) -> Response[str]:
        """Run a task again."""
        task_id = about_task(decoded("task_id", task_id))
        retry = Retry(task_id, await decision(request))
        async with audit.of(Action.RETRY, retry.by, Subject(task_id)):
            await patience.insist(lambda: retry_task(retry))
        return _show(task_id)

    @post("/priority", status_code=303)
    @inject
    async def change_priority(
        self,
        request: Request[Any, Any, Any],
        task_id: TaskInPath,
        change_priority: FromDishka[ChangePriority],
        patience: FromDishka[Patience],
        audit: FromDishka[Audit],
    ) -> Response[str]:
        """Move a task."""
        task_id = about_task(decoded("task_id", task_id))
        priority = choice(Priority, "priority", await field(request, "priority"))
        async with audit.of(Action.PRIORITY, await decision(request), Subject(task_id, detail=priority)):
            await patience.insist(lambda: change_priority(task_id, priority))
        return _show(task_id)


def _show(task_id: str) -> Response[str]:
    return go_to(f"/console/tasks/{task_id}")
