"""What must hold in the end, once every replica that lives has done what it has to do."""

from __future__ import annotations

from collections.abc import Iterator

from domain.execution import Succeeded
from domain.reconcile import project
from domain.record import Record
from domain.task import Task
from domain.values import TaskStatus
from tests.explorer.history import History, entries
from tests.explorer.player import snapshots_in
from tests.explorer.work import Workload

ACCEPTED = "accepted"
JUDGE = "judge"


def wrongs_of(
    task: Task | None,
    record: Record | None,
    runs: list[Workload],
    answers: dict[str, str],
    history: History,
    task_id: str,
) -> Iterator[str]:
    """Yield what is wrong with one task."""
    if task is None:
        if ACCEPTED in _answers_to("submits", task_id, answers):
            yield f"task {task_id} was accepted, and no ledger knows it"
        if runs:
            yield f"task {task_id} was never accepted, and its work began"
        return
    yield from _wrong_end(task, runs, answers)
    yield from _wrong_lines(task, history)
    if record is not None and record != project(task, record):
        yield f"the record of task {task_id} does not show its ledger: {record}"


def _wrong_end(task: Task, runs: list[Workload], answers: dict[str, str]) -> Iterator[str]:
    if not task.is_terminal:
        yield f"task {task.task_id} is still {task.status}"
    for status in _answers_to("cancels", task.task_id, answers):
        if status == "cancelled" and task.status is not TaskStatus.CANCELLED:
            yield f"task {task.task_id} was said to be cancelled, and is {task.status}"
        if status == "completed" and task.status is not TaskStatus.COMPLETED:
            yield f"task {task.task_id} was said to be completed, and is {task.status}"
    if any(run.outcome is None for run in runs):
        yield f"work of task {task.task_id} goes on"
    if len(runs) > task.attempt:
        yield f"work of task {task.task_id} began {len(runs)} times in {task.attempt} attempts"
    last = runs[-1].outcome if runs else None
    if task.status is TaskStatus.COMPLETED and not (isinstance(last, Succeeded) and task.result == last.result):
        yield f"task {task.task_id} is completed with {task.result}; its last work ended with {last}"


def _wrong_lines(task: Task, history: History) -> Iterator[str]:
    if len(set(task.lines)) != len(task.lines):
        yield f"task {task.task_id} has a line twice: {task.lines}"
    for line in _shown_lines(task, history):
        if line not in task.lines:
            yield f"task {task.task_id} has lost a line that a read had shown: {line}"


def _shown_lines(task: Task, history: History) -> Iterator[str]:
    """Lines that a replica's read has shown.

    Those that were read while the task had no ledger count as not seen: there was nothing to keep them in, and a commit
    that makes one compares the record, so it keeps what it read.
    """
    for entry in entries(history):
        if entry.lost or entry.who == JUDGE:
            continue
        for snapshot in snapshots_in(entry.answer):
            if snapshot.task_id == task.task_id and snapshot.own_task is not None and snapshot.record is not None:
                yield from snapshot.record.logs


def _answers_to(verb: str, task_id: str, answers: dict[str, str]) -> list[str]:
    return [answer for name, answer in answers.items() if f" {verb} {task_id}" in name]
