"""The memory adapters under the conformance suite, in virtual time."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

from adapters.memory import (
    MemoryAuditLog,
    MemoryBlockStore,
    MemoryDatabase,
    MemoryDispatchQueue,
    MemoryFrontendRecords,
    MemoryOutbox,
    MemoryQueuePositions,
    MemoryRecordWatch,
    MemoryReplicaBoard,
    MemoryTallies,
    MemoryTaskListing,
    MemoryTaskStore,
    MemoryWaitingUsers,
)
from application.notifying import NotifyOfEnds
from domain.notifications import Notification
from tests.stores.harness import ROUTES

A_LITTLE_S = 0.001


class VirtualTime:
    """A clock on the wall and a monotonic one, both moved by hand."""

    def __init__(self) -> None:
        self.moment = datetime(2026, 3, 12, 10, tzinfo=UTC)
        self.seconds = 1_000.0

    def now(self) -> datetime:
        return self.moment

    async def sleep(self, seconds: float) -> None:
        self.moment += timedelta(seconds=seconds)
        self.seconds += seconds

    def monotonic(self) -> float:
        return self.seconds


class MemoryHarness:
    """A database of its own for every test."""

    patience_s = 1.0
    window_s = 5.0

    def __init__(self, routes: Sequence[str] = ROUTES) -> None:
        self.time = VirtualTime()
        self.database = MemoryDatabase(self.time, self.time.monotonic)
        self.tasks = MemoryTaskStore(self.database, NotifyOfEnds(routes))
        self.queue = MemoryDispatchQueue(self.database)
        self.positions = MemoryQueuePositions(self.database)
        self.waiting_users = MemoryWaitingUsers(self.database)
        self.tallies = MemoryTallies(self.database)
        self.audit = MemoryAuditLog(self.database)
        self.outbox = MemoryOutbox(self.database)
        self.blocks = MemoryBlockStore(self.database)
        self.board = MemoryReplicaBoard(self.database)
        self.listing = MemoryTaskListing(self.database)
        self.frontend = MemoryFrontendRecords(self.database)

    def watch(self) -> MemoryRecordWatch:
        return MemoryRecordWatch(self.database)

    def now(self) -> datetime:
        return self.time.now()

    async def come_due(self, moment: datetime) -> None:
        self.time.moment = max(self.time.moment, moment)

    async def expire_lease(self, task_id: str) -> None:
        self.time.seconds += A_LITTLE_S
        self.database.ledgers.lease_ends.set(task_id, self.time.seconds)

    async def lease_left_s(self, task_id: str) -> float:
        end = self.database.ledgers.lease_ends.get(task_id)
        assert end is not None, f"nobody holds task {task_id}"
        return end - self.time.seconds

    async def expire_record(self, task_id: str) -> None:
        record = self.database.records.get(task_id)
        assert record is not None, f"task {task_id} has no record"
        self.database.records.save(task_id, record, A_LITTLE_S)
        self.time.seconds += A_LITTLE_S
        assert self.database.records.get(task_id) is None

    async def record_ttl_s(self, task_id: str) -> float | None:
        return self.database.records.remaining_s(task_id) or None

    async def ledger_ttl_s(self, task_id: str) -> float | None:
        end = self.database.ledgers.expiries.get(task_id)
        return None if end is None else end - self.time.seconds

    async def save(self) -> object:
        return self.database.save()

    async def fail_over(self, saved: object) -> None:
        lost = MemoryDatabase(self.time, self.time.monotonic)
        self.database.fail_over(saved if isinstance(saved, MemoryDatabase) else lost, self.window_s)

    async def end_window(self) -> None:
        self.time.seconds += self.database.window_left_s

    async def end_blocks(self, moment: datetime) -> None:
        await self.come_due(moment)

    async def silence(self, owner: str) -> None:
        (present,) = [each for each in self.database.replicas.present() if each.owner == owner]
        self.database.replicas.announce(present, A_LITTLE_S)
        self.time.seconds += A_LITTLE_S

    async def fill_outbox(self, route: str, number: int) -> None:
        for each in range(number):
            self.database.outbox.add(Notification(f"dms_{each}", route, ""))

    async def age_outbox(self, seconds: float) -> None:
        self.time.seconds += seconds

    async def age_ended(self, seconds: float) -> None:
        self.time.seconds += seconds


@asynccontextmanager
async def open_memory_store() -> AsyncIterator[MemoryHarness]:
    yield MemoryHarness()
