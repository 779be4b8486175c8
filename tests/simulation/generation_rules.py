"""What keeps a task's generations apart (design §2): only a retry begins one, and nothing older moves it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from domain.logs import line_instant
from domain.ports import Snapshot
from domain.reconcile import FRONTEND_CANCEL_MESSAGE
from domain.task import Task
from tests.simulation.calls import Calls
from tests.simulation.generations import Generations
from tests.simulation.loop import Life

Wrong = tuple[str, str]
"""A rule, and what shows that it was broken."""


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit of a task that had a ledger."""

    life: Life
    before: Snapshot
    """What it was based on."""
    old: Task
    new: Task

    def __str__(self) -> str:
        return f"task {self.new.task_id} by {self.life.name}"


class GenerationRules:
    """Holds every commit against the rules, and tells the judge's own account of generations."""

    def __init__(self, generations: Generations, calls: Calls) -> None:
        self._generations = generations
        self._calls = calls

    def wrongs_of(self, commit: Commit, *, clocks_agree: bool) -> Iterator[Wrong]:
        """Yield what is wrong. ``clocks_agree``: no process's clock was wrong at any time."""
        for opening in self._generations.take(commit.life, commit.new):
            yield from _wrongs_of_number(commit, opening.line)
            yield from _wrongs_of_beginning(commit)
            yield from self._wrongs_of_asking(commit, opening.line)
        yield from self._wrongs_of_retry(commit)
        yield from self._wrongs_of_cancel(commit, clocks_agree=clocks_agree)

    def _wrongs_of_asking(self, commit: Commit, line: str) -> Iterator[Wrong]:
        """A process does no more retries than it got. One that was refused does not count."""
        task_id = commit.new.task_id
        calls = self._calls.of(task_id, "retry")
        asked = sum(call.life is commit.life and not call.was_refused for call in calls)
        if asked < self._generations.done_by(commit.life, task_id):
            yield "a generation began that no operator asked for", f"{commit}: {line}"

    def _wrongs_of_retry(self, commit: Commit) -> Iterator[Wrong]:
        """Whatever else brings a later generation writes one again that a retry has begun."""
        old, new = commit.old.generation, commit.new.generation
        if new > old and self._generations.began_at(commit.new) is None:
            yield "a generation began without a retry", f"{commit}: {old}, then {new}"

    def _wrongs_of_cancel(self, commit: Commit, *, clocks_agree: bool) -> Iterator[Wrong]:
        """What is asked to stop is the generation that was meant, and none that began since."""
        old, new = commit.old, commit.new
        if not new.saw_cancel or (old.saw_cancel and old.generation == new.generation):
            return
        # Whoever deletes a record wants its task to end, whichever generation it is at.
        is_meant = new.generation == 1 or commit.before.own_task is None
        if not (is_meant or _was_cancelled_at_frontend(new) or self._was_cancelled_here(new, clocks_agree)):
            yield "a cancel reached a later generation", f"{commit}: generation {new.generation}, {new.lines}"

    def _was_cancelled_here(self, task: Task, clocks_agree: bool) -> bool:
        """Whether a cancel came that may have meant the task's generation.

        One that was not answered yet when the generation began may as well have come after it. Whether one that was
        kept for later (503) came before can be told only by the clocks of two replicas.
        """
        began_s = self._generations.began_at(task) or 0.0
        cancels = self._calls.of(task.task_id, "cancel", "stop")
        return any(call.at_s > began_s or (call.status == 503 and not clocks_agree) for call in cancels)


def _wrongs_of_number(commit: Commit, line: str) -> Iterator[Wrong]:
    """Each retry begins a generation of its own."""
    if commit.new.generation <= commit.old.generation:
        yield "a retry began no generation", f"{commit}: {line}"


def _wrongs_of_beginning(commit: Commit) -> Iterator[Wrong]:
    """A generation begins behind all that ledger and record told then, or that could touch it."""
    record = commit.before.record if commit.before.own_task is not None else None
    told = (*commit.old.lines, *(record.logs if record is not None else ()))
    moments = [moment for moment in map(line_instant, told) if moment is not None]
    if moments and max(moments) > commit.new.generation_at:
        yield "a generation began before what was known then", f"{commit}: {commit.new.generation_at}"


def _was_cancelled_at_frontend(task: Task) -> bool:
    """Whether the frontend says that its user cancelled after the generation began, by the clocks of both."""
    words = [line for line in task.lines if line.partition(",")[2] == FRONTEND_CANCEL_MESSAGE]
    moments = [moment for moment in map(line_instant, words) if moment is not None]
    return any(moment > task.generation_at for moment in moments)
