"""Operators' actions in order, the oldest of which make room for new ones."""

from __future__ import annotations

from collections import deque
from itertools import islice

from application.ports import AUDIT_KEPT
from domain.audit import AuditEvent

LOOKED_AT = 64
"""Events that others may have added before one is added again, because the answer got lost."""


class AuditEvents:
    """The latest events, each with a number that goes up."""

    def __init__(self) -> None:
        self._events: deque[tuple[int, AuditEvent]] = deque(maxlen=AUDIT_KEPT)
        self._last_number = 0

    def add(self, event: AuditEvent) -> None:
        """Add an event, unless it was added just now."""
        if any(known.nonce == event.nonce for _, known in islice(reversed(self._events), LOOKED_AT)):
            return
        self._last_number += 1
        self._events.append((self._last_number, event))

    def before(self, number: int | None, limit: int) -> list[tuple[int, AuditEvent]]:
        """Return the next ``limit`` events with lower numbers, latest first; from the latest for None."""
        older = (entry for entry in reversed(self._events) if number is None or entry[0] < number)
        return list(islice(older, limit))

    def of_task(self, task_id: str, limit: int) -> list[AuditEvent]:
        """Return the latest ``limit`` events about a task, oldest first. Looks at every event."""
        about = (event for _, event in reversed(self._events) if event.task_id == task_id)
        return list(islice(about, limit))[::-1]

    def become(self, other: AuditEvents) -> None:
        """Hold what the other one holds."""
        self._events = other._events.copy()
        self._last_number = max(self._last_number, other._last_number)
