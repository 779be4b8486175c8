"""A task counts as accepted only when enough replicas have it, where the operator asks for that (WAIT)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from adapters.redis.endpoints import RedisEndpoints
from domain.ports import Admission, ConcurrentChange, Snapshot, StoreUnavailable
from domain.reconcile import reconcile
from domain.task import Task
from tests.conftest import StartRedis
from tests.redis.costs import Cost, counted
from tests.redis.desk import Desk, document, record_of, task_of
from tests.redis.far import commits
from tests.support.lossy_proxy import LossyProxy
from tests.support.redis_server import RedisServer


@asynccontextmanager
async def asking_for(replicas: int, url: str) -> AsyncIterator[Desk]:
    endpoints = RedisEndpoints.open(url, min_replicas_ack=replicas)
    try:
        yield Desk(endpoints)
    finally:
        await endpoints.close()


async def submit(desk: Desk, task_id: str) -> Snapshot:
    """Accept a task that is registered."""
    before = await desk.load(task_id)
    met = reconcile(Task.accept(record_of(before), desk.clock.now()), before.record, desk.clock.now())
    return await desk.store.commit(before, met.task, met.record, admission=Admission("alice", 100))


@pytest.fixture
def servers(start_redis: StartRedis) -> tuple[RedisServer, RedisServer]:
    master = start_redis()
    return master, start_redis(replica_of=master)


async def test_a_task_that_is_accepted_is_on_the_replica(servers: tuple[RedisServer, RedisServer]) -> None:
    master, replica = servers
    async with asking_for(1, master.url) as desk:
        for task_id in ("1", "2"):
            await desk.put(task_id, document(task_id))
        assert task_of(await submit(desk, "1")).is_waiting
        await desk.redis.script_flush()
        accepted = await submit(desk, "2")
        assert accepted == await desk.load("2")
        await desk.store.secure()
        with replica.client() as client:
            assert client.zcard("dms:scheduler:live") == 2


async def test_waiting_costs_one_command_and_no_round_trip_and_only_an_admission_waits(
    servers: tuple[RedisServer, RedisServer],
) -> None:
    costs: list[Cost] = []
    for replicas in (0, 1):
        servers[0].flush()
        async with asking_for(replicas, servers[0].url) as desk:
            await desk.put("1", document("1"))
            await submit(desk, "1")
            await desk.put("2", document("2"))
            async with counted(desk.redis) as cost:
                await submit(desk, "2")
            costs.append(cost)
            async with counted(desk.redis) as cost:
                (claimed,) = await desk.claim()
                await desk.complete(await desk.start(claimed))
                if not replicas:
                    await desk.store.secure()
            assert "wait" not in cost.commands
    none, one = costs
    for cost in costs:  # replicas tell on a connection of their own what they have
        cost.reads -= cost.commands.pop("replconf", 0)
    assert one.commands - none.commands == {"wait": 1}
    assert none.commands - one.commands == {}
    assert one.reads == none.reads


@pytest.mark.slow
async def test_without_enough_replicas_it_is_told_how_many_have_it_and_the_task_stays(
    servers: tuple[RedisServer, RedisServer],
) -> None:
    async with asking_for(2, servers[0].url) as desk:
        await desk.put("1", document("1"))
        with pytest.raises(StoreUnavailable, match="1 replicas of Redis have it after 1 s, and 2 must have it"):
            await submit(desk, "1")
        assert task_of(await desk.load("1")).is_waiting
        with pytest.raises(StoreUnavailable, match="DMS_REDIS_MIN_REPLICAS_ACK"):
            await desk.store.secure()


async def test_a_replica_that_comes_back_makes_a_repeated_submit_good(
    servers: tuple[RedisServer, RedisServer],
) -> None:
    master, replica = servers
    async with asking_for(1, master.url) as desk:
        await desk.put("1", document("1"))
        await submit(desk, "1")
        await desk.put("2", document("2"))
        replica.pause()
        try:
            with pytest.raises(StoreUnavailable, match="0 replicas"):
                await submit(desk, "2")
        finally:
            replica.resume()
        await desk.store.secure()
        with replica.client() as client:
            assert client.zcard("dms:scheduler:live") == 2


@pytest.mark.slow
async def test_what_was_not_as_read_is_told_before_who_has_it(start_redis: StartRedis) -> None:
    async with asking_for(1, start_redis().url) as desk:
        await desk.put("1", document("1"))
        before = await desk.load("1")
        await desk.put("1", document("1", status="dispatching"))
        met = reconcile(Task.accept(record_of(before), desk.clock.now()), before.record, desk.clock.now())
        with pytest.raises(ConcurrentChange):
            await desk.store.commit(before, met.task, met.record, admission=Admission("alice", 100))


async def test_an_acceptance_whose_answer_was_lost_waits_for_the_replica_too(
    servers: tuple[RedisServer, RedisServer],
) -> None:
    master, replica = servers
    async with LossyProxy(master.port).running() as proxy, asking_for(1, proxy.url) as desk:
        await desk.put("1", document("1"))
        await desk.load("1")
        proxy.lose_answer_to(*commits(desk))
        accepted = await submit(desk, "1")
        assert proxy.lost == 1
        assert accepted == await desk.load("1")
        with replica.client() as client:
            assert client.zcard("dms:scheduler:live") == 1
