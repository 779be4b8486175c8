"""Operators ask what happened to a task."""

from __future__ import annotations

from typing import Any

from dishka import FromDishka
from litestar import Controller, Request, get

from application.history import TellHistory
from domain.events import Event
from entrypoints.http.context import about_task
from entrypoints.http.controllers.paging import PageLimit, check_query
from entrypoints.http.controllers.task_actions import TaskInPath
from entrypoints.http.inject import inject
from entrypoints.http.paths import decoded
from entrypoints.http.patience import Patience
from entrypoints.http.responses import OPERATOR_ERRORS, TASK_VIEW_ERRORS, errors
from entrypoints.http.schemas.events import EventView, TaskEvents


class TaskEventsController(Controller):
    """The history of one task."""

    @get(
        "/tasks/{task_id:str}/events",
        operation_id="showTaskEvents",
        summary="What happened to a task",
        response_description="The latest events, oldest first.",
        responses=errors(
            OPERATOR_ERRORS,
            TASK_VIEW_ERRORS,
            {400: "This is not the form of a task's id, or a parameter is not accepted."},
        ),
    )
    @inject
    async def show(
        self,
        request: Request[Any, Any, Any],
        task_id: TaskInPath,
        tell_history: FromDishka[TellHistory],
        patience: FromDishka[Patience],
        limit: PageLimit = 100,
    ) -> TaskEvents:
        """Show every change of the task's status, its attempts and retries, and what operators did about it."""
        task_id = about_task(decoded("task_id", task_id))
        check_query(request, "limit")
        history = await patience.bounded(lambda: tell_history(task_id, limit))
        return TaskEvents(task_id, [_view(event) for event in history.events], history.earlier)


def _view(event: Event) -> EventView:
    return EventView(event.at, event.kind, event.status, event.text, event.attempt, event.generation)
