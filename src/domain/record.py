"""The shared record at ``task:{task_id}`` (contract §2), as far as the scheduler reads it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from domain.values import Incarnation, Parameters, Priority, TaskResult, TaskStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A record in memory. Times stay text, so that what we don't change is written back as it was.

    ``status`` is a plain string: a client may have written one that no lifecycle knows. ``extra`` and
    ``result_extra`` hold the fields that we don't know; nobody here looks into them.
    """

    task_id: str
    service: str
    user_id: str
    status: str
    parameters: Parameters = field(default_factory=dict)
    active_jobs: tuple[str, ...] = ()
    created_at: str = ""
    updated_at: str = ""
    logs: tuple[str, ...] = ()
    result: TaskResult = TaskResult()
    priority: Priority = Priority.LOW
    extra: Mapping[str, object] = field(default_factory=dict)
    result_extra: Mapping[str, object] = field(default_factory=dict)

    @property
    def incarnation(self) -> Incarnation:
        """Which task this record describes."""
        return Incarnation(self.service, self.user_id, self.created_at)

    @property
    def is_terminal(self) -> bool:
        """Whether the record says that the task has ended."""
        return self.status in (TaskStatus.COMPLETED, TaskStatus.FAILED, TaskStatus.CANCELLED)
