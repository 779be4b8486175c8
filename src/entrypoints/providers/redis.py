"""The store in Redis."""

from __future__ import annotations

from collections.abc import AsyncIterator

from dishka import Provider, Scope, provide

from adapters.redis.audit_log import RedisAuditLog
from adapters.redis.block_store import RedisBlockStore
from adapters.redis.dispatch_queue import RedisDispatchQueue
from adapters.redis.endpoints import RedisEndpoints
from adapters.redis.listing import RedisTaskListing
from adapters.redis.meter import RedisMeter
from adapters.redis.outbox import RedisOutbox
from adapters.redis.queue_positions import RedisQueuePositions
from adapters.redis.registered import RedisRegisteredTasks
from adapters.redis.registration import RedisRegistration
from adapters.redis.replica_board import RedisReplicaBoard
from adapters.redis.tallies import RedisTallies
from adapters.redis.task_store import RedisTaskStore
from adapters.redis.waiting_users import RedisWaitingUsers
from adapters.redis.watch import RedisRecordWatch
from application.changeover import SettleUnowned
from application.notifying import NotifyOfEnds
from application.outbox import Outbox
from application.ports import AuditLog, RegisteredTasks, Registration, ReplicaBoard, Tallies, WaitingUsers
from application.settings import Lifetimes
from domain.dispatch import Limits
from domain.ports import BlockStore, Clock, DispatchQueue, QueuePositions, RecordWatch, TaskListing, TaskStore
from entrypoints.http.readiness import StoreProbe
from entrypoints.settings import Settings


class RedisProvider(Provider):
    """Every port of the store, over one pair of endpoints."""

    scope = Scope.APP
    settle_unowned = provide(SettleUnowned)

    @provide
    async def endpoints(
        self, settings: Settings, lifetimes: Lifetimes, meter: RedisMeter
    ) -> AsyncIterator[RedisEndpoints]:
        endpoints = RedisEndpoints.open(
            settings.redis_write_url,
            settings.redis_read_url,
            recovery_s=lifetimes.store_lease_s,
            min_replicas_ack=settings.redis_min_replicas_ack,
            meter=meter,
        )
        yield endpoints
        await endpoints.close()

    @provide
    def store(self, endpoints: RedisEndpoints, limits: Limits, notify: NotifyOfEnds) -> TaskStore:
        return RedisTaskStore(endpoints, limits, notify if notify.routes else None)

    @provide
    def outbox(self, endpoints: RedisEndpoints) -> Outbox:
        return RedisOutbox(endpoints)

    @provide
    def queue(self, endpoints: RedisEndpoints) -> DispatchQueue:
        return RedisDispatchQueue(endpoints)

    @provide
    def positions(self, endpoints: RedisEndpoints) -> QueuePositions:
        return RedisQueuePositions(endpoints)

    @provide
    def audit_log(self, endpoints: RedisEndpoints) -> AuditLog:
        return RedisAuditLog(endpoints)

    @provide
    def waiting_users(self, endpoints: RedisEndpoints) -> WaitingUsers:
        return RedisWaitingUsers(endpoints)

    @provide
    def tallies(self, endpoints: RedisEndpoints) -> Tallies:
        return RedisTallies(endpoints)

    @provide
    def blocks(self, endpoints: RedisEndpoints) -> BlockStore:
        return RedisBlockStore(endpoints)

    @provide
    def listing(self, endpoints: RedisEndpoints) -> TaskListing:
        return RedisTaskListing(endpoints)

    @provide
    def watch(self, endpoints: RedisEndpoints) -> RecordWatch:
        return RedisRecordWatch(endpoints)

    @provide
    def board(self, endpoints: RedisEndpoints) -> ReplicaBoard:
        return RedisReplicaBoard(endpoints)

    @provide
    def registered(self, endpoints: RedisEndpoints) -> RegisteredTasks:
        return RedisRegisteredTasks(endpoints)

    @provide
    def registration(self, endpoints: RedisEndpoints, clock: Clock, settings: Settings) -> Registration:
        return RedisRegistration(endpoints, clock, settings.redis_task_ttl_s)

    @provide
    def probe(self, endpoints: RedisEndpoints) -> StoreProbe:
        return endpoints.unreachable
