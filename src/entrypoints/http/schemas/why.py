"""How operators see why a task is where it is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from msgspec import Struct

from domain.values import TaskStatus
from entrypoints.http.schemas.fields import TaskId, described

WhyKind = Literal[
    "retry_at",
    "user_limit",
    "service_limit",
    "high_priority_first",
    "own_tasks_first",
    "other_users_first",
    "recovering",
    "drained",
    "no_free_slot",
    "claimed",
    "starting",
    "running",
    "stopping",
    "completed",
    "failed",
    "cancelled",
]


class PositionView(Struct, frozen=True):
    """Where a task that waits stands in its priority and service."""

    earlier_own: Annotated[int, described("Tasks of the same user that go before it.")]
    users_before: Annotated[int, described("Users whose turn comes before that of its own.")]


class WhyView(Struct, frozen=True):
    """The one reason why a task is not running, or has ended so."""

    task_id: TaskId
    status: TaskStatus
    kind: Annotated[WhyKind, described("Which reason it is, of a closed set; `docs/api.md` says what each tells.")]
    sentence: Annotated[
        str,
        described("For people.", "task 10 waits: user alice has as many tasks at work as a user may have (4 of 4)"),
    ]
    facts: Annotated[
        Mapping[str, object],
        described("The same for programs; which there are depends on `kind`.", {"user_id": "alice", "running": 4}),
    ]
    position: Annotated[PositionView | None, described("`null` for a task that does not wait.")]
