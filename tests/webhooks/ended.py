"""A task that has ended."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from domain.record import Record
from domain.task import Task

AT = datetime(2026, 3, 12, 10, tzinfo=UTC)


def record(**changes: Any) -> Record:
    """Return the record of a task, with these changes."""
    plain = Record(
        task_id="7",
        service="sync",
        user_id="alice",
        status="pending",
        created_at=AT.isoformat(),
        updated_at=AT.isoformat(),
    )
    return replace(plain, **changes)


def refused(**changes: Any) -> Task:
    """Return a task that was born failed; ``changes`` are of its record."""
    return Task.refuse(record(**changes), "no such path", AT)
