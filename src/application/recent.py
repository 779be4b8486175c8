"""What this process wrote lately: what a store that failed over may have lost (design §5)."""

from __future__ import annotations

from collections.abc import Iterator

from domain.ports import Clock
from domain.task import Task

REMEMBERED_S = 60.0
"""A replica of the store lags by much less than this."""

MOST_REMEMBERED = 10_000


class RecentLedgers:
    """The latest state of each task that was committed here within the last minute, the oldest first."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._tasks: dict[str, tuple[float, Task]] = {}

    def remember(self, task: Task) -> None:
        """The store took this."""
        self._tasks.pop(task.task_id, None)
        self._tasks[task.task_id] = (self._clock.monotonic(), task)
        self._forget()

    def __iter__(self) -> Iterator[Task]:
        self._forget()
        return iter([task for _, task in self._tasks.values()])

    def _forget(self) -> None:
        since = self._clock.monotonic() - REMEMBERED_S
        while self._tasks:
            oldest = next(iter(self._tasks))
            if self._tasks[oldest][0] >= since and len(self._tasks) <= MOST_REMEMBERED:
                return
            del self._tasks[oldest]
