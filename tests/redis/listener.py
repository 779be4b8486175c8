"""Somebody who listens to a watch, and waits for what it tells; nothing is waited for without a bound."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from application.ending import end_all
from domain.ports import Notice, RecordsChanged, RecordWatch, WatchLost, WatchProved

HANGS_S = 20.0


class Listener:
    """Keeps all that was told, in order."""

    def __init__(self) -> None:
        self.told: list[Notice] = []
        self._more = asyncio.Event()

    async def listen(self, watch: RecordWatch) -> None:
        async for notice in watch.notices():
            self.told.append(notice)
            self._more.set()

    def forget(self) -> None:
        self.told.clear()

    @property
    def changed(self) -> set[str]:
        """The tasks that were told since."""
        return {task_id for notice in self.told if isinstance(notice, RecordsChanged) for task_id in notice.task_ids}

    async def until(self, holds: Callable[[Listener], bool]) -> None:
        """Wait until something holds of what was told."""
        async with asyncio.timeout(HANGS_S):
            while not holds(self):
                self._more.clear()
                await self._more.wait()

    async def until_changed(self, *task_ids: str) -> None:
        await self.until(lambda listener: listener.changed.issuperset(task_ids))

    async def until_proved(self) -> None:
        await self.until(lambda listener: WatchProved() in listener.told)

    async def until_lost_and_proved(self) -> None:
        """Wait for a loss, and for a proof behind it."""
        await self.until(lambda listener: WatchLost() in listener.told)
        await self.until(lambda listener: WatchProved() in listener.told[listener.told.index(WatchLost()) :])


@asynccontextmanager
async def listening(watch: RecordWatch, *, until_proved: bool = True) -> AsyncIterator[Listener]:
    """Listen until the block ends, to a watch that was proved when it begins."""
    listener = Listener()
    task = asyncio.create_task(listener.listen(watch))
    try:
        if until_proved:
            await listener.until_proved()
            listener.forget()
        yield listener
    finally:
        await end_all([task])
        assert task.cancelled(), "a watch never ends by itself"
