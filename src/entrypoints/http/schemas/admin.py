"""Bodies of the operators' calls on priority, blocks and the queue."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated

from msgspec import Meta, Struct

from domain.operators import LONGEST_REASON
from domain.values import Priority, TaskStatus
from entrypoints.http.schemas.fields import Cursor, Service, TaskId, UserId, described

Reason = Annotated[
    str,
    Meta(max_length=LONGEST_REASON),
    described("One line for the audit, and for the users whom it concerns.", "the source is being repaired"),
]


class PriorityBody(Struct, frozen=True):
    """Another priority for a task."""

    task_id: TaskId
    priority: Annotated[str, described("`high` goes before `low`.", "high", enum=[*Priority])]
    reason: Reason = ""


class PriorityChanged(Struct, frozen=True):
    """The priority that the task has now."""

    task_id: TaskId
    priority: Priority


class ReasonBody(Struct, frozen=True):
    """Why an operator does something."""

    reason: Reason = ""


class BlockBody(ReasonBody, frozen=True):
    """Why an operator blocks submits, and until when."""

    until: Annotated[
        Annotated[datetime, Meta(tz=True)] | None,
        described("When the block ends by itself; without it an operator must lift it.", "2036-03-12T18:00:00+09:00"),
    ] = None


NO_REASON = ReasonBody()
"""What a call without a body says."""


class Retried(Struct, frozen=True):
    """The task waits again."""

    task_id: TaskId
    generation: Annotated[int, described("Goes up with every retry; nothing of an earlier one moves the task.", 2)]
    status: TaskStatus


class EverybodyBlocked(Struct, frozen=True):
    """Whether submits of everybody are refused now."""

    blocked: bool


class UserBlocked(Struct, frozen=True):
    """Whether submits of one user are refused now."""

    user_id: UserId
    blocked: bool


class BlockView(Struct, frozen=True):
    """What an operator said of a block."""

    reason: Annotated[str, described("Why it was set; empty where nobody said so.", "the disks are full")]
    until: Annotated[datetime | None, described("When it ends by itself; `null` where an operator must lift it.")]


class Blocks(Struct, frozen=True):
    """Which blocks are in force."""

    blocked: Annotated[bool, described("Whether submits of everybody are refused.")]
    users: Annotated[Sequence[str], described("Users whose submits are refused.")]
    cursor: Cursor
    everybody: Annotated[BlockView | None, described("More of the block of everybody; `null` where there is none.")]
    details: Annotated[Mapping[str, BlockView], described("More of the blocks of these users.")]


class Waiting(Struct, frozen=True):
    """How many tasks of a priority and service may be claimed."""

    priority: Priority
    service: Service
    count: int


class Head(Struct, frozen=True):
    """A task that is next in line."""

    task_id: TaskId
    priority: Priority
    service: Service
    user_id: UserId
    running_of_user: Annotated[int, described("Tasks of this user at work now; the user with fewest goes first.")]


class Replica(Struct, frozen=True):
    """The replica that answered."""

    name: Annotated[str, described("What a drain names; the same after a restart.", "node-7")]
    owner: Annotated[str, described("Its name in leases.")]
    slots: Annotated[int, described("Tasks that it runs at once.")]
    at_work: Annotated[Sequence[str], described("Ids of the tasks that it runs now.")]
    draining: Annotated[bool, described("Whether it claims nothing, because an operator drains it.")]


class Queue(Struct, frozen=True):
    """What waits and what is at work, over all replicas."""

    waiting: Sequence[Waiting]
    delayed: Annotated[int, described("Tasks that wait for the time of their retry.")]
    at_work: Annotated[Mapping[str, int], described("Tasks at work, per service.", {"sync": 3})]
    heads: Annotated[Sequence[Head], described("The next in line of each priority and service.")]
    replica: Replica
