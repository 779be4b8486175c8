"""One real server, on which histories are played again."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from redis.asyncio import Redis

from adapters.redis import keys
from adapters.redis.block_store import RedisBlockStore
from adapters.redis.dispatch_queue import RedisDispatchQueue
from adapters.redis.endpoints import RedisEndpoints
from adapters.redis.task_store import RedisTaskStore
from tests.explorer.stores import Stores
from tests.stores.redis_harness import RedisFrontendRecords

SERVER_NOTE = "server"
"""The field of the counts that says which server the data was written on."""


class RedisTime:
    """Implements :class:`tests.explorer.operations.TimeOfLeases`.

    Leases expire by their scores: those become moments long past, in the order in which the leases ended. All leases of
    the explorer are so long that none expires by itself.
    """

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._moment_ms = 0

    async def passes(self, seconds: float, ended: tuple[str, ...]) -> None:
        for task_id in ended:
            self._moment_ms += 1
            changed = await self._redis.zadd(keys.LIVE, {task_id: self._moment_ms}, xx=True, ch=True)
            assert changed, f"task {task_id} is not live"


class RedisPlace:
    """The adapters, on a server that can be made empty again and again."""

    def __init__(self, endpoints: RedisEndpoints, redis: Redis) -> None:
        self.stores = Stores(
            RedisTaskStore(endpoints),
            RedisDispatchQueue(endpoints),
            RedisBlockStore(endpoints),
            RedisFrontendRecords(redis),
            RedisTime(redis),
        )
        self._redis = redis
        self._endpoints = endpoints

    async def empty(self) -> None:
        """Take everything away but the note which server it is, or it would seem to be one that has lost all."""
        await self._endpoints.write.ping()  # by then the first connection has left that note
        note = await self._redis.hget(keys.COUNTS, SERVER_NOTE)
        assert note is not None
        async with self._redis.pipeline(transaction=True) as pipeline:
            pipeline.flushdb()
            pipeline.hset(keys.COUNTS, SERVER_NOTE, note)
            await pipeline.execute()


@asynccontextmanager
async def redis_place(url: str) -> AsyncIterator[RedisPlace]:
    """Connect to a server that is ours alone for a while."""
    endpoints = RedisEndpoints.open(url)
    redis = Redis.from_url(url)
    try:
        yield RedisPlace(endpoints, redis)
    finally:
        await redis.aclose()
        await endpoints.close()
