"""The store in this process's memory."""

from __future__ import annotations

from dishka import Provider, Scope, provide

from adapters.memory import (
    MemoryAuditLog,
    MemoryBlockStore,
    MemoryDatabase,
    MemoryDispatchQueue,
    MemoryOutbox,
    MemoryQueuePositions,
    MemoryRecordWatch,
    MemoryRegistration,
    MemoryReplicaBoard,
    MemoryTallies,
    MemoryTaskListing,
    MemoryTaskStore,
    MemoryWaitingUsers,
)
from application.notifying import NotifyOfEnds
from application.outbox import Outbox
from application.ports import AuditLog, Registration, ReplicaBoard, Tallies, WaitingUsers
from domain.ports import BlockStore, Clock, DispatchQueue, QueuePositions, RecordWatch, TaskListing, TaskStore
from entrypoints.http.readiness import StoreProbe
from entrypoints.settings import Settings


class MemoryProvider(Provider):
    """Every port of the store, over one database."""

    scope = Scope.APP

    @provide
    def database(self, clock: Clock) -> MemoryDatabase:
        return MemoryDatabase(clock)

    @provide
    def store(self, database: MemoryDatabase, notify: NotifyOfEnds) -> TaskStore:
        return MemoryTaskStore(database, notify if notify.routes else None)

    @provide
    def outbox(self, database: MemoryDatabase) -> Outbox:
        return MemoryOutbox(database)

    @provide
    def queue(self, database: MemoryDatabase) -> DispatchQueue:
        return MemoryDispatchQueue(database)

    @provide
    def positions(self, database: MemoryDatabase) -> QueuePositions:
        return MemoryQueuePositions(database)

    @provide
    def audit_log(self, database: MemoryDatabase) -> AuditLog:
        return MemoryAuditLog(database)

    @provide
    def waiting_users(self, database: MemoryDatabase) -> WaitingUsers:
        return MemoryWaitingUsers(database)

    @provide
    def tallies(self, database: MemoryDatabase) -> Tallies:
        return MemoryTallies(database)

    @provide
    def blocks(self, database: MemoryDatabase) -> BlockStore:
        return MemoryBlockStore(database)

    @provide
    def listing(self, database: MemoryDatabase) -> TaskListing:
        return MemoryTaskListing(database)

    @provide
    def watch(self, database: MemoryDatabase) -> RecordWatch:
        return MemoryRecordWatch(database)

    @provide
    def board(self, database: MemoryDatabase) -> ReplicaBoard:
        return MemoryReplicaBoard(database)

    @provide
    def registration(self, database: MemoryDatabase, clock: Clock, settings: Settings) -> Registration:
        return MemoryRegistration(database, clock, settings.redis_task_ttl_s)

    @provide
    def probe(self) -> StoreProbe:
        return _always_there


async def _always_there() -> tuple[str, ...]:
    return ()
