"""The read endpoint is a replica that lags (contract §4): listings may be late, decisions never ask it."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from adapters.redis.block_store import RedisBlockStore
from adapters.redis.dispatch_queue import RedisDispatchQueue
from adapters.redis.endpoints import RedisEndpoints
from adapters.redis.listing import RedisTaskListing
from domain.blocks import Block
from domain.ports import StoreUnavailable, TaskFilter
from domain.task import Task
from tests.conftest import StartRedis
from tests.redis.desk import Desk, task_of
from tests.redis.interference import undisturbed
from tests.redis.lives import LIVES, live
from tests.redis.monitored import monitored
from tests.support.redis_server import RedisServer

Servers = tuple[RedisServer, RedisServer]


@pytest.fixture
def servers(start_redis: StartRedis) -> Servers:
    primary = start_redis()
    return primary, start_redis(replica_of=primary)


@pytest.fixture
async def desk(servers: Servers) -> AsyncIterator[Desk]:
    primary, replica = servers
    endpoints = RedisEndpoints.open(primary.url, replica.url)
    try:
        yield Desk(endpoints)
    finally:
        await endpoints.close()


async def stop_replicating(desk: Desk) -> None:
    """The replica keeps what it has got until now, and gets no more."""
    assert await desk.redis.wait(1, 10_000) == 1
    await desk.endpoints.read.replicaof("NO", "ONE")


async def shown_by_listing(endpoints: RedisEndpoints) -> dict[str, str]:
    page = await RedisTaskListing(endpoints).page(TaskFilter(), None, 50)
    return {task.task_id: str(task.status) for task in page.tasks}


async def lie(desk: Desk) -> None:
    """Let the replica say of task 10 all that is wrong: it has ended, for somebody else, and alice is blocked."""
    replica = desk.endpoints.read
    other = Desk(replace(desk.endpoints, write=replica, read=replica))
    await replica.flushall()
    await other.run("10", user_id="bob", created_at="2020-01-01T00:00:00+00:00")
    for number in range(11, 15):
        await other.accept(str(number))
    blocks = RedisBlockStore(other.endpoints)
    await blocks.set_everybody(Block())
    await blocks.set_user("alice", Block())
    await replica.sadd("index:tasks", "11", "12")


async def test_no_life_is_misled_by_a_replica_that_lies(desk: Desk) -> None:
    outcomes: dict[str, Task] = {}
    for life in LIVES:
        await live(life, desk, undisturbed())
        outcomes[life.__name__] = task_of(await desk.load("10"))
    await stop_replicating(desk)
    await lie(desk)
    async with monitored(desk.endpoints.read) as asked:
        for life in LIVES:
            await live(life, desk, undisturbed())
            task, before = task_of(await desk.load("10")), outcomes[life.__name__]
            assert (task.status, task.user_id, task.generation) == (before.status, before.user_id, before.generation)
            assert [attempt.outcome for attempt in task.attempts] == [attempt.outcome for attempt in before.attempts]
            assert len(task.lines) == len(before.lines)
    assert asked == []


async def test_a_listing_shows_what_the_replica_knows(desk: Desk) -> None:
    await desk.accept("1")
    await stop_replicating(desk)
    await desk.accept("2")
    (claimed,) = await desk.claim()
    await desk.complete(await desk.start(claimed))
    assert await shown_by_listing(desk.endpoints) == {"1": "pending"}
    assert task_of(await desk.load("1")).status == "completed"
    # The queue's overview is no listing: an operator decides by it.
    assert (await RedisDispatchQueue(desk.endpoints).overview()).waiting == {("low", "sync"): 1}
    assert [snapshot.task_id for snapshot in await desk.claim(3)] == ["2"]
    assert (await RedisDispatchQueue(desk.endpoints).overview()).at_work == {"sync": 1}


@pytest.fixture
async def impatient(servers: Servers, desk: Desk) -> AsyncIterator[RedisEndpoints]:
    """The same endpoints, but nobody waits long for the read endpoint."""
    hasty = RedisEndpoints.open(servers[1].url, timeout_s=0.05)
    try:
        yield replace(desk.endpoints, read=hasty.read, attempt_read=hasty.attempt_read)
    finally:
        await hasty.close()


async def test_a_replica_that_hangs_holds_up_listings_alone(
    desk: Desk, servers: Servers, impatient: RedisEndpoints
) -> None:
    servers[1].pause()
    try:
        for life in LIVES:
            await live(life, desk, undisturbed())
            assert task_of(await desk.load("10")).is_terminal
        with pytest.raises(StoreUnavailable):
            await shown_by_listing(impatient)
        (missing,) = await impatient.unreachable()
        assert "read" in missing
    finally:
        servers[1].resume()
    assert await desk.endpoints.unreachable() == ()
