"""A server that is set back to an earlier point of its history, as a replica that lacks the last writes."""

from __future__ import annotations

from collections.abc import Iterable

from application.ledger import Ledger
from domain.ports import Snapshot
from domain.task import Task
from tests.redis.desk import Desk, task_of

KEPT_DB = "1"


class Rewound:
    """Keeps what a server holds at one moment, and brings it back later."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def keep(self) -> None:
        """Remember what the server holds now."""
        async for name in self._desk.redis.scan_iter():
            await self._desk.redis.copy(name, name, destination_db=KEPT_DB, replace=True)

    async def back(self) -> None:
        """Bring that back, within a recovery window."""
        await self._desk.redis.flushdb()
        await self._desk.redis.swapdb(0, int(KEPT_DB))
        self._desk.endpoints.arrivals._window_ends = float("inf")

    async def restore(self, kept: Iterable[Task]) -> list[Snapshot]:
        """Write again what a scheduler knows, as the application does."""
        ledger = Ledger(self._desk.store, self._desk.clock)
        return [await ledger.restore(task) for task in kept]


async def tasks_at(desk: Desk, *task_ids: str) -> list[Task]:
    """What the ledgers say now."""
    return [task_of(snapshot) for snapshot in await desk.store.load(task_ids)]
