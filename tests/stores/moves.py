"""What somebody may do with a task that he has seen: every transition of the lifecycle, by name."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from domain.errors import IllegalTransition
from domain.ports import Snapshot
from domain.reconcile import reconcile
from domain.record import Record
from domain.task import Task, Token
from domain.values import Priority, Progress, TaskResult

RESULT = TaskResult("local: Running", "a line")


@dataclass(frozen=True)
class Moment:
    """When a move happens, and when a retry that it asks for is due."""

    at: datetime
    retry_at: datetime


Move = Callable[[Task, Moment], Task]
Birth = Callable[[Record, Moment], Task]

BIRTHS: dict[str, Birth] = {
    "accept": lambda record, when: Task.accept(record, when.at),
    "refuse": lambda record, when: Task.refuse(record, "no such path", when.at),
    "cancel before submit": lambda record, when: Task.cancel_unsubmitted(record, when.at),
}

MOVES: dict[str, Move] = {
    "nothing": lambda task, when: task,
    "cancel": lambda task, when: task.request_cancel(when.at),
    "raise": lambda task, when: task.change_priority(Priority.HIGH, when.at),
    "lower": lambda task, when: task.change_priority(Priority.LOW, when.at),
    "reopen": lambda task, when: task.reopen(when.at),
    "refuse retry": lambda task, when: task.refuse_retry("no such path", when.at),
    "dispatch": lambda task, when: task.dispatch(_token(task), when.at),
    "start": lambda task, when: task.start(_token(task), "a-job", when.at),
    "report": lambda task, when: task.report(_token(task), when.at, Progress(1, 2, 3, 4), RESULT),
    "complete": lambda task, when: task.complete(_token(task), RESULT, when.at),
    "fail": lambda task, when: task.fail(_token(task), "no such path", when.at),
    "confirm cancel": lambda task, when: task.confirm_cancel(_token(task), when.at),
    "retry later": lambda task, when: task.retry_later(_token(task), "network", when.retry_at, when.at),
    "hand back": lambda task, when: task.hand_back(_token(task), when.at, "shutdown"),
}

OWNERS_MOVES = frozenset(MOVES) - {"nothing", "cancel", "raise", "lower", "reopen", "refuse retry"}
"""Those that only who holds the task's lease may make."""


def outcomes(snapshot: Snapshot, when: Moment) -> dict[str, tuple[Task, Record | None]]:
    """Return every move that somebody who sees this snapshot may make: the ledger and record that it leads to."""
    tasks = _births(snapshot, when) | _moves(snapshot, when)
    met = {name: reconcile(task, snapshot.record, when.at) for name, task in tasks.items()}
    return {name: (both.task, both.record) for name, both in met.items()}


def _births(snapshot: Snapshot, when: Moment) -> dict[str, Task]:
    if snapshot.record is None or snapshot.own_task is not None:
        return {}
    return {name: birth(snapshot.record, when) for name, birth in BIRTHS.items()}


def _moves(snapshot: Snapshot, when: Moment) -> dict[str, Task]:
    legal: dict[str, Task] = {}
    task = snapshot.task
    if task is None:
        return legal
    for name, move in MOVES.items():
        if task.lease is not None or name not in OWNERS_MOVES:
            with suppress(IllegalTransition):
                legal[name] = move(task, when)
    return legal


def _token(task: Task) -> Token:
    assert task.lease is not None
    return task.lease.token
