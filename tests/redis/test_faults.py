"""Scripts that the server forgot, connections that break, and a server that is away."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from redis.asyncio import Redis

from adapters.redis.block_store import RedisBlockStore
from adapters.redis.endpoints import RedisEndpoints
from adapters.redis.listing import RedisTaskListing
from adapters.redis.registered import RedisRegisteredTasks
from adapters.redis.registration import RedisRegistration
from adapters.redis.replica_board import RedisReplicaBoard
from domain.blocks import Block
from domain.drain import Presence
from domain.ports import StoreUnavailable, TaskFilter
from tests.conftest import StartRedis
from tests.redis.desk import Desk, document, record_of, task_of
from tests.redis.interference import Steps
from tests.redis.lives import LIVES, Life, live
from tests.redis.outcomes import outcome, undisturbed_outcome
from tests.support.redis_server import RedisServer

HANGS_S = 20.0


# --- between two steps ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("life", LIVES)
async def test_forgotten_scripts_are_sent_again(desk: Desk, life: Life) -> None:
    expected = await undisturbed_outcome(desk, life)

    async def forget() -> None:
        await desk.redis.script_flush()

    await live(life, desk, Steps(None, forget))
    assert await outcome(desk) == expected


@pytest.mark.parametrize("life", LIVES)
async def test_broken_connections_are_made_anew(desk: Desk, redis_server: RedisServer, life: Life) -> None:
    expected = await undisturbed_outcome(desk, life)

    async def kill() -> None:
        with redis_server.client() as client:
            assert client.client_kill_filter(_type="normal", skipme=True) > 0

    await live(life, desk, Steps(None, kill))
    assert await outcome(desk) == expected


async def test_a_new_connection_needs_no_script_that_the_server_knows(desk: Desk, redis_server: RedisServer) -> None:
    await desk.accept("10")
    with redis_server.client() as client:
        client.script_flush()
        client.client_kill_filter(_type="normal", skipme=True)
    assert (await desk.load("10")).task is not None


# --- a server that is away --------------------------------------------------------------------------------------


async def every_operation(desk: Desk) -> list[Callable[[], Awaitable[object]]]:
    """One call of each kind that the adapters make, each of which works while the server is there."""
    await desk.put("10", document("10"))
    accepted = await desk.accept_as_it_stands("10")
    (claimed,) = await desk.claim()
    lease = task_of(claimed).lease
    assert lease is not None
    blocks = RedisBlockStore(desk.endpoints)
    board = RedisReplicaBoard(desk.endpoints)
    registration = RedisRegistration(desk.endpoints, desk.clock, 60)
    return [
        lambda: desk.load("10"),
        lambda: desk.store.load_for_submit("10", "alice"),
        lambda: desk.store.commit(accepted, accepted.task, record_of(accepted)),
        lambda: desk.store.recently_ended_ids(60.0),
        lambda: anext(aiter(desk.store.live_ids())),
        lambda: desk.claim(),
        lambda: desk.queue.renew({"10": lease}, 60.0),
        lambda: desk.queue.take_over("replica-2", desk.nonces(1), 60.0),
        lambda: desk.queue.overview(),
        lambda: RedisTaskListing(desk.endpoints).page(TaskFilter(), None, 10),
        lambda: RedisTaskListing(desk.endpoints).at_work(10),
        lambda: anext(aiter(RedisRegisteredTasks(desk.endpoints).ids())),
        lambda: registration.register("sync", "alice", {}),
        lambda: blocks.set_everybody(Block()),
        lambda: blocks.set_user("alice", Block()),
        lambda: blocks.page(),
        lambda: blocks.import_previous(),
        lambda: board.announce(Presence("owner", "replica", 1, 0, draining=False), 60.0),
        lambda: board.withdraw("owner"),
        lambda: board.present(),
        lambda: board.drain_everything(False),
        lambda: board.drain_replica("replica", True),
        lambda: board.drains(),
    ]


@pytest.mark.slow
@pytest.mark.parametrize("how", ["away", "frozen"])
async def test_a_server_that_does_not_answer_is_told_as_unavailable_within_bounds(
    start_redis: StartRedis, how: str
) -> None:
    server = start_redis()
    endpoints = RedisEndpoints.open(server.url, timeout_s=0.05)
    try:
        desk = Desk(endpoints)
        calls = await every_operation(desk)
        server.kill() if how == "away" else server.pause()
        words = "cannot be reached" if how == "away" else "did not answer in time"
        async with asyncio.timeout(HANGS_S):
            for call in calls:
                with pytest.raises(StoreUnavailable, match=words):
                    await call()
        assert all(words in told or "within" in told for told in await endpoints.unreachable())
        assert len(await endpoints.unreachable()) == 2
        server.start() if how == "away" else server.resume()
        async with asyncio.timeout(HANGS_S):
            while await endpoints.unreachable():
                pass
        await desk.load("10")
    finally:
        server.resume()
        await endpoints.close()


async def test_a_server_that_keeps_all_connections_busy_is_told_so(redis_url: str) -> None:
    endpoints = RedisEndpoints.open(redis_url, timeout_s=0.05, most_connections=1)
    try:
        pool = endpoints.write.connection_pool
        async with Redis(connection_pool=pool, single_connection_client=True) as only_one:
            await only_one.ping()
            with pytest.raises(StoreUnavailable, match="all our connections to it were in use"):
                await Desk(endpoints).load("10")
        await Desk(endpoints).load("10")
    finally:
        await endpoints.close()
