"""What this process wrote lately: what a store that failed over may have lost (design §5)."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from datetime import datetime

from domain.instants import as_utc
from domain.ports import Clock
from domain.task import Task

REMEMBERED_S = 60.0
"""A replica of the store lags by much less than this."""

MOST_REMEMBERED = 10_000


class RecentLedgers:
    """The latest state of each task that was committed here within the last minute, the oldest first."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._tasks = OrderedDict[str, tuple[float, Task]]()  # a dict would search for its first entry each time

    def remember(self, task: Task, before: Task | None = None) -> None:
        """The store took this in place of ``before``.

        Its answer may be overtaken by that to a later commit, which is remembered then.
        """
        known = self._tasks.get(task.task_id)
        if known is not None and known[1] is not before and _is_later(known[1], task):
            task = known[1]
        now = self._clock.monotonic()
        self._tasks[task.task_id] = (now, task)
        self._tasks.move_to_end(task.task_id)
        self._forget(now)

    def get(self, task_id: str) -> Task | None:
        """Return a task's latest state, None where it was not committed here lately."""
        found = self._tasks.get(task_id)
        return None if found is None else found[1]

    def __iter__(self) -> Iterator[Task]:
        self._forget(self._clock.monotonic())
        return iter([task for _, task in self._tasks.values()])

    def _forget(self, now: float) -> None:
        since = now - REMEMBERED_S
        while self._tasks:
            oldest = next(iter(self._tasks))
            if self._tasks[oldest][0] >= since and len(self._tasks) <= MOST_REMEMBERED:
                return
            del self._tasks[oldest]


def _is_later(one: Task, other: Task) -> bool:
    """Whether ``one`` is what became of ``other``: our log lines ascend, and no line is ever lost."""
    return one.incarnation.is_same_as(other.incarnation) and _point(one) > _point(other)


def _point(task: Task) -> tuple[int, datetime, int]:
    return task.generation, as_utc(task.last_line_at or task.accepted_at), len(task.lines)
