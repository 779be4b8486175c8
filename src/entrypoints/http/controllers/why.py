"""Operators ask why."""

from __future__ import annotations

from dishka import FromDishka
from litestar import Controller, get

from application.explain import ExplainTask
from entrypoints.http.context import about_task
from entrypoints.http.controllers.task_actions import TaskInPath
from entrypoints.http.inject import inject
from entrypoints.http.paths import decoded
from entrypoints.http.patience import Patience
from entrypoints.http.responses import OPERATOR_ERRORS, TASK_VIEW_ERRORS, errors
from entrypoints.http.schemas.why import WhyView
from entrypoints.http.why_presenter import why_view


class WhyController(Controller):
    """The one reason that holds now."""

    @get(
        "/tasks/{task_id:str}/why",
        operation_id="explainTask",
        summary="Why a task is not running, or has ended so",
        response_description="The one reason, in a sentence and as data.",
        responses=errors(OPERATOR_ERRORS, TASK_VIEW_ERRORS),
    )
    @inject
    async def explain(
        self, task_id: TaskInPath, explain_task: FromDishka[ExplainTask], patience: FromDishka[Patience]
    ) -> WhyView:
        """Say what keeps a task from running: once that is gone the next reason is given, or the task runs."""
        task_id = about_task(decoded("task_id", task_id))
        return why_view(await patience.bounded(lambda: explain_task(task_id)))
