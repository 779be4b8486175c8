"""Thousands of tasks through the stand-in, over real HTTP and real Redis: none may end wrong (contract §4)."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager

import pytest
from redis.asyncio import Redis

from application.ending import end_all
from tests.conftest import StartRedis
from tests.frontend.standin import Frontend, Journal, NoPauses, RedisRecords, SeededPauses, Steps, create_only, crowd
from tests.frontend.standin.crowd import Behaviour
from tests.races.mixes import a_wild_mix
from tests.races.redis_service import observer, service
from tests.races.stage import PATIENCE_S
from tests.races.work import RacingExecutor, WorkLog
from tests.support.redis_server import RedisServer

pytestmark = pytest.mark.slow

CONCURRENCY, FRONTENDS = 16, 4
FREEZE_TICKS = 20
Tick = Callable[[], Awaitable[object]]


async def statuses_after(
    write: Redis,
    read: Redis,
    urls: tuple[str, str],
    count: int,
    behaviour: Behaviour,
    *,
    replicas: int = 1,
    pauses: Steps | None = None,
) -> Counter[str]:
    """Send tasks through the frontends, hold each to the contract, and return how many ledgers say what."""
    journal, log, steps = Journal(), WorkLog(), pauses or NoPauses()
    async with AsyncExitStack() as stack:
        scheduler = await stack.enter_async_context(service(*urls, RacingExecutor(log, steps), replicas))
        outside = await stack.enter_async_context(observer(urls[0], journal, log))
        records = RedisRecords(write, read)
        frontends = [
            await stack.enter_async_context(Frontend(records, scheduler, journal=journal, steps=steps))
            for _ in range(FRONTENDS)
        ]
        ids = await crowd(frontends, count, CONCURRENCY, behaviour)
        await asyncio.sleep(PATIENCE_S)
        cases = await outside.look(ids)
    assert len(set(ids)) == count
    wrong = {task_id: found for task_id, case in zip(ids, cases, strict=True) if (found := case.wrongs())}
    assert not wrong, f"{len(wrong)} of {count} ended wrong, such as {dict(list(wrong.items())[:5])}"
    assert not log.faults
    return Counter(str(case.task.status) if case.task else "" for case in cases)


@asynccontextmanager
async def stuttering(replica: RedisServer, tick: Tick) -> AsyncIterator[None]:
    """Freeze a replica again and again: what it answers first after that is from before."""

    async def stutter() -> None:
        while True:
            for act in (replica.pause, replica.resume):
                act()
                for _ in range(FREEZE_TICKS):
                    await tick()

    stuttering = asyncio.create_task(stutter())
    try:
        yield
    finally:
        await end_all([stuttering])
        replica.resume()


async def test_two_thousand_quick_tasks(start_redis: StartRedis) -> None:
    server = start_redis()
    async with Redis.from_url(server.url, protocol=2) as redis:
        statuses = await statuses_after(redis, redis, (server.url, server.url), 2_000, create_only)
    assert statuses == {"completed": 2_000}


async def test_cancels_and_deletes_with_two_replicas_and_a_read_endpoint_that_lags(start_redis: StartRedis) -> None:
    server = start_redis()
    copy = start_redis(replica_of=server)
    async with AsyncExitStack() as stack:
        write, read, clock = [
            await stack.enter_async_context(Redis.from_url(url, protocol=2))
            for url in (server.url, copy.url, server.url)
        ]
        await stack.enter_async_context(stuttering(copy, clock.ping))
        pauses = SeededPauses(seed=11, most=8, tick=write.ping)
        urls = server.url, copy.url
        statuses = await statuses_after(write, read, urls, 1_000, a_wild_mix, replicas=2, pauses=pauses)
    # How many a cancel comes in time for depends on the machine.
    assert statuses["completed"] > 0
    assert statuses["cancelled"] > 0
