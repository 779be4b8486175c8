"""Bodies of the calls that the frontend makes. Fields that we do not know are ignored: a newer one may send some."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Struct

from domain.values import TaskStatus
from entrypoints.http.schemas.fields import Service, TaskId, UserId, described


class SubmitBody(Struct, frozen=True):
    """A registered task that is to be run."""

    task_id: TaskId
    service: Service
    user_id: UserId
    parameters: Annotated[
        dict[str, object],
        described("The task's parameters, exactly as registered.", {"src": "/pvs/a", "dst": "/pvs/b"}),
    ]


class Submitted(Struct, frozen=True):
    """The task is ours now, and will be run."""

    task_id: TaskId
    status: Literal["dispatching"] = "dispatching"


class CancelBody(Struct, frozen=True):
    """A task that is to be stopped."""

    task_id: TaskId
    service: Service
    user_id: UserId


class CancelTaken(Struct, frozen=True):
    """What became of a cancel."""

    task_id: TaskId
    status: Annotated[TaskStatus, described("The task's status now; a task that had ended keeps its own.", "cancelled")]
