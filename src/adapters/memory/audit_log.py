"""What operators did, in this process's memory."""

from __future__ import annotations

import re

from adapters.memory.database import MemoryDatabase
from application.ports import AUDIT_KEPT_OF_TASK, AuditPage
from domain.audit import AuditEvent

_CURSOR = re.compile(r"[0-9]{1,18}\Z")


class MemoryAuditLog:
    """Implements :class:`application.ports.AuditLog`; its cursors are numbers of events."""

    def __init__(self, database: MemoryDatabase) -> None:
        self._events = database.audit

    async def append(self, event: AuditEvent) -> None:
        self._events.add(event)

    async def page(self, cursor: str | None, limit: int) -> AuditPage:
        if cursor is not None and not _CURSOR.match(cursor):
            raise ValueError(f"cursor {cursor!r} is not one that the audit gave; leave it out to begin anew")
        found = self._events.before(None if cursor is None else int(cursor), limit)
        following = str(found[-1][0]) if len(found) == limit else None
        return AuditPage([event for _, event in found], following)

    async def of_task(self, task_id: str) -> list[AuditEvent]:
        return self._events.of_task(task_id, AUDIT_KEPT_OF_TASK)
