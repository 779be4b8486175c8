"""Which tasks have ended, and in which order."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from adapters.memory.sorted_keys import SortedKeys


@dataclass(frozen=True, slots=True)
class End:
    """The end of a task."""

    number: int
    """Higher than that of every end before."""
    task_id: str
    at: float
    """In seconds, by the clock of whoever noted it."""


class EndedTasks:
    """The ends of tasks, latest first."""

    def __init__(self) -> None:
        self._by_number: dict[int, End] = {}
        self._by_task: dict[str, End] = {}
        self._numbers: SortedKeys[int] = SortedKeys()
        self._last_number = 0

    def add(self, task_id: str, at: float) -> None:
        """Note that a task has ended now; an earlier end of this id is forgotten."""
        self.discard(task_id)
        self._last_number += 1
        end = End(self._last_number, task_id, at)
        self._by_number[end.number] = self._by_task[task_id] = end
        self._numbers.add(end.number)

    def discard(self, task_id: str) -> None:
        """Forget the end of a task, if it has ended."""
        end = self._by_task.pop(task_id, None)
        if end is not None:
            del self._by_number[end.number]
            self._numbers.discard(end.number)

    def before(self, number: int | None = None) -> Iterator[End]:
        """Yield the ends that came before the one with this number, latest first; all of them for None."""
        return map(self._by_number.__getitem__, self._numbers.downwards(number))

    def copy(self) -> EndedTasks:
        """Return ends of its own that are the same."""
        copied = EndedTasks()
        copied._by_number, copied._by_task = dict(self._by_number), dict(self._by_task)
        copied._numbers, copied._last_number = self._numbers.copy(), self._last_number
        return copied
