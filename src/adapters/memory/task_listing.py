"""Listings of the tasks in this process's memory."""

from __future__ import annotations

from itertools import islice

from adapters.memory.database import MemoryDatabase
from domain.ports import Page, TaskFilter
from domain.task import Task
from domain.values import TASK_ID


class MemoryTaskListing:
    """Implements :class:`domain.ports.TaskListing`; its cursors are the ids that a page ended with.

    A filter that few tasks pass makes a page look at all of them.
    """

    def __init__(self, database: MemoryDatabase) -> None:
        self._ledgers = database.ledgers

    async def page(self, wanted: TaskFilter, cursor: str | None, limit: int) -> Page:
        if cursor is not None and not TASK_ID.match(cursor):
            raise ValueError("this cursor does not come from a page of this listing")
        passing = (task for task in self._ledgers.newest_first(cursor) if _passes(task, wanted))
        tasks = list(islice(passing, limit + 1))
        more = len(tasks) > limit
        return Page(tasks[:limit], tasks[limit - 1].task_id if more else None)


def _passes(task: Task, wanted: TaskFilter) -> bool:
    return (
        wanted.status in (None, task.status)
        and wanted.user_id in (None, task.user_id)
        and wanted.service in (None, task.service)
    )
