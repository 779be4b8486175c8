"""What the frontend calls: submit and cancel."""

from __future__ import annotations

from dishka import FromDishka
from litestar import Controller, post
from litestar.params import JSONBody

from application.cancel import Cancellation
from domain.admission import Submission
from domain.errors import IdentityMismatch
from domain.values import TaskStatus
from entrypoints.http.context import about_task
from entrypoints.http.errors import identity_forbidden
from entrypoints.http.frontdesk import FrontDesk
from entrypoints.http.inject import inject
from entrypoints.http.responses import BODY_ERRORS, UNAVAILABLE, errors
from entrypoints.http.schemas.tasks import CancelBody, CancelTaken, SubmitBody, Submitted
from entrypoints.http.tracing import trace_of_request

UNREGISTERED = "No such task is registered."


class TasksController(Controller):
    """Submits and cancels. Both are safe to repeat, and wait up to 8 s for a store that is away."""

    path = "/tasks"
    tags = ("tasks",)

    @post(
        "/task",
        status_code=202,
        operation_id="submitTask",
        summary="Run a registered task",
        response_description="Accepted, or accepted before and not ended yet.",
        responses=errors(
            BODY_ERRORS,
            {
                400: "Not a valid body; service, user or parameters differ from what is registered (nothing changed); "
                "or the service is unknown or its parameters cannot be run (the record is now `failed`).",
                403: "An operator has blocked submits; `extra.scope` says of whom: `everybody` or `user`.",
                404: UNREGISTERED,
                409: "The task has already ended.",
                503: f"{UNAVAILABLE} Or too much waits or is under way. The record ends `failed`, saying so.",
            },
        ),
    )
    @inject
    async def submit(self, data: JSONBody[SubmitBody], desk: FromDishka[FrontDesk]) -> Submitted:
        """Accept a task that the frontend has registered. However often it is sent, the task runs once."""
        about_task(data.task_id, data.user_id)
        request = Submission(data.task_id, data.service, data.user_id, data.parameters, trace_of_request())
        task = await desk.submit(request)
        return Submitted(task.task_id)

    @post(
        "/cancel",
        status_code=202,
        operation_id="cancelTask",
        summary="Stop a task",
        response_description="The task is being stopped or has ended; `status` says which.",
        exception_handlers={IdentityMismatch: identity_forbidden},
        responses=errors(
            BODY_ERRORS,
            {
                403: "Service or user differ from what is registered; nothing changed.",
                404: f"{UNREGISTERED} If its record was deleted while it ran, the work is being stopped.",
                503: f"{UNAVAILABLE} Or too much is under way. The cancel is kept, and applied later.",
            },
        ),
    )
    @inject
    async def cancel(self, data: JSONBody[CancelBody], desk: FromDishka[FrontDesk]) -> CancelTaken:
        """Stop a task wherever it is. One that was not submitted yet is cancelled too, and a later submit gets 409."""
        about_task(data.task_id, data.user_id)
        request = Cancellation(data.task_id, data.service, data.user_id)
        status = await desk.cancel(request)
        return CancelTaken(data.task_id, TaskStatus(status))
