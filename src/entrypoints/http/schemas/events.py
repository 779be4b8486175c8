"""How operators see what happened to a task."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

from msgspec import Struct

from domain.events import EventKind
from domain.values import TaskStatus
from entrypoints.http.schemas.fields import TaskId, described


class EventView(Struct, frozen=True):
    """Something that happened to a task."""

    at: Annotated[datetime | None, described("`null` for a line of somebody else's that names no moment.")]
    kind: EventKind
    status: Annotated[TaskStatus | None, described("The task's status since; `null` where this changed none.")]
    text: Annotated[str, described("The log's message, or what the operator did.", "Running as dms-10-1")]
    attempt: Annotated[int, described("The number of the latest attempt by then; 0 before the first.")]
    generation: Annotated[int, described("Goes up with every retry by an operator.")]


class TaskEvents(Struct, frozen=True):
    """The latest of what happened to a task, oldest first."""

    task_id: TaskId
    events: Sequence[EventView]
    earlier: Annotated[int, described("How many events before these are left out; ask for more with `limit`.")]
