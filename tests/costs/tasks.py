"""The whole service in this process, on a real Redis, and quick tasks that it brings home."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from redis.asyncio import Redis

from adapters.redis import keys
from adapters.redis.endpoints import RedisEndpoints
from adapters.redis.registration import RedisRegistration
from adapters.system import SystemClock
from benchmarks.submitter import submit_all
from entrypoints.http.app import create_app
from entrypoints.http.server import embedded
from entrypoints.settings import StoreKind
from tests.http.service import PARAMETERS, TTL_S, settings, until

HOST = "127.0.0.1"
SETTLE_S = 0.6
"""Changed records are collected for 0.2 s and then looked at, which belongs to the cost."""


@dataclass(frozen=True, slots=True)
class QuickTasks:
    """Submitted over HTTP; the placeholder takes no time for them."""

    port: int
    redis: Redis
    registration: RedisRegistration

    async def register(self, number: int) -> list[str]:
        """Write records as the frontend does, and return when the service has seen them."""
        ids = [await self.registration.register("sync", "alice", PARAMETERS) for _ in range(number)]
        await asyncio.sleep(SETTLE_S)
        return ids

    async def bring_home(self, ids: list[str], concurrency: int) -> None:
        """Submit the tasks, so many at a time, and return when all have ended and nothing more is done for them."""
        ended = await self.redis.zcard(keys.ENDED) + len(ids)
        submits = await submit_all(HOST, self.port, ids, PARAMETERS, concurrency)
        assert submits.refused == 0
        await until(lambda: self.redis.zcard(keys.ENDED), lambda now: now >= ended)
        await asyncio.sleep(SETTLE_S)


@asynccontextmanager
async def quick_tasks(redis_url: str) -> AsyncIterator[QuickTasks]:
    """Run the service, with its defaults, until the block ends."""
    chosen = settings(store=StoreKind.REDIS, redis_write_url=redis_url, redis_read_url=redis_url, placeholder_s=0.0)
    endpoints, redis = RedisEndpoints.open(redis_url), Redis.from_url(redis_url)
    registration = RedisRegistration(endpoints, SystemClock(chosen.timezone), TTL_S)
    try:
        async with embedded(create_app(chosen)) as port:
            tasks = QuickTasks(port, redis, registration)
            await tasks.bring_home(await tasks.register(20), 4)  # what is done only once
            yield tasks
    finally:
        await redis.aclose()
        await endpoints.close()
