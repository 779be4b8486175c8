"""The ledger's task and its lifecycle (design §2): the only code that may set a status.

Each transition is a pure method: it takes the moment as an argument, returns a new task, and raises a typed error
where the lifecycle has no such step. A method that takes a ``token`` may be called only by the task's present owner.

.. code-block:: text

     pending ──► dispatching ──► running ──► completed
        ▲  │          │             ├──────► failed ◄── (also from pending, dispatching)
        │  │          │             │
        └──┼──────────┴─────────────┘  retry (not before retry_at) or hand-back
           └──────────┴─────────────┴──► cancel_requested ──► cancelled
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from domain.copying import changed
from domain.errors import IllegalTransition, StaleLease, TaskEnded
from domain.instants import later
from domain.logs import format_line, line_instant, merge_lines, next_instant
from domain.record import Record
from domain.values import (
    TERMINAL,
    Attempt,
    Incarnation,
    Lease,
    Parameters,
    Priority,
    Progress,
    TaskResult,
    TaskStatus,
)

ATTEMPTS_KEPT = 20
"""How many of a task's latest attempts the ledger remembers, so that its size is bounded."""

OWNER_LOST = "owner lost"
"""The outcome of an attempt whose scheduler died or was cut off."""

HANDED_BACK = "handed back"
"""The outcome of an attempt whose owner let go of the task, such as at a shutdown."""

Token = tuple[int, str]


def priority_words(priority: Priority) -> str:
    """Return what the log says when an operator has given a task this priority."""
    return f"Priority changed to {priority}"


_AT_WORK = (TaskStatus.DISPATCHING, TaskStatus.RUNNING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """What we accepted, decided and did. Times are aware datetimes in the zone in which lines are written."""

    task_id: str
    incarnation: Incarnation
    parameters: Parameters = field(default_factory=dict)
    status: TaskStatus = TaskStatus.PENDING
    priority: Priority = Priority.LOW
    accepted_at: datetime
    updated_at: datetime
    generation: int = 1
    """Goes up with every operator's retry."""
    generation_at: datetime
    """When this generation began: behind all that was known by then, so what was asked before cannot touch it."""
    failures: int = 0
    """Transient failures of this generation."""
    retry_at: datetime | None = None
    """A waiting task with a ``retry_at`` may not be claimed before that moment."""
    lease: Lease | None = None
    attempts: tuple[Attempt, ...] = ()
    lines: tuple[str, ...] = ()
    """Our own log lines and every foreign one that a read of the write endpoint has shown us."""
    last_line_at: datetime | None = None
    result: TaskResult = TaskResult()
    active_jobs: tuple[str, ...] = ()
    progress: Progress | None = None
    order: int = 0
    """Place in the queue, given by the store at acceptance and kept over retries; 0 until then."""
    record_lost: bool = False
    """Whether the record was lost in a fail-over of the store: its absence is no deletion by the user then."""
    traceparent: str | None = None
    """The trace that the task belongs to (:mod:`domain.traces`), where whoever submitted it told one."""

    # --- birth -------------------------------------------------------------------------------------------------

    @classmethod
    def accept(
        cls, record: Record, at: datetime, message: str = "Accepted by scheduler", traceparent: str | None = None
    ) -> Task:
        """The record's task, pending. The ledger owns the priority from here on (design §4)."""
        return cls(
            task_id=record.task_id,
            incarnation=record.incarnation,
            parameters=record.parameters,
            priority=record.priority,
            accepted_at=at,
            updated_at=at,
            generation_at=at,
            lines=(format_line(at, message),),
            last_line_at=at,
            traceparent=traceparent,
        )

    @classmethod
    def refuse(cls, record: Record, reason: str, at: datetime, traceparent: str | None = None) -> Task:
        """A task that cannot be run as registered: born ``failed``, for the frontend would leave it hanging."""
        born = cls.accept(record, at, "Received by scheduler", traceparent)
        return born._end(TaskStatus.FAILED, f"Refused: {reason}", at)

    @classmethod
    def cancel_unsubmitted(
        cls, record: Record, at: datetime, message: str = "Cancellation received before the submission"
    ) -> Task:
        """A cancel that overtook its submit: born ``cancelled``, so the submit that comes later runs nothing."""
        born = cls.accept(record, at, message)
        return born._end(TaskStatus.CANCELLED, "Cancelled before it was submitted", at)

    # --- questions ---------------------------------------------------------------------------------------------

    @property
    def service(self) -> str:
        """The service that the work belongs to."""
        return self.incarnation.service

    @property
    def user_id(self) -> str:
        """The user on whose behalf the work is done."""
        return self.incarnation.user_id

    @property
    def is_terminal(self) -> bool:
        """Whether only an operator's retry moves the task."""
        return self.status in TERMINAL

    @property
    def is_waiting(self) -> bool:
        """Whether the task waits for a claim: it is pending and nobody holds it."""
        return self.status is TaskStatus.PENDING and self.lease is None

    @property
    def attempt(self) -> int:
        """The number of the latest attempt, 0 before the first."""
        return self.attempts[-1].number if self.attempts else 0

    @property
    def is_attempted(self) -> bool:
        """Whether an attempt is open: the executor was asked, and how it ended is not known yet."""
        return bool(self.attempts) and self.attempts[-1].ended_at is None

    @property
    def owners_lost(self) -> int:
        """How many of this generation's attempts (of those remembered) ended because their scheduler was lost."""
        return sum(each.generation == self.generation and each.outcome == OWNER_LOST for each in self.attempts)

    @property
    def saw_cancel(self) -> bool:
        """Whether this generation was asked to stop."""
        return self.status in (TaskStatus.CANCEL_REQUESTED, TaskStatus.CANCELLED)

    # --- claim, dispatch, run ----------------------------------------------------------------------------------

    def claim(self, lease: Lease) -> Task:
        """A dispatcher takes a waiting task; nothing that a user can see has happened yet."""
        if not self.is_waiting:
            raise self._illegal("claim")
        return changed(self, lease=lease, retry_at=None)

    def take_over(self, lease: Lease) -> Task:
        """Another owner takes the task after the lease expired; the attempt stays what it was."""
        if self.is_terminal or self.lease is None:
            raise self._illegal("take over")
        return changed(self, lease=lease)

    def dispatch(self, token: Token, at: datetime) -> Task:
        """The owner opens a new attempt and is about to ask the executor."""
        self._fence(token)
        if self.status is not TaskStatus.PENDING:
            raise self._illegal("dispatch")
        assert self.lease is not None
        attempt = Attempt(self.attempt + 1, self.generation, self.lease.owner, at)
        attempts = (*self.attempts, attempt)[-ATTEMPTS_KEPT:]
        message = f"Dispatching attempt {attempt.number} to the executor"
        return self._log(at, message, status=TaskStatus.DISPATCHING, attempts=attempts, progress=None)

    def start(self, token: Token, job: str, at: datetime) -> Task:
        """The executor confirmed: the workload named ``job`` is at work."""
        self._fence(token)
        if self.status is TaskStatus.CANCEL_REQUESTED and self.is_attempted:
            return changed(self, active_jobs=(job,), updated_at=later(at, self.updated_at))
        if self.status is not TaskStatus.DISPATCHING:
            raise self._illegal("start")
        return self._log(at, f"Running as {job}", status=TaskStatus.RUNNING, active_jobs=(job,))

    def report(self, token: Token, at: datetime, progress: Progress | None, result: TaskResult | None) -> Task:
        """The executor tells how far the work is. ``None`` leaves what was known."""
        self._fence(token)
        if not self.is_attempted:
            raise self._illegal("report on")
        return changed(
            self,
            progress=progress or self.progress,
            result=result or self.result,
            updated_at=later(at, self.updated_at),
        )

    # --- the ends ----------------------------------------------------------------------------------------------

    def complete(self, token: Token, result: TaskResult, at: datetime) -> Task:
        """The work is done; so is a task whose work finished before its cancel could stop it."""
        self._fence(token)
        if self.status not in (TaskStatus.RUNNING, TaskStatus.CANCEL_REQUESTED) or not self.is_attempted:
            raise self._illegal("complete")
        return self._end(TaskStatus.COMPLETED, "Completed", at, "completed", result=result)

    def fail(self, token: Token, reason: str, at: datetime, result: TaskResult | None = None) -> Task:
        """The work failed for good. A task that was asked to stop ends ``cancelled`` all the same."""
        self._fence(token)
        told = result or self.result
        if self.status is TaskStatus.CANCEL_REQUESTED:
            message = f"Cancelled; the work had failed: {reason}"
            return self._end(TaskStatus.CANCELLED, message, at, "cancelled", result=told)
        if self.status not in (TaskStatus.PENDING, *_AT_WORK):
            raise self._illegal("fail")
        return self._end(TaskStatus.FAILED, f"Failed: {reason}", at, f"failed: {reason}", result=told)

    def request_cancel(self, at: datetime, message: str = "Cancellation requested") -> Task:
        """A user or an operator wants the task stopped. One that is not at work ends at once."""
        if self.is_terminal:
            raise TaskEnded(self.task_id, "cancel", self.status)
        if self.status is TaskStatus.CANCEL_REQUESTED:
            return self
        if self.lease is None:
            return self._log(at, message)._end(TaskStatus.CANCELLED, "Cancelled while it waited", at)
        return self._log(at, message, status=TaskStatus.CANCEL_REQUESTED)

    def confirm_cancel(self, token: Token, at: datetime, result: TaskResult | None = None) -> Task:
        """The owner has stopped the work."""
        self._fence(token)
        if self.status is not TaskStatus.CANCEL_REQUESTED:
            raise self._illegal("confirm the cancel of")
        far = f" after {self.progress.describe()}" if self.progress else ""
        told = result or self.result
        return self._end(TaskStatus.CANCELLED, f"Cancelled{far}", at, "cancelled", result=told)

    # --- back to the queue -------------------------------------------------------------------------------------

    def retry_later(self, token: Token, reason: str, retry_at: datetime, at: datetime) -> Task:
        """A transient failure: the task waits again, and no attempt starts before ``retry_at``."""
        self._fence(token)
        if self.status not in _AT_WORK:
            raise self._illegal("retry")
        when = retry_at.isoformat(timespec="seconds")
        message = f"Attempt {self.attempt} failed, the next starts not before {when}: {reason}"
        return self._release(message, at, f"failed: {reason}", failures=self.failures + 1, retry_at=retry_at)

    def hand_back(self, token: Token, at: datetime, reason: str) -> Task:
        """The owner stops work that it cannot take along (shutdown) and keeps the task's place in the queue."""
        self._fence(token)
        if self.status not in (TaskStatus.PENDING, *_AT_WORK):
            raise self._illegal("hand back")
        return self._release(f"Handed back to the queue: {reason}", at, HANDED_BACK)

    def lose_owner(self, token: Token, at: datetime, reason: str) -> Task:
        """Whoever took the task over gives it back to the queue, because its owner and the work are gone."""
        self._fence(token)
        if self.status not in (TaskStatus.PENDING, *_AT_WORK):
            raise self._illegal("give back")
        return self._release(f"Handed back to the queue: {reason}", at, OWNER_LOST)

    def reopen(self, at: datetime, message: str = "Retried by an operator") -> Task:
        """An operator runs a failed or cancelled task again: a new generation, which no older word can move."""
        if self.status not in (TaskStatus.FAILED, TaskStatus.CANCELLED):
            raise self._illegal("reopen")
        begun = self._log(
            at,
            message,
            status=TaskStatus.PENDING,
            generation=self.generation + 1,
            failures=0,
            retry_at=None,
            result=TaskResult(),
            progress=None,
            order=0,
        )
        return changed(begun, generation_at=max(filter(None, map(line_instant, begun.lines))))

    def refuse_retry(self, reason: str, at: datetime, message: str = "Retried by an operator") -> Task:
        """An operator wants a task again that cannot be run as registered: it ends ``failed``, as a submit would."""
        begun = changed(self.reopen(at, message), order=self.order)
        return begun._end(TaskStatus.FAILED, f"Refused: {reason}", at)

    def change_priority(self, priority: Priority, at: datetime) -> Task:
        """An operator moves the task; running work goes on."""
        if self.is_terminal:
            raise TaskEnded(self.task_id, "change the priority", self.status)
        if priority is self.priority:
            return self
        return self._log(at, priority_words(priority), priority=priority)

    def lose_record(self, at: datetime) -> Task:
        """The store lost the record in a fail-over: the task goes on, and no record is created again (design §5)."""
        if self.record_lost:
            return self
        return self._log(at, "Its record was lost in a fail-over of the store", record_lost=True)

    def find_record(self) -> Task:
        """The record is there: from now on its absence is a deletion."""
        return changed(self, record_lost=False) if self.record_lost else self

    def learn(self, lines: tuple[str, ...]) -> Task:
        """Keep foreign log lines that a read of the record has shown."""
        merged = merge_lines(self.lines, lines)
        return self if merged == self.lines else changed(self, lines=merged)

    # --- shared steps ------------------------------------------------------------------------------------------

    def is_held_under(self, token: Token) -> bool:
        """Whether whoever has this fencing token owns the task."""
        return self.lease is not None and self.lease.token == token

    def _fence(self, token: Token) -> None:
        if not self.is_held_under(token):
            raise StaleLease(self.task_id)

    def _illegal(self, action: str) -> IllegalTransition:
        kind = TaskEnded if self.is_terminal else IllegalTransition
        return kind(self.task_id, action, self.status)

    def _log(self, at: datetime, message: str, **changes: Any) -> Task:
        """Change what is named in ``changes``, and say so."""
        moment = next_instant(at, self.last_line_at)
        lines = (*self.lines, format_line(moment, message))
        updated_at = later(moment, self.updated_at)
        return changed(self, lines=lines, last_line_at=moment, updated_at=updated_at, **changes)

    def _close_attempt(self, outcome: str, at: datetime) -> tuple[Attempt, ...]:
        if not self.is_attempted:
            return self.attempts
        return (*self.attempts[:-1], changed(self.attempts[-1], ended_at=at, outcome=outcome))

    def _end(self, status: TaskStatus, message: str, at: datetime, outcome: str = "", **changes: Any) -> Task:
        over = {"lease": None, "retry_at": None, "active_jobs": (), "attempts": self._close_attempt(outcome, at)}
        return self._log(at, message, status=status, **over, **changes)

    def _release(self, message: str, at: datetime, outcome: str, **changes: Any) -> Task:
        free = {"lease": None, "active_jobs": (), "attempts": self._close_attempt(outcome, at)}
        return self._log(at, message, status=TaskStatus.PENDING, **free, **changes)
