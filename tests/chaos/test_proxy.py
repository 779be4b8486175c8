"""The proxy does each fault that it is told, and passes everything else on."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

import pytest
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError

from tests.chaos.proxy import FaultProxy
from tests.support.ports import free_port
from tests.support.redis_server import RedisServer

BOUND_S = 30
SCRIPT = "return redis.call('INCR', 'n')"


@pytest.fixture
async def proxy(redis_server: RedisServer) -> AsyncIterator[FaultProxy]:
    redis_server.flush()
    async with FaultProxy(redis_server.port).running() as proxy:
        yield proxy


def client(proxy: FaultProxy, timeout_s: float = BOUND_S) -> Redis:
    return Redis.from_url(proxy.url, protocol=2, socket_timeout=timeout_s, retry=Retry(NoBackoff(), 0))


async def test_it_passes_everything_on(proxy: FaultProxy) -> None:
    big = b"x" * 3_000_000
    async with client(proxy) as redis:
        await redis.set("k", big)
        assert await redis.get("k") == big


async def test_a_lost_answer_is_to_a_script_that_was_run(proxy: FaultProxy, redis_server: RedisServer) -> None:
    async with client(proxy) as redis:
        sha = await redis.script_load(SCRIPT)
        proxy.to_lose = 1
        assert await redis.ping()
        with pytest.raises(RedisConnectionError):
            await redis.evalsha(sha, 0)
        assert await redis.evalsha(sha, 0) == 2
    assert proxy.lost == 1


async def test_cut_connections_are_broken_and_new_ones_come_about(proxy: FaultProxy) -> None:
    async with client(proxy) as redis:
        async with redis.pubsub() as pubsub:
            await pubsub.subscribe("c")
            proxy.cut()
            assert proxy.cuts == 1
            assert pubsub.connection is not None
            with pytest.raises(RedisConnectionError):
                await pubsub.connection.read_response()
        assert await redis.ping()


async def test_replies_come_late_and_in_order(proxy: FaultProxy) -> None:
    loop = asyncio.get_running_loop()
    async with client(proxy) as redis, redis.pubsub() as pubsub:
        await pubsub.subscribe("c")
        await pubsub.get_message(timeout=BOUND_S)
        proxy.delay_s = 0.2
        began = loop.time()
        await redis.ping()
        assert loop.time() - began >= 0.2
        await redis.publish("c", "first")
        proxy.delay_s = 0
        await redis.publish("c", "second")
        heard: list[bytes] = []
        async with asyncio.timeout(BOUND_S):
            while len(heard) < 2:
                message = await pubsub.get_message(ignore_subscribe_messages=True, timeout=BOUND_S)
                heard += [message["data"]] if message else []
    assert heard == [b"first", b"second"]


async def test_while_it_is_silent_nothing_passes_and_then_what_was_sent_does(proxy: FaultProxy) -> None:
    async with client(proxy) as redis, client(proxy, timeout_s=0.1) as impatient:
        await redis.ping()
        proxy.silent = True
        for each in (redis, impatient):
            with suppress(RedisTimeoutError, TimeoutError):
                async with asyncio.timeout(0.2):
                    await each.incr("n")
                pytest.fail("an answer came")
        kept = asyncio.create_task(client_of(redis))
        await asyncio.sleep(0)
        proxy.silent = False
        assert await asyncio.wait_for(kept, BOUND_S)


async def client_of(redis: Redis) -> bool:
    return bool(await redis.ping())


async def test_where_there_is_no_server_connections_break() -> None:
    async with FaultProxy(free_port()).running() as proxy, client(proxy) as redis:
        with pytest.raises(RedisConnectionError):
            await redis.ping()
