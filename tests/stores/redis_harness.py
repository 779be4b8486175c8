"""The Redis adapters under the conformance suite, on a real server.

The frontend's side reads and writes JSON on its own, without the adapters' codecs.
"""

import asyncio
import json
import math
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any, cast

from redis.asyncio import Redis

from adapters.redis import keys
from adapters.redis.audit_log import RedisAuditLog
from adapters.redis.block_store import RedisBlockStore
from adapters.redis.dispatch_queue import RedisDispatchQueue
from adapters.redis.endpoints import RedisEndpoints
from adapters.redis.listing import RedisTaskListing
from adapters.redis.outbox import RedisOutbox
from adapters.redis.queue_positions import RedisQueuePositions
from adapters.redis.replica_board import RedisReplicaBoard
from adapters.redis.tallies import RedisTallies
from adapters.redis.task_store import RedisTaskStore
from adapters.redis.waiting_users import RedisWaitingUsers
from adapters.redis.watch import RedisRecordWatch
from application.notifying import NotifyOfEnds
from domain.dispatch import Limits
from domain.ports import Admission, Snapshot
from domain.record import Record
from domain.task import Task
from domain.testing.documents import record_of
from tests.stores.harness import ROUTES
from tests.stores.redis_replaced import Saved, read_all, replace_server
from tests.support.redis_server import RedisServer

DELAYED = keys.PREFIX + "delayed"

NEVER_REACHED = Limits(per_user=1_000_000)
"""A store that knows of limits tells everybody when a slot becomes free."""


class RedisFrontendRecords:
    """The records as dms-frontend handles them."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    async def read(self, task_id: str) -> Record | None:
        raw = await self._redis.get(f"task:{task_id}")
        return None if raw is None else record_of(json.loads(raw))

    async def write(self, record: Record, ttl_s: float) -> None:
        await self._redis.set(f"task:{record.task_id}", json.dumps(document_of(record)), px=int(ttl_s * 1000))

    async def delete(self, task_id: str) -> bool:
        return bool(await self._redis.delete(f"task:{task_id}"))


def document_of(record: Record) -> dict[str, Any]:
    """Return the JSON document that a record is."""
    result = {"pod_status": record.result.pod_status, "launcher_output": record.result.launcher_output}
    return {
        "task_id": record.task_id,
        "service": record.service,
        "user_id": record.user_id,
        "status": record.status,
        "parameters": record.parameters,
        "active_jobs": record.active_jobs,
        "created_at": record.created_at,
        "updated_at": record.updated_at,
        "logs": record.logs,
        "result": {**result, **record.result_extra},
        "priority": record.priority,
        **record.extra,
    }


class TimedTaskStore(RedisTaskStore):
    """The adapter, where retries up to a moment that the server's clock has not reached are due all the same."""

    def __init__(self, endpoints: RedisEndpoints, limits: Limits, redis: Redis) -> None:
        super().__init__(endpoints, limits, NotifyOfEnds(ROUTES))
        self._client = redis
        self._due_ms = 0

    async def commit(
        self,
        before: Snapshot,
        task: Task | None,
        record: Record | None,
        *,
        admission: Admission | None = None,
        announce: bool = True,
    ) -> Snapshot:
        committed = await super().commit(before, task, record, admission=admission, announce=announce)
        if task is not None and task.retry_at is not None:
            await self.let_come_due()
        return committed

    async def come_due(self, moment: datetime) -> None:
        self._due_ms = math.ceil(moment.timestamp() * 1000)
        await self.let_come_due()

    async def let_come_due(self) -> None:
        for member, due_ms in await _scores(self._client, DELAYED):
            if due_ms <= self._due_ms:
                await self._client.zadd(DELAYED, {member: 1}, xx=True)


class RedisHarness:
    """The adapters on one server, and a client of its own to look behind them and to turn its deadlines."""

    patience_s = 20.0
    window_s = 600.0

    def __init__(self, endpoints: RedisEndpoints, redis: Redis) -> None:
        self.tasks = TimedTaskStore(endpoints, NEVER_REACHED, redis)
        self.queue = RedisDispatchQueue(endpoints)
        self.positions = RedisQueuePositions(endpoints)
        self.waiting_users = RedisWaitingUsers(endpoints)
        self.tallies = RedisTallies(endpoints)
        self.audit = RedisAuditLog(endpoints)
        self.outbox = RedisOutbox(endpoints)
        self.blocks = RedisBlockStore(endpoints)
        self.board = RedisReplicaBoard(endpoints)
        self.listing = RedisTaskListing(endpoints)
        self.frontend = RedisFrontendRecords(redis)
        self._endpoints = endpoints
        self._redis = redis
        self._opened_at = datetime.now(UTC)
        self._leases_ended = 0

    def watch(self) -> RedisRecordWatch:
        return RedisRecordWatch(self._endpoints)

    def now(self) -> datetime:
        return self._opened_at

    async def come_due(self, moment: datetime) -> None:
        await self.tasks.come_due(moment)

    async def expire_lease(self, task_id: str) -> None:
        self._leases_ended += 1
        assert await self._redis.zscore(keys.LIVE, task_id), f"nobody holds task {task_id}"
        await self._redis.zadd(keys.LIVE, {task_id: self._leases_ended}, xx=True)

    async def lease_left_s(self, task_id: str) -> float:
        end = await self._redis.zscore(keys.LIVE, task_id)
        assert end, f"nobody holds task {task_id}"
        seconds, microseconds = await self._redis.time()
        return float(end) / 1000 - (seconds + microseconds / 1_000_000)

    async def expire_record(self, task_id: str) -> None:
        assert await self._redis.pexpire(f"task:{task_id}", 1), f"task {task_id} has no record"
        # Nobody is told of the end of a key, unless the server was set up so.
        while await self._redis.exists(f"task:{task_id}"):  # noqa: ASYNC110
            await asyncio.sleep(0)

    async def record_ttl_s(self, task_id: str) -> float | None:
        return await self._ttl_s(f"task:{task_id}")

    async def ledger_ttl_s(self, task_id: str) -> float | None:
        return await self._ttl_s(keys.ledger_key(task_id))

    async def save(self) -> object:
        return await read_all(self._redis)

    async def fail_over(self, saved: object) -> None:
        await replace_server(self._redis, cast(Saved, saved or {}))
        await self._break_connections()
        await self.tasks.let_come_due()

    async def end_window(self) -> None:
        await self._endpoints.write.ping()  # whoever comes to a new server opens its window
        await self._redis.hset(keys.PREFIX + "counts", "recovering", 1)
        await self._break_connections()

    async def _break_connections(self) -> None:
        # Our own clients' beforehand, so that they need not find out by a failure; the others are those of watches.
        await self._endpoints.write.connection_pool.disconnect()
        for kind in ("normal", "pubsub"):
            await self._redis.client_kill_filter(_type=kind, skipme=True)

    async def end_blocks(self, moment: datetime) -> None:
        end = math.ceil(moment.timestamp() * 1000)
        for user, due_ms in await _scores(self._redis, keys.BLOCK_ENDS):
            if due_ms <= end:
                await self._redis.zadd(keys.BLOCK_ENDS, {user: 1}, xx=True)
                flags = (
                    [keys.block_key(user.decode()), f"blocks:user:{user.decode()}"] if user else [keys.BLOCK_EVERYBODY]
                )
                for flag in flags:
                    await self._redis.pexpireat(flag, 1)

    async def silence(self, owner: str) -> None:
        assert await self._redis.delete(keys.presence_key(owner)), f"{owner} has said nothing"

    async def fill_outbox(self, route: str, number: int) -> None:
        _, due = keys.outbox_keys(route)
        await self._redis.zadd(due, {f"dms_{each}": math.inf for each in range(number)})

    async def age_outbox(self, seconds: float) -> None:
        for words, due in (keys.outbox_keys(route) for route in ROUTES):
            for word, due_ms in await _scores(self._redis, due):
                await self._redis.zadd(due, {word: due_ms - seconds * 1000}, xx=True)
                tries, written, body = re.split(rb"[ \n]", cast(bytes, await self._redis.hget(words, word)), maxsplit=2)
                await self._redis.hset(words, word, b"%s %d\n%s" % (tries, int(written) - seconds * 1000, body))

    async def age_ended(self, seconds: float) -> None:
        for member, ended_ms in await _scores(self._redis, keys.ENDED):
            await self._redis.zadd(keys.ENDED, {member: ended_ms - seconds * 1000}, xx=True)

    async def _ttl_s(self, name: str) -> float | None:
        left = await self._redis.pttl(name)
        return left / 1000 if left >= 0 else None


async def _scores(redis: Redis, name: str) -> list[tuple[bytes, float]]:
    return cast(list[tuple[bytes, float]], await redis.zrange(name, 0, -1, withscores=True))


@asynccontextmanager
async def open_redis_store(server: RedisServer) -> AsyncIterator[RedisHarness]:
    """Open an empty store; what the server held before is gone."""
    endpoints = RedisEndpoints.open(server.url, recovery_s=RedisHarness.window_s)
    redis = Redis.from_url(server.url)
    try:
        await redis.flushall()
        yield RedisHarness(endpoints, redis)
    finally:
        await redis.aclose()
        await endpoints.close()
