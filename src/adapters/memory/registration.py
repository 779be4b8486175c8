"""Registering a task in this process's memory, as the frontend does it in Redis (contract §2)."""

from __future__ import annotations

from collections.abc import Mapping

from adapters.memory.database import MemoryDatabase
from adapters.memory.frontend_records import MemoryFrontendRecords
from domain.ports import Clock
from domain.record import Record
from domain.values import TaskStatus


class MemoryRegistration:
    """Implements :class:`application.ports.Registration`. One per database: it numbers the tasks."""

    def __init__(self, database: MemoryDatabase, clock: Clock, ttl_s: float) -> None:
        """Records are kept for ``ttl_s`` seconds."""
        self._records = MemoryFrontendRecords(database)
        self._clock = clock
        self._ttl_s = ttl_s

    async def register(self, service: str, user_id: str, parameters: Mapping[str, object]) -> str:
        now = self._clock.now().isoformat()
        record = Record(
            task_id=await self._records.next_id(),
            service=service,
            user_id=user_id,
            status=TaskStatus.PENDING,
            parameters=dict(parameters),
            created_at=now,
            updated_at=now,
        )
        await self._records.write(record, self._ttl_s)
        return record.task_id
