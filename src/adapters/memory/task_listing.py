"""Listings of the tasks in this process's memory."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import islice

from adapters.memory.database import MemoryDatabase
from domain.failures import failure_of
from domain.ports import Page, TaskFilter
from domain.task import Task

MOST_LOOKED_AT = 5_000
"""Tasks per page: a filter that few pass gives a short page and a cursor, never a slow answer."""

_CURSOR = re.compile(r"(live|ended)-([0-9]{1,20})\Z")


class MemoryTaskListing:
    """Implements :class:`domain.ports.TaskListing`: live tasks by their ids downwards, then ended ones, latest first.

    A cursor names the last task that its page looked at.
    """

    def __init__(self, database: MemoryDatabase) -> None:
        self._ledgers = database.ledgers

    async def page(self, wanted: TaskFilter, cursor: str | None, limit: int) -> Page:
        shown: list[Task] = []
        last = cursor
        for place, task in islice(self._behind(cursor), MOST_LOOKED_AT):
            last = place
            if _passes(task, wanted):
                shown.append(task)
            if len(shown) == limit:
                break
        at_end = next(self._behind(last), None) is None
        return Page(shown, None if at_end else last)

    async def at_work(self, limit: int) -> Sequence[Task]:
        ids = self._ledgers.lease_ends.lowest(limit)
        found = [ledger.task for task_id in ids if (ledger := self._ledgers.get(task_id)) is not None]
        return sorted(found, key=lambda task: int(task.task_id))

    def _behind(self, cursor: str | None) -> Iterator[tuple[str, Task]]:
        """Yield the tasks behind a cursor, each with the cursor that names it."""
        part, number = _parsed(cursor)
        if part == "live":
            yield from ((f"live-{task.task_id}", task) for task in self._ledgers.live(number))
            number = None
        yield from ((f"ended-{end.number}", task) for end, task in self._ledgers.ended(number))


def _parsed(cursor: str | None) -> tuple[str, int | None]:
    if cursor is None:
        return "live", None
    match = _CURSOR.match(cursor)
    if match is None:
        raise ValueError(f"cursor {cursor!r} is not one that a listing of tasks gave; leave it out to begin anew")
    return match[1], int(match[2])


def _passes(task: Task, wanted: TaskFilter) -> bool:
    return (
        wanted.status in (None, task.status)
        and wanted.user_id in (None, task.user_id)
        and wanted.service in (None, task.service)
        and (wanted.failure is None or failure_of(task) is wanted.failure)
    )
