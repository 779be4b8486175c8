"""The judge's own account of generations: which retry began each, when and by whom."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from dataclasses import dataclass

from domain.task import Task
from tests.simulation.calls import Call
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

    def __init__(self, loop: SimulationLoop) -> None:
        self._loop = loop
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

    def take(self, life: Life, task: Task) -> list[Opening]:
        """Take in a ledger as a process has written it, and return the retries that it tells of for the first time."""
        known = {opening.line for opening in self.of(task.task_id)}
        now = self._loop.time()
        fresh = [Opening(line, task.generation, life, now) for line in retries_in(task) if line not in known]
        self._openings[task.task_id] += fresh
        if task.is_terminal:
            self._tell_end(task.task_id)
        return fresh

    def done_by(self, life: Life, task_id: str) -> int:
        """Return how many retries a process has done that no fail-over can have lost."""
        return sum(each.life is life and each.at_s >= self._failed_over_at for each in self.of(task_id))

    def began_at(self, task: Task) -> float | None:
        """Return when the task's generation began first, None where no retry is known to have begun it."""
        return min((each.at_s for each in self.of(task.task_id) if each.generation == task.generation), default=None)

    def is_behind(self, task: Task) -> bool:
        """Whether this ledger lacks a later generation, which a fail-over has lost."""
        return any(opening.generation > task.generation for opening in self.of(task.task_id))

    def began_since(self, call: Call) -> bool:
        """Whether a generation began after a process got this call."""
        return any(opening.at_s >= call.began_s for opening in self.of(call.task_id))

    def _tell_end(self, task_id: str) -> None:
        for waiting in self._waiting.pop(task_id, ()):
            if not waiting.done():
                waiting.set_result(None)


def retries_in(task: Task) -> list[str]:
    """Return the lines of a task's log that tell of a retry."""
    return [line for line in task.lines if line.partition(",")[2].startswith(RETRIED)]
