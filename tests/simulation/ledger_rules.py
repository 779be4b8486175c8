"""Which changes of a ledger are right: said anew, from the lifecycle of design §2 and the rules on leases of §4."""

from __future__ import annotations

from collections.abc import Iterator

from domain.task import Task
from domain.values import TaskStatus
from tests.simulation.shape import RETRIES

_PENDING, _DISPATCHING, _RUNNING = TaskStatus.PENDING, TaskStatus.DISPATCHING, TaskStatus.RUNNING
_ASKED, _CANCELLED = TaskStatus.CANCEL_REQUESTED, TaskStatus.CANCELLED
_COMPLETED, _FAILED = TaskStatus.COMPLETED, TaskStatus.FAILED

FINAL_FAILURE = "no such path"
"""Why work fails for good in a run."""

ONE_COMMIT_LATER = {
    _PENDING: {_PENDING, _DISPATCHING, _ASKED, _CANCELLED},
    # A cancel that is found in the record ends at once what the same commit hands back.
    _DISPATCHING: {_DISPATCHING, _RUNNING, _COMPLETED, _FAILED, _PENDING, _ASKED, _CANCELLED},
    _RUNNING: {_RUNNING, _COMPLETED, _FAILED, _PENDING, _ASKED, _CANCELLED},
    _ASKED: {_ASKED, _COMPLETED, _CANCELLED},
    _COMPLETED: {_COMPLETED},
    _FAILED: {_FAILED},
    _CANCELLED: {_CANCELLED},
}


def wrongs_of_commit(old: Task, new: Task, author: str) -> Iterator[str]:
    """Yield what is wrong with a commit of ``author``, a process, outside of a recovery window."""
    if new.generation == old.generation and new.status not in ONE_COMMIT_LATER[old.status]:
        yield f"{old.status} became {new.status}"
    if not set(old.lines) <= set(new.lines):
        yield f"a log line was lost: {sorted(set(old.lines) - set(new.lines))}"
    if new.is_attempted and (new.is_waiting or new.is_terminal):
        yield f"an attempt was left open though the task is {new.status}"
    if new.is_waiting and _has_failed_for_good(new):
        yield f"a failure that cannot pass is to be tried again after attempt {new.attempt}"
    if new.failures > RETRIES.max_retries and not new.is_terminal:
        yield f"a retry comes after {new.failures} failures"
    if any(each not in old.attempts for each in new.attempts if each.generation < new.generation):
        yield "an attempt of an earlier generation was changed"
    if new.generation != old.generation:
        yield from _wrongs_of_retry(old, new)
        return
    if old.is_terminal:
        if _outcome(old) != _outcome(new):
            yield "an outcome was changed"
        return
    if new.status is _COMPLETED and new.attempts[-1].generation != new.generation:
        yield f"generation {new.generation} was completed by attempt {new.attempt} of an earlier one"
    if new.lease is not None and new.lease != old.lease:
        yield f"a commit gave the lease {new.lease} in place of {old.lease}"
    if old.retry_at != new.retry_at and new.status is not _CANCELLED and old.lease is None:
        yield f"{author} changed when it may be claimed"
    if _owners_part(old) != _owners_part(new):
        if old.lease is None:
            yield f"{author} wrote about work without a lease"
        elif old.lease.owner != author:
            yield f"{author} wrote about work on which {old.lease.owner} holds the lease"
    if new.attempt not in (old.attempt, old.attempt + 1):
        yield f"attempt {old.attempt} was followed by {new.attempt}"


def _wrongs_of_retry(old: Task, new: Task) -> Iterator[str]:
    """Only a retry moves a task that has ended: it begins one generation more, with nothing of the one before."""
    if old.status not in (_FAILED, _CANCELLED):
        yield f"a task was retried that was {old.status}"
    if new.generation != old.generation + 1:
        yield f"generation {old.generation} was followed by {new.generation}"
    if new.status not in (_PENDING, _FAILED):
        yield f"generation {new.generation} began {new.status}"
    if (new.lease, new.attempts, new.failures, new.progress) != (None, old.attempts, 0, None):
        yield f"generation {new.generation} began in the midst: {new}"


def wrongs_of_restoring(old: Task, new: Task) -> Iterator[str]:
    """Yield what is wrong with a commit in a recovery window, when lost ledgers are written again."""
    if not set(old.lines) <= set(new.lines):
        yield f"a log line was lost: {sorted(set(old.lines) - set(new.lines))}"
    if new.generation == old.generation and old.is_terminal and not new.is_terminal:
        yield f"{old.status} became {new.status} in a recovery window"
    if new.generation < old.generation:
        yield f"generation {old.generation} became {new.generation}"
    if new.lease is not None and new.lease == old.lease and new.attempt < old.attempt:
        yield f"attempt {old.attempt} became {new.attempt}"


def _has_failed_for_good(task: Task) -> bool:
    last = task.attempts[-1] if task.attempts else None
    return last is not None and (last.generation, last.outcome) == (task.generation, f"failed: {FINAL_FAILURE}")


def _outcome(task: Task) -> object:
    return task.status, task.result, task.attempts, task.lease


def _owners_part(task: Task) -> object:
    return task.attempts, task.result, task.progress, task.active_jobs, task.lease, task.failures
