"""What happened to a task, told from its log lines and from what operators did about it.

The lines are those of :class:`domain.task.Task`'s steps (docs/state-machine.md). A line that somebody else has written
in our very words cannot be told from one of ours: what decides is the ledger, never its events.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from domain.audit import AuditEvent
from domain.instants import as_utc
from domain.logs import line_instant
from domain.reconcile import FRONTEND_CANCEL_MESSAGE
from domain.task import Task
from domain.values import TaskStatus


class EventKind(StrEnum):
    """What can happen to a task."""

    ACCEPTED = "accepted"
    DISPATCHED = "dispatched"
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCEL_REQUESTED = "cancel_requested"
    CANCELLED = "cancelled"
    RETRY_LATER = "retry_later"
    HANDED_BACK = "handed_back"
    RETRIED = "retried"
    PRIORITY = "priority"
    RECORD_LOST = "record_lost"
    OPERATOR = "operator"
    """An operator's action, of the audit."""
    OTHER = "other"
    """A line of the frontend's, or of somebody else's."""


STATUS_AFTER = {
    EventKind.ACCEPTED: TaskStatus.PENDING,
    EventKind.DISPATCHED: TaskStatus.DISPATCHING,
    EventKind.RUNNING: TaskStatus.RUNNING,
    EventKind.COMPLETED: TaskStatus.COMPLETED,
    EventKind.FAILED: TaskStatus.FAILED,
    EventKind.CANCEL_REQUESTED: TaskStatus.CANCEL_REQUESTED,
    EventKind.CANCELLED: TaskStatus.CANCELLED,
    EventKind.RETRY_LATER: TaskStatus.PENDING,
    EventKind.HANDED_BACK: TaskStatus.PENDING,
    EventKind.RETRIED: TaskStatus.PENDING,
}
"""The status that a task has after an event, of those that change it."""

_WORDS = (
    (EventKind.ACCEPTED, r"(Accepted|Received) by scheduler\Z|Accepted at the change-over "),
    (EventKind.DISPATCHED, r"Dispatching attempt [0-9]{1,9} to the executor\Z"),
    (EventKind.RUNNING, r"Running as "),
    (EventKind.COMPLETED, r"Completed\Z"),
    (EventKind.FAILED, r"(Failed|Refused): "),
    (EventKind.CANCEL_REQUESTED, r"Cancellation (requested|found in the record|received before the submission)"),
    (EventKind.CANCEL_REQUESTED, r"(Its record was deleted|Its id was given to another task): the work is stopped\Z"),
    (EventKind.CANCELLED, r"Cancelled(?: |;|\Z)"),
    (EventKind.RETRY_LATER, r"Attempt [0-9]+ failed, the next starts not before "),
    (EventKind.HANDED_BACK, r"Handed back to the queue: "),
    (EventKind.RETRIED, r"Retried by (an )?operator(?:[ :]|\Z)"),
    (EventKind.PRIORITY, r"Priority changed to "),
    (EventKind.RECORD_LOST, r"Its record was lost in a fail-over"),
)
_PATTERNS = tuple((kind, re.compile(pattern)) for kind, pattern in _WORDS)


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to a task."""

    at: datetime | None
    """None for a line of somebody else's that names no moment; it then stands behind what it followed."""
    kind: EventKind
    text: str
    """For people: the log's message, or what the operator did."""
    attempt: int
    """The number of the latest attempt by then; 0 before the first."""
    generation: int
    """Goes up with every retry by an operator."""

    @property
    def status(self) -> TaskStatus | None:
        """The status that the task has since; None where the event changes none."""
        return STATUS_AFTER.get(self.kind)


def events_of(task: Task, actions: Sequence[AuditEvent] = ()) -> tuple[Event, ...]:
    """Return all that is known to have happened, in the order of time; of equal times the log's lines come first."""
    return tuple(_numbered(_in_order(task.lines, actions)))


def kind_of(message: str) -> EventKind:
    """Return what a log line tells."""
    if message == FRONTEND_CANCEL_MESSAGE:
        return EventKind.OTHER
    return next((kind for kind, pattern in _PATTERNS if pattern.match(message)), EventKind.OTHER)


def _in_order(lines: Iterable[str], actions: Sequence[AuditEvent]) -> Iterator[str | AuditEvent]:
    waiting = sorted(actions, key=lambda action: as_utc(action.at))
    for line in lines:
        moment = line_instant(line)
        while moment is not None and waiting and as_utc(waiting[0].at) < as_utc(moment):
            yield waiting.pop(0)
        yield line
    yield from waiting


def _numbered(told: Iterable[str | AuditEvent]) -> Iterator[Event]:
    attempt, generation = 0, 1
    for each in told:
        if isinstance(each, AuditEvent):
            yield Event(each.at, EventKind.OPERATOR, _words(each), attempt, generation)
            continue
        moment = line_instant(each)
        message = each if moment is None else each.partition(",")[2]
        kind = EventKind.OTHER if moment is None else kind_of(message)
        if kind is EventKind.DISPATCHED:
            attempt = _attempt(message)
        elif kind is EventKind.RETRIED:
            generation += 1
        yield Event(moment, kind, message, attempt, generation)


def _attempt(message: str) -> int:
    return int(next(word for word in message.split() if word.isdigit()))


def _words(action: AuditEvent) -> str:
    detail = f" {action.detail}" if action.detail else ""
    return f"{action.action}{detail} {action.by.words} ({action.outcome})"
