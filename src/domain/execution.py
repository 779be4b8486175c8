"""What passes between the scheduler and an executor: the work order, what is told of it, and how it ends."""

from __future__ import annotations

from dataclasses import dataclass

from domain.task import Task
from domain.values import Incarnation, Parameters, Priority, Progress, TaskResult


@dataclass(frozen=True, slots=True)
class WorkOrder:
    """One attempt at a task's work: all that an executor may know of it."""

    task_id: str
    attempt: int
    service: str
    user_id: str
    parameters: Parameters
    priority: Priority
    created_at: str = ""
    """When the task was registered, in the record's own words: an id may come to stand for another task."""

    @property
    def name(self) -> str:
        """A name for the workload that is the same wherever and whenever it is derived."""
        return f"dms-{self.task_id}-{self.attempt}"

    @property
    def incarnation(self) -> Incarnation:
        """Which task the id stands for."""
        return Incarnation(self.service, self.user_id, self.created_at)


@dataclass(frozen=True, slots=True)
class Report:
    """The work goes on. ``None`` means that there is nothing new to say."""

    progress: Progress | None = None
    result: TaskResult | None = None


@dataclass(frozen=True, slots=True)
class Succeeded:
    """The work is done."""

    result: TaskResult


@dataclass(frozen=True, slots=True)
class Failed:
    """The work ended without success."""

    reason: str
    """In plain words for the user, on one line."""
    transient: bool = False
    """Whether trying again may help: not for a user's mistake such as a missing path."""
    result: TaskResult | None = None


@dataclass(frozen=True, slots=True)
class Stopped:
    """The work was stopped before its end, as asked."""

    result: TaskResult | None = None


@dataclass(frozen=True, slots=True)
class LeaseLapsed:
    """The work was stopped before its end because its lease was not renewed in time: no failure of its own."""

    result: TaskResult | None = None


@dataclass(frozen=True, slots=True)
class FoundWork:
    """Work that was found where it is done, whoever started it."""

    name: str
    task_id: str
    attempt: int
    incarnation: Incarnation


Outcome = Succeeded | Failed | Stopped | LeaseLapsed


def work_order(task: Task) -> WorkOrder:
    """Return the order for the task's present attempt."""
    return WorkOrder(
        task.task_id,
        task.attempt,
        task.service,
        task.user_id,
        task.parameters,
        task.priority,
        task.incarnation.created_at,
    )
