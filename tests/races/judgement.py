"""What must hold of a task, its record and its work once the frontend has written last (contract §4, design §4)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from domain.execution import Succeeded
from domain.task import Task
from domain.values import TaskStatus
from tests.frontend.standin import History, truth_of, verdict
from tests.races.work import RacingWork


@dataclass(frozen=True)
class Case:
    """What is known of one task that should be over."""

    document: bytes | None
    task: Task | None
    history: History
    runs: Sequence[RacingWork]
    accepted: bool
    """Whether the scheduler said that it accepted the task."""
    runs_when_cancelled: int | None = None
    """How often its work had begun when the scheduler said that it is cancelled; None where it never said so."""
    outcomes_get_lost: bool = False
    """Whether work may have ended without anybody hearing how."""

    def untruths(self) -> list[str]:
        """What is wrong with the record, whether or not the task is over."""
        return [str(each) for each in verdict(self.document, truth_of(self.task) if self.task else None, self.history)]

    def wrongs(self) -> list[str]:
        """Whatever is wrong; nothing if all is right."""
        if self.task is not None:
            return [*self.untruths(), *_wrong_ending(self.task, self), *_wrong_work(self.task, self)]
        return [*self.untruths(), *_wrong_without_ledger(self)]


def _wrong_without_ledger(case: Case) -> Iterator[str]:
    if case.accepted:
        yield "it was accepted, and no ledger knows it"
    if case.runs:
        yield "it was never accepted, and its work began"


def _wrong_ending(task: Task, case: Case) -> Iterator[str]:
    if not task.is_terminal:
        yield f"its ledger still says {task.status}"
    before = case.runs_when_cancelled
    if before is not None and (task.status, len(case.runs)) != (TaskStatus.CANCELLED, before):
        since = len(case.runs) - before
        yield f"it was said to be cancelled; it is {task.status}, and its work began {since} times since"


def _wrong_work(task: Task, case: Case) -> Iterator[str]:
    runs = case.runs
    if len(runs) > task.attempt:
        yield f"its work began {len(runs)} times in {task.attempt} attempts"
    if any(run.outcome is None for run in runs):
        yield "its work goes on"
    outcome = runs[-1].outcome if runs else None
    unheard_of = case.outcomes_get_lost and task.status is TaskStatus.CANCELLED
    if isinstance(outcome, Succeeded) is not (task.status is TaskStatus.COMPLETED) and not unheard_of:
        yield f"its last work ended with {outcome}, and it is {task.status}"
    if task.status is TaskStatus.COMPLETED and isinstance(outcome, Succeeded) and task.result != outcome.result:
        yield f"its result is not that of its work: {task.result}"
