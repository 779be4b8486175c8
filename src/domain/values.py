"""Small values that a task is made of: status, priority, identity, lease, attempt, result, progress."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from domain.errors import InvalidTaskId
from domain.instants import utc_instant

TASK_ID = re.compile(r"(?:0|[1-9][0-9]{0,19})\Z")

Parameters = Mapping[str, object]
"""The request's free-form parameters: a JSON object, never changed by the scheduler."""


def valid_task_id(text: str) -> str:
    """Return ``text`` if it has the form of a frontend id ("1", "2", …), else raise :class:`InvalidTaskId`.

    Keys such as ``task:id:sequence`` share the records' prefix (contract §1), so nothing else may pass.
    """
    if not TASK_ID.match(text):
        raise InvalidTaskId
    return text


class TaskStatus(StrEnum):
    """The statuses of the contract (§2); the lifecycle between them is :class:`domain.task.Task`'s."""

    PENDING = "pending"
    DISPATCHING = "dispatching"
    RUNNING = "running"
    CANCEL_REQUESTED = "cancel_requested"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def is_terminal(self) -> bool:
        """Whether a task with this status moves only by an operator's retry."""
        return self in TERMINAL


TERMINAL = frozenset({TaskStatus.COMPLETED, TaskStatus.FAILED, TaskStatus.CANCELLED})


class Priority(StrEnum):
    """``low`` waits for ``high`` by design."""

    HIGH = "high"
    LOW = "low"


class Identity(Protocol):
    """What tells one task from another: an incarnation, and whatever has the same three fields, such as a record."""

    @property
    def service(self) -> str: ...

    @property
    def user_id(self) -> str: ...

    @property
    def created_at(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Incarnation:
    """Which task an id stands for: ids are used again after the frontend's counter goes back (contract §1)."""

    service: str
    user_id: str
    created_at: str
    """The record's own text; two texts name the same task when they are the same instant."""

    def is_same_as(self, other: Identity) -> bool:
        """Compare as instants where both texts hold one (offsets may differ), else as text."""
        if self is other:
            return True
        if self.service != other.service or self.user_id != other.user_id:
            return False
        if self.created_at == other.created_at:
            return True
        mine, theirs = utc_instant(self.created_at), utc_instant(other.created_at)
        return mine is not None and mine == theirs

    def is_later_than(self, other: Incarnation) -> bool:
        """Whether the id came to stand for this task after it stood for ``other``, as far as their texts tell."""
        mine, theirs = utc_instant(self.created_at), utc_instant(other.created_at)
        return mine is not None and theirs is not None and mine > theirs


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to work on a task. Its token changes with every claim and take-over (design §4).

    When a lease expires is known to the store alone, by one server's clock.
    """

    owner: str
    epoch: int
    nonce: str

    @property
    def token(self) -> tuple[int, str]:
        """The fencing token, compared for equality."""
        return self.epoch, self.nonce


@dataclass(frozen=True, slots=True)
class Attempt:
    """One run of the work. Numbers go up over generations too, so an attempt names one workload for ever."""

    number: int
    generation: int
    owner: str
    started_at: datetime
    ended_at: datetime | None = None
    outcome: str = ""
    """Empty while at work, else ``completed``, ``cancelled``, ``handed back``, ``owner lost`` or
    ``failed: <reason>``."""


@dataclass(frozen=True, slots=True)
class TaskResult:
    """What the frontend shows of the work: free text for people, or ``None`` while there is nothing to say."""

    pod_status: str | None = None
    launcher_output: str | None = None


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the mover got. Totals are 0 while the mover is still counting; ``eta_s`` is None when unknown."""

    bytes_done: int = 0
    bytes_total: int = 0
    files_done: int = 0
    files_total: int = 0
    rate_bps: float = 0.0
    """Bytes per second."""
    eta_s: float | None = None
    """Seconds."""

    def describe(self) -> str:
        """One line for a person, such as ``1234 of 5000 bytes, 3 of 10 files``."""
        return f"{self.bytes_done} of {self.bytes_total} bytes, {self.files_done} of {self.files_total} files"
