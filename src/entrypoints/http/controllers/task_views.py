"""Operators look at tasks."""

from __future__ import annotations

from typing import Annotated, Any

from dishka import FromDishka
from litestar import Controller, Request, get
from litestar.exceptions import ClientException, NotFoundException
from litestar.params import PathParameter, QueryParameter

from application.ledger import Ledger
from domain.errors import NotSubmitted
from domain.failures import FailureKind
from domain.ports import TaskFilter, TaskListing
from domain.values import TaskStatus
from entrypoints.http.choices import choice
from entrypoints.http.context import about_task
from entrypoints.http.controllers.paging import PageCursor, PageLimit, check_query
from entrypoints.http.inject import inject
from entrypoints.http.paths import decoded
from entrypoints.http.patience import Patience
from entrypoints.http.presenters import detail, summary
from entrypoints.http.responses import OPERATOR_ERRORS, TASK_VIEW_ERRORS, UNAVAILABLE, errors
from entrypoints.http.schemas.fields import ID_PATTERN, LONGEST_NAME
from entrypoints.http.schemas.views import TaskDetail, TaskPage, TasksAtWork

StatusFilter = Annotated[
    str | None,
    QueryParameter(name="status", description="Only tasks of this status.", schema_extra={"enum": [*TaskStatus]}),
]
UserFilter = Annotated[
    str | None, QueryParameter(name="user", max_length=LONGEST_NAME, description="Only tasks of this user.")
]
ServiceFilter = Annotated[
    str | None, QueryParameter(name="service", max_length=LONGEST_NAME, description="Only tasks of this service.")
]
FailureFilter = Annotated[
    str | None,
    QueryParameter(
        name="failure",
        description="Only tasks that failed for a reason of this kind.",
        schema_extra={"enum": [*FailureKind]},
    ),
]


class TaskViewsController(Controller):
    """Tasks as the ledger knows them, whatever their records say."""

    path = "/tasks"

    @get(
        operation_id="listTasks",
        response_description="A page of the list.",
        summary="List tasks",
        responses=errors(OPERATOR_ERRORS, {400: "A parameter is not accepted.", 503: UNAVAILABLE}),
    )
    @inject
    async def list_tasks(
        self,
        request: Request[Any, Any, Any],
        listing: FromDishka[TaskListing],
        patience: FromDishka[Patience],
        status: StatusFilter = None,
        user: UserFilter = None,
        service: ServiceFilter = None,
        failure: FailureFilter = None,
        cursor: PageCursor = None,
        limit: PageLimit = 100,
    ) -> TaskPage:
        """List tasks in pages. The list may lag a moment behind; a page may be short, even empty, and not the last."""
        check_query(request, "status", "user", "service", "failure", "cursor", "limit")
        wanted = TaskFilter(
            None if status is None else choice(TaskStatus, "status", status),
            user,
            service,
            None if failure is None else choice(FailureKind, "failure", failure),
        )
        try:
            page = await patience.bounded(lambda: listing.page(wanted, cursor, limit))
        except ValueError as error:
            raise ClientException(str(error)) from None
        return TaskPage([summary(task) for task in page.tasks], page.cursor)

    @get(
        "/at-work",
        operation_id="listTasksAtWork",
        response_description="The tasks.",
        summary="List what is at work",
        responses=errors(OPERATOR_ERRORS, {400: "A parameter is not accepted.", 503: UNAVAILABLE}),
    )
    @inject
    async def list_at_work(
        self,
        request: Request[Any, Any, Any],
        listing: FromDishka[TaskListing],
        patience: FromDishka[Patience],
        limit: PageLimit = 100,
    ) -> TasksAtWork:
        """List the tasks that replicas hold, with their progress: at the same cost, whatever waits or has ended."""
        check_query(request, "limit")
        found = await patience.bounded(lambda: listing.at_work(limit))
        return TasksAtWork([summary(task) for task in found])

    @get(
        "/{task_id:str}",
        operation_id="showTask",
        response_description="All that is known of the task.",
        summary="Show one task",
        responses=errors(OPERATOR_ERRORS, TASK_VIEW_ERRORS),
    )
    @inject
    async def show_task(
        self,
        task_id: Annotated[str, PathParameter(description="The task's id.", schema_extra={"pattern": ID_PATTERN})],
        ledger: FromDishka[Ledger],
        patience: FromDishka[Patience],
    ) -> TaskDetail:
        """Show all that is known of one task: progress, attempts, history, result, and its place in the queue."""
        task_id = about_task(decoded("task_id", task_id))
        snapshot = await patience.bounded(lambda: ledger.load(task_id))
        if snapshot.task is not None:
            return detail(snapshot, snapshot.task)
        if snapshot.record is not None or snapshot.malformed:
            raise NotSubmitted(task_id)
        raise NotFoundException(f"task {task_id} is not known here: it was never registered, or is long over")
