"""Operators change a task's priority."""

from __future__ import annotations

from typing import Any

from dishka import FromDishka
from litestar import Controller, Request, post
from litestar.params import JSONBody

from application.auditing import Audit, Subject
from application.priority import ChangePriority
from domain.audit import Action
from domain.values import Priority
from entrypoints.http.choices import choice
from entrypoints.http.context import about_task
from entrypoints.http.guard import decision_of
from entrypoints.http.inject import inject
from entrypoints.http.patience import Patience
from entrypoints.http.responses import BODY_ERRORS, OPERATOR_ERRORS, UNAVAILABLE, errors
from entrypoints.http.schemas.admin import PriorityBody, PriorityChanged


class PriorityController(Controller):
    """Moves waiting tasks; running ones go on."""

    @post(
        "/priority",
        status_code=202,
        operation_id="changePriority",
        summary="Change a task's priority",
        response_description="The task has this priority now.",
        responses=errors(
            BODY_ERRORS,
            OPERATOR_ERRORS,
            {404: "No such task is registered.", 409: "The task has already ended.", 503: UNAVAILABLE},
        ),
    )
    @inject
    async def change(
        self,
        request: Request[Any, Any, Any],
        data: JSONBody[PriorityBody],
        change_priority: FromDishka[ChangePriority],
        patience: FromDishka[Patience],
        audit: FromDishka[Audit],
    ) -> PriorityChanged:
        """Move a waiting task at once; of a task that was not submitted yet, set the record's priority."""
        about_task(data.task_id)
        priority = choice(Priority, "priority", data.priority)
        by = decision_of(request, data.reason)
        async with audit.of(Action.PRIORITY, by, Subject(data.task_id, detail=priority)):
            await patience.insist(lambda: change_priority(data.task_id, priority))
        return PriorityChanged(data.task_id, priority)
