"""Bugs in retries, and in what keeps generations apart."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Any

from application import cancel, retry
from application.retry import Retry, RetryTask
from domain import reconcile
from domain.task import Task
from tests.simulation.mutations.patching import replaced, wrapped


def retries_keep_the_generation() -> AbstractContextManager[None]:
    """A retried task is still at the generation that has ended."""

    def wrap(reopen: Any) -> Any:
        return lambda self, *rest: replace(reopen(self, *rest), generation=self.generation)

    return wrapped(Task, "reopen", wrap)


def retries_keep_failures() -> AbstractContextManager[None]:
    """A new generation has failed as often as the one before."""

    def wrap(reopen: Any) -> Any:
        return lambda self, *rest: replace(reopen(self, *rest), failures=self.failures)

    return wrapped(Task, "reopen", wrap)


def retries_of_anything_that_ended() -> AbstractContextManager[None]:
    """A task that has done its work is run again too."""

    def wrap(retried: Any) -> Any:
        def anything(self: RetryTask, wish: Retry, snapshot: Any, at: Any) -> Task:
            task = snapshot.own_task
            is_done = task is not None and task.status == "completed"
            found = replace(snapshot, task=replace(task, status="failed")) if is_done else snapshot
            result: Task = retried(self, wish, found, at)
            return result

        return anything

    return wrapped(RetryTask, "_retried", wrap)


def lost_answers_are_retried() -> AbstractContextManager[None]:
    """A retry whose answer got lost runs the task once more, should it have ended again by then."""

    def wrap(retried: Any) -> Any:
        return lambda self, wish, *rest: retried(self, Retry(wish.task_id, wish.by), *rest)

    return wrapped(RetryTask, "_retried", wrap)


def retries_are_told_by_their_words() -> AbstractContextManager[None]:
    """A retry counts as granted where one with the same words was."""

    def wrap(retried: Any) -> Any:
        def by_words(self: RetryTask, wish: Retry, snapshot: Any, at: Any) -> Task:
            task = snapshot.own_task
            if task is not None and any(line.endswith(f",{wish.message}") for line in task.lines):
                return task  # type: ignore[no-any-return]
            result: Task = retried(self, wish, snapshot, at)
            return result

        return by_words

    return wrapped(RetryTask, "_retried", wrap)


def generations_begin_before_what_is_known() -> AbstractContextManager[None]:
    """What only the record tells is not looked at when a generation begins."""

    def wrap(own_task: Any) -> Any:
        def unread(wish: Retry, snapshot: Any) -> Any:
            own_task(wish, snapshot)
            return snapshot.own_task

        return unread

    return wrapped(retry, "_own_task", wrap)


def late_words_reach_later_generations() -> AbstractContextManager[None]:
    """A record that says `cancelled` ends a generation that began after that was said."""
    return replaced(reconcile, "is_cancelled_at_frontend", lambda task, record: True)


def kept_cancels_reach_later_generations() -> AbstractContextManager[None]:
    """A cancel that waited for the store ends a generation that began meanwhile."""
    return replaced(cancel, "_was_meant_for_an_earlier_generation", lambda request, task, record: False)
