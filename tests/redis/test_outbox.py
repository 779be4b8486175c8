"""The outbox in Redis: what it costs, and what becomes of it when Redis is full, loses an answer, or lost a key."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from adapters.redis import keys
from adapters.redis.endpoints import RedisEndpoints
from adapters.redis.outbox import RedisOutbox
from adapters.redis.task_store import RedisTaskStore
from application.notifying import NotifyOfEnds
from domain.notifications import DEFAULT_ROUTE
from tests.conftest import StartRedis
from tests.redis.breakages import out_of_memory
from tests.redis.costs import counted
from tests.redis.desk import Desk
from tests.redis.far import commits, far_desk
from tests.support.lossy_proxy import LossyProxy
from tests.support.redis_server import RedisServer

WEEK_MS = 7 * 86_400_000
HOLD_S = 60.0
WORDS, DUE = keys.outbox_keys(DEFAULT_ROUTE)


def telling(desk: Desk) -> Desk:
    """Let this scheduler tell of every end."""
    desk.store = RedisTaskStore(desk.endpoints, desk.limits, NotifyOfEnds([DEFAULT_ROUTE]))
    return desk


@pytest.fixture
def server(start_redis: StartRedis) -> RedisServer:
    return start_redis()


@pytest.fixture
async def desk(server: RedisServer) -> AsyncIterator[Desk]:
    endpoints = RedisEndpoints.open(server.url)
    try:
        yield telling(Desk(endpoints))
    finally:
        await endpoints.close()


@pytest.fixture
def outbox(desk: Desk) -> RedisOutbox:
    return RedisOutbox(desk.endpoints)


async def test_an_end_costs_six_commands_more_and_no_round_trip(desk: Desk) -> None:
    costs = []
    for task_id, store in (("1", RedisTaskStore(desk.endpoints)), ("2", desk.store), ("3", desk.store)):
        running = await desk.at_work(task_id)
        desk.store = store
        async with counted(desk.redis) as cost:
            await desk.complete(running)
        costs.append(cost)
    untold, first, second = (cost.total - cost.commands["expire"] for cost in costs)  # of a count's first in an hour
    assert first == second == untold + 6
    assert {cost.reads for cost in costs} == {1}


async def test_a_delivery_costs_two_round_trips(desk: Desk, outbox: RedisOutbox) -> None:
    for task_id in ("1", "2"):  # the first time Redis learns the scripts
        await desk.run(task_id)
        async with counted(desk.redis) as cost:
            for claimed in await outbox.claim(DEFAULT_ROUTE, 1, HOLD_S):
                await outbox.remove(claimed)
    assert cost.reads == 2


async def test_what_waits_is_forgotten_in_a_week_and_not_before(desk: Desk, outbox: RedisOutbox) -> None:
    await desk.run("1")
    for name in (WORDS, DUE):
        assert WEEK_MS - 60_000 < await desk.redis.pttl(name) <= WEEK_MS
    await desk.redis.pexpire(WORDS, 1000)
    (claimed,) = await outbox.claim(DEFAULT_ROUTE, 1, HOLD_S)
    await outbox.put_off(claimed, 0.0, "no answer")
    assert 0 < await desk.redis.pttl(WORDS) <= 1000, "only a commit makes them last"


async def test_what_was_delivered_leaves_no_key_behind(desk: Desk, outbox: RedisOutbox) -> None:
    await desk.run("1")
    (claimed,) = await outbox.claim(DEFAULT_ROUTE, 1, HOLD_S)
    await outbox.remove(claimed)
    await outbox.remove(claimed, "no answer")
    assert not await desk.redis.exists(WORDS, DUE)


async def test_without_memory_to_spare_ends_are_told_all_the_same(
    server: RedisServer, desk: Desk, outbox: RedisOutbox
) -> None:
    running = await desk.at_work("1")
    with out_of_memory(server):
        await desk.complete(running)
        (claimed,) = await outbox.claim(DEFAULT_ROUTE, 1, HOLD_S)
        await outbox.put_off(claimed, 0.0, "no answer")
        (claimed,) = await outbox.claim(DEFAULT_ROUTE, 1, HOLD_S)
        await outbox.remove(claimed)
        assert (await outbox.backlog([DEFAULT_ROUTE]))[DEFAULT_ROUTE].waiting == 0


async def test_an_end_whose_answer_was_lost_is_told_once(server: RedisServer, desk: Desk, outbox: RedisOutbox) -> None:
    running = await desk.at_work("1")
    async with LossyProxy(server.port).running() as proxy, far_desk(proxy) as far:
        proxy.lose_answer_to(*commits(far))
        await telling(far).complete(running)
        assert proxy.lost == 1
    assert len(await outbox.claim(DEFAULT_ROUTE, 10, HOLD_S)) == 1


@pytest.mark.parametrize("lost", [WORDS, DUE])
async def test_half_of_what_waits_is_no_harm(desk: Desk, outbox: RedisOutbox, lost: str) -> None:
    await desk.run("1")
    await desk.redis.delete(lost)
    assert await outbox.claim(DEFAULT_ROUTE, 10, HOLD_S) == []
    await desk.run("2")
    (claimed,) = await outbox.claim(DEFAULT_ROUTE, 10, HOLD_S)
    assert claimed.notification.id.startswith("dms_2_1_")
