"""Pages about tasks."""

from __future__ import annotations

from asyncio import gather
from collections.abc import Mapping
from typing import Annotated, Any
from urllib.parse import urlencode

from dishka import FromDishka
from litestar import Controller, Request, Response, get
from litestar.exceptions import ClientException
from litestar.params import PathParameter, QueryParameter

from application.explain import ExplainTask
from application.history import TellHistory
from application.ledger import Ledger
from domain.errors import NotSubmitted
from domain.failures import FailureKind
from domain.ports import TaskFilter, TaskListing
from domain.values import Priority, TaskStatus
from entrypoints.console.pages import page
from entrypoints.http.choices import choice
from entrypoints.http.context import about_task
from entrypoints.http.inject import inject
from entrypoints.http.paths import decoded
from entrypoints.http.patience import Patience
from entrypoints.http.presenters import detail
from entrypoints.http.schemas.fields import LONGEST_NAME

PER_PAGE = 50

LATEST_EVENTS = 200
"""Of what happened to one task."""

Filter = Annotated[str, QueryParameter(max_length=LONGEST_NAME, description="Empty for any.")]
TaskInPath = Annotated[str, PathParameter(description="The task's id.")]


class TasksController(Controller):
    """What the ledger knows of tasks."""

    path = "/tasks"

    @get("/")
    @inject
    async def list_tasks(
        self,
        request: Request[Any, Any, Any],
        listing: FromDishka[TaskListing],
        patience: FromDishka[Patience],
        status: Filter = "",
        user: Filter = "",
        service: Filter = "",
        failure: Filter = "",
        cursor: Filter = "",
    ) -> Response[str]:
        """List tasks in pages. An empty filter, which a form sends too, lets everything pass."""
        wanted = TaskFilter(
            choice(TaskStatus, "status", status) if status else None,
            user or None,
            service or None,
            choice(FailureKind, "failure", failure) if failure else None,
        )
        try:
            found = await patience.bounded(lambda: listing.page(wanted, cursor or None, PER_PAGE))
        except ValueError as error:
            raise ClientException(str(error)) from None
        filters = {"status": status, "user": user, "service": service, "failure": failure}
        return page(
            request,
            "tasks.html",
            tasks=found.tasks,
            wanted=wanted,
            statuses=list(TaskStatus),
            kinds=list(FailureKind),
            first=_url(filters),
            following=_url({**filters, "cursor": found.cursor}) if found.cursor else None,
            is_further=bool(cursor),
        )

    @get("/{task_id:str}")
    @inject
    async def show(
        self,
        request: Request[Any, Any, Any],
        task_id: TaskInPath,
        ledger: FromDishka[Ledger],
        explain: FromDishka[ExplainTask],
        tell_history: FromDishka[TellHistory],
        patience: FromDishka[Patience],
    ) -> Response[str]:
        """Show all that is known of one task, and what can be done with it."""
        task_id = about_task(decoded("task_id", task_id))
        snapshot, why, history = await patience.bounded(
            lambda: gather(ledger.load(task_id), explain(task_id), tell_history(task_id, LATEST_EVENTS))
        )
        if snapshot.task is None:
            raise NotSubmitted(task_id)
        task = snapshot.task
        # A page that goes on asking learns so that the forms on it are not the right ones any more.
        asks_on = request.headers.get("HX-Request") and task.is_terminal
        return page(
            request,
            "task.html",
            headers={"HX-Refresh": "true"} if asks_on else None,
            task=detail(snapshot, task),
            is_terminal=task.is_terminal,
            why=why.sentence,
            history=history,
            priorities=list(Priority),
        )


def _url(query: Mapping[str, str]) -> str:
    given = {name: value for name, value in query.items() if value}
    return f"/console/tasks?{urlencode(given)}" if given else "/console/tasks"
