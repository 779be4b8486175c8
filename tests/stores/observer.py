"""A replica that listens to its watch, and remembers what it was told."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from application.ending import end_all
from domain.ports import Notice, RecordsChanged, RecordWatch, StoreReplaced, WatchLost, WatchProved, WorkWaits
from tests.stores.harness import StoreHarness


class Observer:
    """Collects notices until a test forgets them.

    What has not come after ``patience_s`` seconds never will: so slow no store is.
    """

    def __init__(self, patience_s: float) -> None:
        self._patience_s = patience_s
        self.changed: set[str] = set()
        self.work_waits = False
        self.proved = False
        self.window_s: float | None = None
        """How long a recovery window was told to last."""
        self._told = asyncio.Event()

    async def listen(self, watch: RecordWatch) -> None:
        """Collect for ever."""
        async for notice in watch.notices():
            match notice:
                case RecordsChanged(task_ids):
                    self.changed |= task_ids
                case WorkWaits():
                    self.work_waits = True
                case WatchProved():
                    self.proved = True
                case WatchLost():
                    self.proved = False
                case StoreReplaced(window_s):
                    self.window_s = window_s
                    self.proved = False  # it must be proved again from here on
            self._told.set()

    def forget(self) -> None:
        """Begin anew."""
        self.changed.clear()
        self.work_waits = False

    async def until_proved(self) -> None:
        """Wait until the watch stands."""
        await self._until(lambda: self.proved, "the watch is proved")

    async def until_replaced(self) -> float:
        """Wait for word that the store is another server; return how long its recovery window lasts, in seconds."""
        await self._until(lambda: self.window_s is not None, "the store was replaced")
        assert self.window_s is not None
        return self.window_s

    async def until_changed(self, *task_ids: str) -> None:
        """Wait for word that these tasks' records or ledgers changed."""
        await self._until(lambda: self.changed.issuperset(task_ids), f"tasks {task_ids} changed")

    async def until_work_waits(self) -> None:
        """Wait for word that something may be claimed."""
        await self._until(lambda: self.work_waits, "work waits")

    async def _until(self, happened: Callable[[], bool], what: str) -> None:
        try:
            async with asyncio.timeout(self._patience_s):
                while not happened():
                    self._told.clear()
                    await self._told.wait()
        except TimeoutError:
            raise AssertionError(f"the watch never told that {what}") from None


@asynccontextmanager
async def observing(store: StoreHarness) -> AsyncIterator[Observer]:
    """Listen to one more replica's watch, which stands, for as long as the context lasts."""
    observer = Observer(store.patience_s)
    listening = asyncio.create_task(observer.listen(store.watch()))
    try:
        await observer.until_proved()
        yield observer
    finally:
        await end_all([listening])


async def next_of(notices: AsyncIterator[Notice], number: int) -> list[Notice]:
    """Return the next notices. They are there already: the time limit only keeps a failing test from hanging."""
    async with asyncio.timeout(5):
        return [await anext(notices) for _ in range(number)]
