"""The use case of an operator's retry."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from application.ledger import Ledger
from domain.errors import InvalidRequest, NotRegistered, NotRetryable, NotSubmitted
from domain.operators import Decision
from domain.ports import Executor, Snapshot
from domain.task import Task
from domain.values import TaskStatus, valid_task_id


@dataclass(frozen=True, slots=True, eq=False)
class Retry:
    """One operator's wish to run a task again. Repeating the same one runs it once."""

    task_id: str
    by: Decision
    tried: set[str] = field(default_factory=set)
    """The log lines by which it was to be granted: one of them stands where it was, though the answer got lost.

    No clock could tell that, for those of two replicas differ, and another operator may have said the same words.
    """

    @property
    def message(self) -> str:
        """What the task's log says of it."""
        return f"Retried {self.by.words}"


class RetryTask:
    """Run a failed or cancelled task again: the same record, a new generation, behind all that waits.

    Blocks and the bound on what waits are for users' submits; an operator passes them. A task that cannot be run as
    registered ends ``failed`` with the reason, as a submit of it would.
    """

    def __init__(self, ledger: Ledger, executor: Executor) -> None:
        self._ledger = ledger
        self._executor = executor

    async def __call__(self, retry: Retry) -> Task:
        """Return the task, waiting.

        Raises:
            InvalidTaskId, NotRegistered, NotSubmitted, MalformedRecord, NotRetryable: nothing changed.
            InvalidRequest: the record now says ``failed``, and why.
            StoreUnavailable: it is not known whether the task waits now; repeating the same ``retry`` is safe.
        """
        valid_task_id(retry.task_id)
        snapshot = await self._ledger.change(retry.task_id, lambda snapshot, at: self._retried(retry, snapshot, at))
        task = snapshot.task
        assert task is not None
        self._executor.check(task.service, task.parameters)  # what it refuses has ended so
        return task

    def _retried(self, retry: Retry, snapshot: Snapshot, at: datetime) -> Task:
        task = _own_task(retry, snapshot)
        if not retry.tried.isdisjoint(task.lines):
            return task  # this very wish was granted before, and the answer got lost
        if task.status not in (TaskStatus.FAILED, TaskStatus.CANCELLED):
            raise NotRetryable(task.task_id, task.status, ended=task.is_terminal)
        retried = self._opened(retry, task, at)
        retry.tried.update(set(retried.lines) - set(task.lines))
        return retried

    def _opened(self, retry: Retry, task: Task, at: datetime) -> Task:
        try:
            self._executor.check(task.service, task.parameters)
        except InvalidRequest as refusal:
            return task.refuse_retry(str(refusal), at, retry.message)
        return task.reopen(at, retry.message)


def _own_task(retry: Retry, snapshot: Snapshot) -> Task:
    snapshot.check_readable()
    if snapshot.record is None:
        raise NotRegistered(retry.task_id)
    if snapshot.own_task is None:
        raise NotSubmitted(retry.task_id)
    # A generation begins behind all that is known, and the record may tell of more: a cancel of just now, by a clock
    # that is ahead of ours, would otherwise reach it.
    return snapshot.own_task.learn(snapshot.record.logs)
