"""Bugs in what becomes of work: outcomes, retries, cancels, hand-back."""

from __future__ import annotations

from contextlib import AbstractContextManager, suppress
from datetime import datetime
from functools import partial
from typing import Any

from application import notifying
from application.bookkeeping import Bookkeeping
from application.happenings import outcome_of
from application.held_task import HeldTask
from domain.execution import Failed
from domain.ports import StoreUnavailable
from domain.retry import RetryPolicy
from domain.task import Task
from domain.values import TaskStatus
from tests.simulation.mutations.patching import replaced, wrapped


def outcomes_are_dropped() -> AbstractContextManager[None]:
    """An outcome is written once; where the store is away just then, it is forgotten."""

    def wrap(change: Any) -> Any:
        async def once(self: HeldTask, rule: Any) -> None:
            if not isinstance(rule, partial) or outcome_of(rule.args[-1]) is None:
                await change(self, rule)
                return
            with suppress(StoreUnavailable):
                self._stands(await self._tools.ledger.change(self._snapshot, rule))

        return once

    return wrapped(HeldTask, "change", wrap)


def attempts_stay_open() -> AbstractContextManager[None]:
    """A task goes back to the queue with its attempt still open."""
    return replaced(Task, "_close_attempt", lambda self, outcome, at: self.attempts)


def cancels_end_at_once() -> AbstractContextManager[None]:
    """A cancel ends a task whose work goes on."""

    def wrap(request: Any) -> Any:
        def at_once(self: Task, at: datetime, *words: str) -> Task:
            asked: Task = request(self, at, *words)
            if asked.status is not TaskStatus.CANCEL_REQUESTED:
                return asked
            return asked._end(TaskStatus.CANCELLED, "Cancelled", at)

        return at_once

    return wrapped(Task, "request_cancel", wrap)


def failures_are_all_final() -> AbstractContextManager[None]:
    """A retry that is left is not made use of, and the task is handed back without its pause."""

    def at_once(self: Task, token: Any, reason: str, retry_at: datetime, at: datetime) -> Task:
        return self.hand_back(token, at, reason)

    return replaced(Task, "retry_later", at_once)


def users_mistakes_are_retried() -> AbstractContextManager[None]:
    """A failure that cannot pass is tried again for ever."""

    def wrap(fail: Any) -> Any:
        def retry(self: Bookkeeping, task: Task, failed: Failed, at: datetime) -> Task:
            done: Task = fail(self, task, Failed(failed.reason, transient=True, result=failed.result), at)
            return done

        return retry

    return wrapped(Bookkeeping, "_fail", wrap)


def retries_never_end() -> AbstractContextManager[None]:
    """Failures are not counted."""

    def wrap(delay: Any) -> Any:
        return lambda self, failures, jitter: delay(self, 1, jitter)

    return wrapped(RetryPolicy, "delay", wrap)


def refused_tasks_are_not_told() -> AbstractContextManager[None]:
    """A task that is born ended leaves no word of it."""

    def wrap(is_news: Any) -> Any:
        return lambda before, after: before is not None and is_news(before, after)

    return wrapped(notifying, "has_ended_anew", wrap)
