"""Operators stop tasks, and run them again."""

from __future__ import annotations

from typing import Annotated, Any

from dishka import FromDishka
from litestar import Controller, Request, post
from litestar.params import JSONBody, PathParameter

from application.auditing import Audit, Subject
from application.operator_cancel import CancelByOperator
from application.retry import Retry, RetryTask
from domain.audit import Action
from entrypoints.http.bodies import OptionalJsonRequest
from entrypoints.http.context import about_task
from entrypoints.http.guard import decision_of
from entrypoints.http.inject import inject
from entrypoints.http.openapi import OptionalBody
from entrypoints.http.paths import decoded
from entrypoints.http.patience import Patience
from entrypoints.http.responses import BODY_ERRORS, OPERATOR_ERRORS, UNAVAILABLE, errors
from entrypoints.http.schemas.admin import NO_REASON, ReasonBody, Retried
from entrypoints.http.schemas.fields import ID_PATTERN
from entrypoints.http.schemas.tasks import CancelTaken

TaskInPath = Annotated[str, PathParameter(description="The task's id.", schema_extra={"pattern": ID_PATTERN})]


class TaskActionsController(Controller):
    """What operators do with any task, whoever's it is. A reason may be given as the body of each call."""

    path = "/tasks"
    request_class = OptionalJsonRequest

    @post(
        "/{task_id:str}/cancel",
        status_code=202,
        operation_id="cancelTaskByOperator",
        operation_class=OptionalBody,
        summary="Stop any task",
        response_description="The task is being stopped or has ended; `status` says which.",
        responses=errors(
            BODY_ERRORS, OPERATOR_ERRORS, {404: "No such task is known, or its record was deleted.", 503: UNAVAILABLE}
        ),
    )
    @inject
    async def cancel(
        self,
        request: Request[Any, Any, Any],
        task_id: TaskInPath,
        cancel_task: FromDishka[CancelByOperator],
        patience: FromDishka[Patience],
        audit: FromDishka[Audit],
        data: JSONBody[ReasonBody | None] = None,
    ) -> CancelTaken:
        """Stop a task wherever it is. Its log says which operator did it, and why if a reason was given."""
        task_id = about_task(decoded("task_id", task_id))
        by = decision_of(request, (data or NO_REASON).reason)
        async with audit.of(Action.CANCEL, by, Subject(task_id)):
            status = await patience.insist(lambda: cancel_task(task_id, by))
        return CancelTaken(task_id, status)

    @post(
        "/{task_id:str}/retry",
        status_code=202,
        operation_id="retryTask",
        operation_class=OptionalBody,
        summary="Run a failed or cancelled task again",
        response_description="The task waits again, behind all others.",
        responses=errors(
            BODY_ERRORS,
            OPERATOR_ERRORS,
            {
                400: "Not a valid body or id; or the parameters cannot be run, and the record says so (`failed`).",
                404: "No such task is registered, or it was not submitted yet; `detail` says which.",
                409: "The task has not ended, or it has completed; `detail` says which.",
                503: UNAVAILABLE,
            },
        ),
    )
    @inject
    async def retry(
        self,
        request: Request[Any, Any, Any],
        task_id: TaskInPath,
        retry_task: FromDishka[RetryTask],
        patience: FromDishka[Patience],
        audit: FromDishka[Audit],
        data: JSONBody[ReasonBody | None] = None,
    ) -> Retried:
        """Open a new generation of the same record: it runs from the beginning, and no earlier cancel reaches it."""
        task_id = about_task(decoded("task_id", task_id))
        retry = Retry(task_id, decision_of(request, (data or NO_REASON).reason))
        async with audit.of(Action.RETRY, retry.by, Subject(task_id)):
            task = await patience.insist(lambda: retry_task(retry))
        return Retried(task_id, task.generation, task.status)
