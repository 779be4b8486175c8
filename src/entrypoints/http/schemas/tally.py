"""What operators see of the work that was done, and of the users for whom."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated

from msgspec import Struct

from domain.failures import FailureKind
from entrypoints.http.schemas.admin import BlockView
from entrypoints.http.schemas.fields import UserId, described


class Counts(Struct, frozen=True):
    """What happened within a span of time."""

    completed: int
    failed: int
    cancelled: int
    bytes: Annotated[int, described("What movers told to have done: copied, or found to be there already.")]


class SpanView(Struct, frozen=True):
    """The latest part of time, in steps of equal length."""

    start: datetime
    end: Annotated[datetime, described("Now; so the last step is not over yet.")]
    step_s: Annotated[int, described("The length of a step, in seconds.", 60)]
    steps: Sequence[Counts]
    total: Counts
    failures: Annotated[
        Mapping[FailureKind, int], described("Tasks that failed, by the kind of the reason.", {"no_space": 2})
    ]
    tasks_per_minute: Annotated[float, described("Tasks that ended, however.")]
    bytes_per_second: float


class ThroughputView(Struct, frozen=True):
    """What all replicas together have got done."""

    hour: Annotated[SpanView, described("The last hour, by minutes.")]
    day: Annotated[SpanView, described("The last day, by quarters of an hour.")]


class UserView(Struct, frozen=True):
    """One user who has tasks here, or had lately, or is blocked."""

    user_id: UserId
    running: Annotated[int, described("Tasks at work.")]
    waiting_high: Annotated[int, described("Tasks of high priority that wait for a slot.")]
    waiting_low: Annotated[int, described("Tasks of low priority that wait for a slot.")]
    bytes_day: Annotated[int, described("Bytes that were moved since `day_since`.")]
    bytes_week: Annotated[int, described("Bytes that were moved since `week_since`.")]
    block: Annotated[BlockView | None, described("Why new submits are refused; `null` where they are taken.")]


class UsersView(Struct, frozen=True):
    """The users that one look finds."""

    users: Sequence[UserView]
    incomplete: Annotated[bool, described("Whether there may be more users with live tasks or blocks.")]
    day_since: Annotated[datetime, described("24 to 30 hours ago: bytes are added up by quarters of a day.")]
    week_since: Annotated[datetime, described("7 days to 7 days and 6 hours ago.")]
