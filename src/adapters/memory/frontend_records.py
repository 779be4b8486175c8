"""The frontend's side of the shared records, for the embedded form of the service and for simulations."""

from __future__ import annotations

from adapters.memory.database import MemoryDatabase
from domain.record import Record


class MemoryFrontendRecords:
    """Does to the records what dms-frontend does to them in Redis: no transaction, no check (contract §3, §4)."""

    def __init__(self, database: MemoryDatabase) -> None:
        self._records = database.records

    async def next_id(self) -> str:
        """Return an id that no call before has returned, but for calls that a fail-over has lost (contract §1)."""
        return self._records.next_id()

    async def read(self, task_id: str) -> Record | None:
        """Return the record, None where there is none."""
        return self._records.get(task_id)

    async def write(self, record: Record, ttl_s: float) -> None:
        """Save a whole record, over whatever is there; it expires ``ttl_s`` seconds from now."""
        self._records.save(record.task_id, record, ttl_s)

    async def delete(self, task_id: str) -> bool:
        """Delete the record; return whether there was one."""
        return self._records.delete(task_id)
