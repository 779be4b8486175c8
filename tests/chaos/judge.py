"""What counts as wrong at the end of a run.

Whatever could not be promised is not counted: a submit that was answered with an error or not at all may have been
accepted or not, and a cancel that was answered so may come about or not. A Redis that is killed may lose what it was
told last: a frontend's words for good, what a scheduler did if that scheduler is lost as well.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from domain.retry import MOST_OWNERS_LOST
from domain.task import Task
from domain.values import Priority, TaskStatus
from tests.chaos.errands import copied_from, place_of
from tests.chaos.evidence import Run, boot_time, doubles
from tests.chaos.light import UNREPEATABLE, Fate, result_of
from tests.chaos.trees import differences, leftovers
from tests.frontend.standin import Fault, History, truth_of, verdict

DISPATCHED = re.compile(r",Dispatching attempt ([0-9]+) to the executor$")


class Wrong(StrEnum):
    """The kinds of what must not be."""

    LOST = "lost"
    TWICE = "run twice at the same time"
    AGAIN = "run again after its outcome was stored"
    RECORD = "wrong record"
    LEDGER = "wrong ledger"
    WORK = "work not as the ledger says"
    STUCK = "stuck"
    ORPHAN = "work that outlived the schedulers"


@dataclass(frozen=True, slots=True)
class Finding:
    """Something wrong with a task, and what shows it."""

    task_id: str
    wrong: Wrong
    detail: str

    def __str__(self) -> str:
        return f"task {self.task_id}: {self.wrong}: {self.detail}"


@dataclass(frozen=True)
class Case:
    """All that is known of one task."""

    task_id: str
    document: bytes | None
    task: Task | None
    history: History
    runs: Sequence[Run]
    priority: Priority | None = None
    """What an operator made it, where the service confirmed that."""
    blocked: bool = False
    """Whether its user was surely blocked from when its submit was sent until it was accepted."""
    forgotten: bool = False
    """Whether Redis may have lost that it was accepted, and the scheduler that knew of it was lost too."""

    @property
    def place(self) -> str:
        """The path that it works on."""
        return place_of(self.history.registered.parameters)

    @property
    def was_accepted(self) -> bool:
        """Whether the service said so, or its ledger does."""
        return self.task is not None or self.was_acknowledged

    @property
    def was_acknowledged(self) -> bool:
        """Whether the service said so."""
        return any(
            call.what == "submit" and call.answer is not None and call.answer.is_success for call in self.history.calls
        )

    @property
    def leftovers(self) -> list[str]:
        """Temporary files in the target of its finished copy."""
        completed = self.task is not None and self.task.status is TaskStatus.COMPLETED
        copied = copied_from(self.history.registered.parameters) is not None
        return leftovers(Path(self.place)) if completed and copied else []

    @property
    def was_registered(self) -> bool:
        """Whether the frontend's first save took place."""
        return self.document is not None or self.task is not None or self.history.saves[0].ended is not None

    @property
    def is_forgotten(self) -> bool:
        """Whether it was accepted and is lost, and nobody could have kept it."""
        return self.forgotten and self.task is None and self.was_acknowledged

    def findings(self) -> list[Finding]:
        """Whatever is wrong."""
        if self.is_forgotten or not (self.was_registered or self.was_acknowledged):
            return []
        return [Finding(self.task_id, wrong, detail) for wrong, detail in self._wrongs()]

    def story(self) -> Iterator[str]:
        """Tell what is known, for whoever looks for the cause."""
        yield f"task {self.task_id}, {self.history.registered.identity.service} {self.place}"
        for call in self.history.calls:
            yield f"  {call.what} was answered {call.answer or 'not at all'}"
        for line in self.task.lines if self.task else ("there is no ledger",):
            yield f"  ledger: {line}"
        for attempt in self.task.attempts if self.task else ():
            yield f"  attempt {attempt.number} of {attempt.owner}: {attempt.outcome or 'open'}"
        for run in self.runs:
            yield f"  evidence: {run}"
        yield f"  record: {(self.document or b'none').decode()}"

    def _wrongs(self) -> Iterator[tuple[Wrong, str]]:
        for double in doubles(self.runs):
            yield Wrong.TWICE, double
        for each in verdict(self.document, truth_of(self.task) if self.task else None, self.history):
            if each.fault is not Fault.MISSING or self.task is None or not self.task.record_lost:
                yield Wrong.RECORD, str(each)
        if self.task is None:
            if self.was_acknowledged:
                yield Wrong.LOST, "it was accepted, and no ledger knows it"
            if self.runs:
                yield Wrong.WORK, "it has no ledger, and its work began"
            return
        if not self.task.is_terminal:
            yield Wrong.STUCK, f"its ledger says {self.task.status}"
            return
        yield from self._wrong_ledger(self.task)
        yield from self._wrong_work(self.task)

    def _wrong_ledger(self, task: Task) -> Iterator[tuple[Wrong, str]]:
        if task.status is TaskStatus.CANCELLED and not self._was_unwanted:
            yield Wrong.LEDGER, "it is cancelled, and nobody asked for that"
        if task.status is TaskStatus.FAILED and self.was_acknowledged and not self._may_fail(task):
            yield Wrong.LEDGER, f"it failed for no good reason: {task.lines}"
        if self.priority is not None and task.priority is not self.priority:
            yield Wrong.LEDGER, f"an operator made it {self.priority}, and it is {task.priority}"
        if self.blocked:
            yield Wrong.LEDGER, "it was accepted while its user was blocked"
        for call in self.history.calls:
            if call.what == "cancel" and call.answer is not None and call.answer.is_success:
                told = TaskStatus(json.loads(call.answer.body)["status"])
                if task.status not in _may_become(told):
                    yield Wrong.LEDGER, f"its cancel was answered {told}, and it is {task.status}"

    @property
    def _was_unwanted(self) -> bool:
        return self.history.deleted or any(call.what == "cancel" for call in self.history.calls)

    def _may_fail(self, task: Task) -> bool:
        outcome = task.attempts[-1].outcome if task.attempts else ""
        unrepeatable = task.service == UNREPEATABLE and "may not be repeated" in outcome
        often_lost = task.owners_lost + 1 >= MOST_OWNERS_LOST
        return self.history.registered.parameters.get("fate") == Fate.FAILS or unrepeatable or often_lost

    def _wrong_work(self, task: Task) -> Iterator[tuple[Wrong, str]]:
        assert task.last_line_at is not None
        ended_at = task.last_line_at.timestamp() - (time.time() - boot_time())
        for run in self.runs:
            if run.began > ended_at:
                yield Wrong.AGAIN, f"{run}; its ledger says {task.status} since {ended_at:.3f}"
        if len(self.runs) > (attempts := _attempts(task)):
            yield Wrong.WORK, f"its work began {len(self.runs)} times in {attempts} attempts"
        if task.status is TaskStatus.COMPLETED:
            yield from ((Wrong.WORK, problem) for problem in self._not_done(task))

    def _not_done(self, task: Task) -> Iterator[str]:
        parameters = self.history.registered.parameters
        source = copied_from(parameters)
        if "seconds" in parameters:
            last = self.runs[-1] if self.runs else None
            if last is None or not last.done or task.result != result_of(last.name):
                yield f"its last work is {last}, and it completed with {task.result}"
        elif source is not None:
            yield from differences(source, Path(self.place))
        elif Path(self.place).exists():
            yield "what it was to remove is still there"


def _attempts(task: Task) -> int:
    """How many attempts there were. A cancel after Redis lost its last writes may know of one by its line only."""
    told = [int(found[1]) for line in task.lines if (found := DISPATCHED.search(line))]
    return max([task.attempt, *told])


def _may_become(told: TaskStatus) -> frozenset[TaskStatus]:
    """What a task may be in the end whose cancel was answered with this status."""
    if told is TaskStatus.CANCEL_REQUESTED:
        return frozenset({TaskStatus.CANCELLED, TaskStatus.COMPLETED})
    return frozenset({told})
