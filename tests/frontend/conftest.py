"""Fixtures for the tests of the stand-in."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import pytest
from redis.asyncio import Redis

from tests.frontend.http_server import HttpServer
from tests.frontend.scripted import Desk, ScriptedScheduler
from tests.frontend.standin import Dialect, Frontend, Gates, HttpScheduler, Journal, RedisRecords

OpenDesk = Callable[..., AbstractAsyncContextManager[Desk]]


@pytest.fixture
async def redis(redis_url: str) -> AsyncIterator[Redis]:
    client = Redis.from_url(redis_url)
    yield client
    await client.aclose()


@pytest.fixture
def open_desk(redis: Redis) -> OpenDesk:
    @asynccontextmanager
    async def open_one(
        *, timeout_s: float = 10.0, base_url: str = "", workers: int = 4, dialect: Dialect = Dialect.TODAY
    ) -> AsyncIterator[Desk]:
        scheduler, gates, journal = ScriptedScheduler(), Gates(), Journal()
        records = RedisRecords(redis)
        async with HttpServer(scheduler.answer) as server:
            client = HttpScheduler(base_url or server.base_url, timeout_s=timeout_s)
            frontend = Frontend(records, client, journal=journal, steps=gates, workers=workers, dialect=dialect)
            async with frontend:
                yield Desk(redis, records, frontend, scheduler, gates, journal, client.base_url)
            await client.aclose()

    return open_one


@pytest.fixture
async def desk(open_desk: OpenDesk) -> AsyncIterator[Desk]:
    async with open_desk() as one:
        yield one
