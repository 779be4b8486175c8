"""The shared records, each with its time to live."""

from __future__ import annotations

from collections.abc import Callable

from adapters.memory.changes import Changes
from adapters.memory.ranked import RankedMap
from domain.record import Record


class Records:
    """Records are values: whoever puts one in changes nothing of it afterwards. Times are in seconds."""

    def __init__(self, changes: Changes, monotonic: Callable[[], float]) -> None:
        self._changes = changes
        self._monotonic = monotonic
        self._records: dict[str, Record] = {}
        self._ends: RankedMap[str, float] = RankedMap()
        self._last_id = 0

    def next_id(self) -> str:
        """Count up, and return the count."""
        self._last_id += 1
        return str(self._last_id)

    def get(self, task_id: str) -> Record | None:
        """Return a record, None where there is none or its time is over."""
        self._drop_expired()
        return self._records.get(task_id)

    def remaining_s(self, task_id: str) -> float:
        """Return the time that a record has left; 0 where there is none."""
        self._drop_expired()
        end = self._ends.get(task_id)
        return 0.0 if end is None else end - self._monotonic()

    def save(self, task_id: str, record: Record, ttl_s: float) -> None:
        """Write a record as the frontend does: whatever stood there, and with a new time to live."""
        self._records[task_id] = record
        self._ends.set(task_id, self._monotonic() + ttl_s)
        self._changes.task_changed(task_id)

    def replace(self, task_id: str, record: Record) -> None:
        """Write a record that exists, with the time to live that it has. An equal one is no change."""
        if not is_exactly(record, self._records[task_id]):
            self._records[task_id] = record
            self._changes.task_changed(task_id)

    def delete(self, task_id: str) -> bool:
        """Delete a record; return whether there was one."""
        self._drop_expired()
        return self._delete(task_id)

    def become(self, other: Records) -> None:
        """Hold what the other one holds; ids may come again then."""
        self._records, self._ends, self._last_id = dict(other._records), other._ends.copy(), other._last_id

    def _delete(self, task_id: str) -> bool:
        self._ends.discard(task_id)
        if self._records.pop(task_id, None) is None:
            return False
        self._changes.task_changed(task_id)
        return True

    def _drop_expired(self) -> None:
        for task_id in self._ends.pop_up_to(self._monotonic()):
            self._delete(task_id)


def is_exactly(left: Record | None, right: Record | None) -> bool:
    """Whether two records would be the same document: to ``==``, the numbers 1 and 1.0 and the value true are one."""
    return left is right or repr(left) == repr(right)
