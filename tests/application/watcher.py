"""A stage on which somebody watches: the hub over a feed in memory, with a clock that is turned by hand."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from adapters.memory import MemoryChangeFeed, MemoryDatabase, MemoryDispatchQueue
from application.consumers import Beat, Consumer, QueueCounts, Reset, Told, Wanted
from application.feed import FeedEntry, FeedPlace
from application.live import LiveEvents
from domain.feed import ChangeKind, TaskChange
from domain.testing import EPOCH
from domain.values import Priority, TaskStatus

EVERYTHING = Wanted()


class TurnedClock:
    """Whoever sleeps wakes when the clock is turned past that moment."""

    def __init__(self) -> None:
        self._now = 0.0
        self._sleepers: list[tuple[float, asyncio.Future[None]]] = []

    def now(self) -> datetime:
        return EPOCH + timedelta(seconds=self._now)

    def monotonic(self) -> float:
        return self._now

    async def sleep(self, seconds: float) -> None:
        woken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._sleepers.append((self._now + seconds, woken))
        await woken

    async def turn(self, seconds: float) -> None:
        """Let so much time pass, and whatever is due then happen."""
        await settled()
        self._now += seconds
        for due, woken in self._sleepers:
            if due <= self._now and not woken.done():
                woken.set_result(None)
        await settled()


async def settled() -> None:
    """Let everything happen that waits for nothing."""
    for _ in range(50):
        await asyncio.sleep(0)


def words(told: Told) -> bytes:
    """Write an event in short, a line each."""
    match told:
        case FeedEntry(place, change):
            return f"{change.kind} {change.task_id} {place}\n".encode()
        case QueueCounts():
            return f"queue {sum(told.waiting.values())} {told.delayed} {sum(told.at_work.values())}\n".encode()
        case Reset(place):
            return f"reset {place}\n".encode()
        case Beat(place):
            return f"beat {place}\n".encode()


@dataclass
class Watcher:
    """Reads what a consumer is told."""

    consumer: Consumer
    cuts: list[str]
    lines: list[str] = field(default_factory=list)

    @property
    def place(self) -> FeedPlace:
        """How far it was told."""
        return FeedPlace.parse(self.lines[-1].split()[-1])

    @property
    def changes(self) -> list[str]:
        """The tasks that it was told of, in that order."""
        return [line.split()[1] for line in self.lines if line.split()[0] in ("task", "progress")]

    @property
    def kinds(self) -> list[str]:
        """What kinds of events it was told."""
        return [line.split()[0] for line in self.lines]


@dataclass
class Stage:
    """The hub, and what happens."""

    database: MemoryDatabase
    live: LiveEvents
    clock: TurnedClock

    @asynccontextmanager
    async def watching(
        self, wanted: Wanted = EVERYTHING, since: FeedPlace | None = None, *, reads: bool = True
    ) -> AsyncIterator[Watcher]:
        """Watch; a watcher that does not ``reads`` has a connection that takes nothing."""
        cuts: list[str] = []
        watcher = Watcher(self.live.join(wanted, since, lambda: cuts.append("cut")), cuts)

        async def read() -> None:
            async for text in self.live.told(watcher.consumer):
                watcher.lines += text.decode().splitlines()

        reading = asyncio.create_task(read()) if reads else None
        await settled()
        try:
            yield watcher
        finally:
            self.live.leave(watcher.consumer)
            if reading is not None:
                await reading

    async def happens(
        self, *task_ids: str, kind: ChangeKind = ChangeKind.TASK, user_id: str = "alice", service: str = "sync"
    ) -> None:
        """Let tasks change."""
        for task_id in task_ids:
            self.database.feed.add(
                TaskChange(kind, task_id, service, user_id, TaskStatus.RUNNING, Priority.LOW, 1, 1, EPOCH)
            )
        await settled()


@asynccontextmanager
async def open_stage() -> AsyncIterator[Stage]:
    """Open a stage on which nothing has happened yet."""
    clock = TurnedClock()
    database = MemoryDatabase(clock, clock.monotonic)
    live = LiveEvents(MemoryChangeFeed(database), MemoryDispatchQueue(database), clock, words)
    async with live.running():
        yield Stage(database, live, clock)
