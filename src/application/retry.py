"""The use case of an operator's retry."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from application.ledger import Ledger
from domain.errors import InvalidRequest, NotRegistered, NotRetryable, NotSubmitted
from domain.instants import as_utc
from domain.logs import line_instant
from domain.operators import Decision
from domain.ports import Executor, Snapshot
from domain.task import Task
from domain.values import TaskStatus, valid_task_id


@dataclass(frozen=True, slots=True)
class Retry:
    """One operator's wish to run a task again. Repeating the same one runs it once."""

    task_id: str
    by: Decision
    asked_at: datetime

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
        if any(_is_word_of(retry, line) for line in task.lines):
            return task  # this very wish was granted before, and the answer got lost
        if task.status not in (TaskStatus.FAILED, TaskStatus.CANCELLED):
            raise NotRetryable(task.task_id, task.status, ended=task.is_terminal)
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
    return snapshot.own_task


def _is_word_of(retry: Retry, line: str) -> bool:
    moment = line_instant(line)
    return moment is not None and as_utc(moment) >= as_utc(retry.asked_at) and line.partition(",")[2] == retry.message
