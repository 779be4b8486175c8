"""The judge's own account of generations: which retry began each, by the true time, and who may have wanted its end."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from domain.logs import line_instant
from domain.ports import Snapshot
from domain.reconcile import FRONTEND_CANCEL_MESSAGE
from domain.task import Task
from tests.simulation.calls import Call, Calls
from tests.simulation.loop import Life, SimulationLoop

RETRIED = "Retried by operator"
"""With these words a line of ours begins that says that a generation has begun."""


@dataclass(frozen=True, slots=True)
class Opening:
    """A retry was done: a generation began."""

    line: str
    """What the log says of it; no two retries say the same, for times of a task's lines ascend."""
    generation: int
    life: Life
    at_s: float


class Generations:
    """Times are in seconds since the run began. Ids that came to stand for another task are not followed."""

    def __init__(self, loop: SimulationLoop, calls: Calls) -> None:
        self._loop = loop
        self._calls = calls
        self._openings: dict[str, list[Opening]] = defaultdict(list)
        self._failed_over_at = -1.0
        self._waiting: dict[str, list[asyncio.Future[None]]] = defaultdict(list)

    def of(self, task_id: str) -> list[Opening]:
        """Return the retries that were done, in their order, those that a fail-over has lost since among them."""
        return self._openings[task_id]

    def failed_over(self) -> None:
        """The store is another one: what was done on the one before may be lost, and is done again where it is."""
        self._failed_over_at = self._loop.time()

    def next_end(self, task_id: str) -> asyncio.Future[None]:
        """Return what is done when the task ends for the next time."""
        ended: asyncio.Future[None] = self._loop.create_future()
        self._waiting[task_id].append(ended)
        return ended

    def committed(
        self, life: Life, before: Snapshot, old: Task, new: Task, *, clocks_agree: bool
    ) -> Iterator[tuple[str, str]]:
        """Take in a commit of a task that goes on, and yield each law that it broke, and what shows it."""
        name = f"task {new.task_id} by {life.name}"
        for line in self._fresh_retries(new):
            self._openings[new.task_id].append(Opening(line, new.generation, life, self._loop.time()))
            if _begins_before_what_is_known(before, old, new):
                yield "a generation began before what was known then", f"{name}: {new.generation_at}"
            if new.generation <= old.generation:
                yield "a retry began no generation", f"{name}: {line}"
            if not self._was_asked_of(life, new.task_id):
                yield "a generation began that no operator asked for", f"{name}: {line}"
        if new.generation > old.generation and not self._is_known(new):
            yield "a generation began without a retry", f"{name}: {old.generation}, then {new.generation}"
        is_asked_now = new.saw_cancel and not (old.saw_cancel and old.generation == new.generation)
        if is_asked_now and not self._is_wanted_end(before, new, clocks_agree=clocks_agree):
            yield "a cancel reached a later generation", f"{name}: generation {new.generation}, {new.lines}"
        if new.is_terminal:
            self._tell_end(new.task_id)

    def began_since(self, call: Call) -> bool:
        """Whether a generation began after a process got this call."""
        return any(opening.at_s >= call.began_s for opening in self.of(call.task_id))

    def _fresh_retries(self, task: Task) -> list[str]:
        known = {opening.line for opening in self.of(task.task_id)}
        return [line for line in retries_in(task) if line not in known]

    def _is_known(self, task: Task) -> bool:
        return any(opening.generation == task.generation for opening in self.of(task.task_id))

    def _was_asked_of(self, life: Life, task_id: str) -> bool:
        """Whether this process got more retries of the task than it has done. One that was refused does not count."""
        asked = sum(call.life is life and not call.was_refused for call in self._calls.of(task_id, "retry"))
        done = sum(each.life is life and each.at_s >= self._failed_over_at for each in self.of(task_id))
        return asked >= done

    def _is_wanted_end(self, before: Snapshot, new: Task, *, clocks_agree: bool) -> bool:
        """Whether somebody may have wanted this generation to end, and not only one before it."""
        if new.generation == 1 or before.own_task is None:
            return True  # whoever deletes a record wants its task to end, whichever generation it is at
        began = min((each.at_s for each in self.of(new.task_id) if each.generation == new.generation), default=0.0)
        if any(_is_cancel_since(line, new) for line in new.lines):
            return True
        # A cancel that was not answered yet when the generation began may as well have come after it. Whether one that
        # was kept for later came before can only be told by the clocks of two replicas.
        cancels = self._calls.of(new.task_id, "cancel", "stop")
        return any(call.at_s > began or (call.status == 503 and not clocks_agree) for call in cancels)

    def _tell_end(self, task_id: str) -> None:
        for waiting in self._waiting.pop(task_id, ()):
            if not waiting.done():
                waiting.set_result(None)


def _begins_before_what_is_known(before: Snapshot, old: Task, new: Task) -> bool:
    """Whether the ledger or the record told of something later, which could then touch the generation."""
    told = (*old.lines, *(before.record.logs if before.own_task and before.record else ()))
    return any(moment is not None and moment > new.generation_at for moment in map(line_instant, told))


def retries_in(task: Task) -> list[str]:
    """Return the lines of a task's log that tell of a retry."""
    return [line for line in task.lines if line.partition(",")[2].startswith(RETRIED)]


def _is_cancel_since(line: str, task: Task) -> bool:
    """Whether the frontend says that its user cancelled after the generation began, by the clocks of both."""
    moment = line_instant(line)
    is_cancel = line.partition(",")[2] == FRONTEND_CANCEL_MESSAGE
    return is_cancel and moment is not None and moment > task.generation_at
