"""What the happenings of an attempt make of its task."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from application.happenings import Happening, Started, outcome_of
from application.held_task import HeldTask
from application.tools import Tools
from domain.errors import StaleLease
from domain.execution import Failed, LeaseLapsed, Report, Stopped, Succeeded
from domain.ports import Snapshot
from domain.retry import lose_work
from domain.task import OWNER_LOST, Task
from domain.values import TaskResult, TaskStatus

NOT_RENEWED = "the scheduler could not renew its lease in time"


class Bookkeeping:
    """The rules by which an owner writes about the work, for :meth:`application.ledger.Ledger.change`.

    Each of them may be applied again to its own outcome, for the answer of a commit may get lost. All of them raise
    StaleLease where the task is no longer under the lease.
    """

    def __init__(self, held: HeldTask, tools: Tools) -> None:
        self._held = held
        self._executor = tools.executor
        self._entropy = tools.entropy
        self._retry = tools.config.retry
        self.saw_cancel = False
        """Whether a cancel was seen, which a fail-over of the store may have lost since."""
        self.leaves_because = ""
        """Why this process lets go of the task, where it does."""

    def open(self, snapshot: Snapshot, at: datetime) -> Task:
        """Open the attempt, unless there is a reason not to begin."""
        task = _held(snapshot)
        if task.status is TaskStatus.CANCEL_REQUESTED:
            return task.confirm_cancel(self._held.token, at)
        if task.status is TaskStatus.DISPATCHING:
            return task  # written before, though the answer got lost
        if self.leaves_because:
            return task.hand_back(self._held.token, at, self.leaves_because)
        return task.dispatch(self._held.token, at)

    def write(self, batch: Sequence[Happening], snapshot: Snapshot, at: datetime) -> Task:
        """Write down what happened."""
        task = _held(snapshot)
        if outcome_of(batch) is not None and self._has_ended(task):
            return task  # written before, though the answer got lost
        if self.saw_cancel and task.is_attempted and task.is_held_under(self._held.token):
            task = task.request_cancel(at)
        for happening in batch:
            task = self._apply(task, happening, at)
        return task

    def _has_ended(self, task: Task) -> bool:
        """Whether we have closed our attempt. Where its owner was lost, somebody else's word has closed it."""
        number, owner = self._held.task.attempt, self._held.lease.owner
        for each in reversed(task.attempts):
            if each.number == number and each.owner == owner:
                return each.ended_at is not None and each.outcome != OWNER_LOST
        return False

    def _apply(self, task: Task, happening: Happening, at: datetime) -> Task:
        token = self._held.token
        match happening:
            case Started(job):
                written = task.status is TaskStatus.RUNNING and task.active_jobs == (job,)
                return task if written else task.start(token, job, at)
            case Report(progress, result):
                return task.report(token, at, progress, result)
            case Succeeded(result):
                return task.complete(token, result, at)
            case Failed():
                return self._fail(task, happening, at)
            case Stopped(result):
                return self._stop(task, result, at)
            case LeaseLapsed(result):
                is_repeatable = self._executor.is_repeatable(task.service)
                return lose_work(task, token, NOT_RENEWED, at, is_repeatable=is_repeatable, result=result)

    def _fail(self, task: Task, failed: Failed, at: datetime) -> Task:
        token, reason = self._held.token, failed.reason
        if failed.transient and task.status is not TaskStatus.CANCEL_REQUESTED:
            delay = self._retry.delay(task.failures + 1, self._entropy.jitter())
            if delay is not None:
                return task.retry_later(token, reason, at + delay, at)
            reason = f"{reason} (given up after {task.failures + 1} attempts)"
        return task.fail(token, reason, at, failed.result)

    def _stop(self, task: Task, result: TaskResult | None, at: datetime) -> Task:
        token = self._held.token
        if task.status is TaskStatus.CANCEL_REQUESTED:
            return task.confirm_cancel(token, at, result)
        reason = self.leaves_because or "its work was stopped"
        if task.is_attempted and not self._executor.is_repeatable(task.service):
            return task.fail(token, f"{reason}, and {task.service} may not be repeated", at, result)
        return task.hand_back(token, at, reason)


def _held(snapshot: Snapshot) -> Task:
    """Return the ledger's task; none at all is as good as another owner's."""
    if snapshot.task is None:
        raise StaleLease(snapshot.task_id)
    return snapshot.task
