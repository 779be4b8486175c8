"""Scripts that the server forgot, connections that break, and answers that get lost after the command was done."""

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from adapters.redis.block_store import RedisBlockStore
from adapters.redis.endpoints import RedisEndpoints, load_script
from domain.blocks import BlockFlags
from domain.ports import ConcurrentChange, StoreUnavailable
from domain.task import Task
from domain.values import TaskStatus
from tests.redis import queue_keys
from tests.redis.desk import Desk, document, record_of, task_of, token_of
from tests.redis.interference import Steps, undisturbed
from tests.redis.lives import LIVES, Life, live
from tests.redis.office import Office
from tests.support.lossy_proxy import LossyProxy
from tests.support.redis_server import RedisServer

MOST_COMMITS = 30


def signature(task: Task) -> tuple[TaskStatus, int, list[str]]:
    """What must not depend on the faults on the way."""
    return task.status, task.generation, [attempt.outcome for attempt in task.attempts]


async def outcome(desk: Desk) -> tuple[TaskStatus, int, list[str]]:
    """How task 10 ended; its record and the queue must tell the same."""
    task, shown = task_of(await desk.load("10")), await desk.shown("10")
    assert (shown["status"], shown["logs"]) == (task.status, list(task.lines))
    assert await queue_keys.found(desk.redis) == queue_keys.expected([task])
    return signature(task)


async def undisturbed_outcome(desk: Desk, life: Life) -> tuple[TaskStatus, int, list[str]]:
    await live(life, desk, undisturbed())
    return await outcome(desk)


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


# --- the answer to a script gets lost ---------------------------------------------------------------------------


@pytest.fixture
async def proxy(redis_server: RedisServer) -> AsyncIterator[LossyProxy]:
    async with LossyProxy(redis_server.port).running() as running:
        yield running


@pytest.fixture
async def far(redis_url: str, proxy: LossyProxy) -> AsyncIterator[Desk]:
    """A desk behind the proxy."""
    endpoints = RedisEndpoints.open(proxy.url)
    try:
        yield Desk(endpoints)
    finally:
        await endpoints.close()


@pytest.mark.parametrize("life", LIVES)
async def test_the_answer_to_any_commit_may_get_lost(desk: Desk, far: Desk, proxy: LossyProxy, life: Life) -> None:
    expected = await undisturbed_outcome(desk, life)
    undisturbed_office = await live(life, desk, undisturbed())
    commit = load_script(desk.redis, "commit", with_queue=True).sha.encode()
    for after in range(MOST_COMMITS):
        already = proxy.lost
        proxy.lose_answer_to(commit, after)
        office = await live(life, far, undisturbed())
        if proxy.lost == already:
            break
        assert await outcome(desk) == expected, f"when the answer to commit {after} of {life.__name__} was lost"
        assert len(office.executor.started) == len(undisturbed_office.executor.started)
    else:
        raise AssertionError("this life has no end")
    assert after > 0
    assert proxy.lost == after


async def test_a_commit_whose_answer_was_lost_is_not_done_twice(far: Desk, proxy: LossyProxy) -> None:
    accepted = await far.accept("10")
    proxy.lose_answer_to(b"EVALSHA")
    with pytest.raises(ConcurrentChange):
        await far.change(accepted, task_of(accepted).request_cancel(far.clock.now()))
    assert proxy.lost == 1
    stands = task_of(await far.load("10"))
    assert stands.status is TaskStatus.CANCELLED
    assert len(stands.lines) == len(task_of(accepted).lines) + 2


async def test_a_claim_whose_answer_was_lost_takes_no_task_twice(far: Desk, proxy: LossyProxy) -> None:
    for task_id in ("1", "2", "3"):
        await far.accept(task_id)
    await far.claim(0)
    proxy.lose_answer_to(b"EVALSHA")
    claimed = await far.claim(1)
    assert proxy.lost == 1
    assert [snapshot.task_id for snapshot in claimed] == ["2"]
    tasks = [task_of(snapshot) for snapshot in await far.store.load(["1", "2", "3"])]
    assert [task.lease is not None for task in tasks] == [True, True, False]
    assert await queue_keys.found(far.redis) == queue_keys.expected(tasks, users_served=["alice"])

    # Nobody knows of the lease on the first. When it expires, the task runs, once, like the others.
    office = Office(far)
    await far.complete(await far.start(claimed[0]))
    await far.redis.zadd("dms:scheduler:live", {"1": 1})
    assert await office.take_over() == 1
    assert await office.work() == 2
    tasks = [task_of(snapshot) for snapshot in await far.store.load(["1", "2", "3"])]
    assert [signature(task) for task in tasks] == [(TaskStatus.COMPLETED, 1, ["completed"])] * 3


async def test_a_renewal_whose_answer_was_lost_holds(far: Desk, proxy: LossyProxy) -> None:
    await far.accept("10")
    (claimed,) = await far.claim()
    lease = task_of(claimed).lease
    assert lease is not None
    proxy.lose_answer_to(b"EVALSHA")
    assert await far.queue.renew({"10": lease}, 60.0) == frozenset()
    assert proxy.lost == 1


@pytest.mark.parametrize("scope", ["everybody", "alice"])
async def test_a_block_whose_answer_was_lost_holds(far: Desk, proxy: LossyProxy, scope: str) -> None:
    blocks = RedisBlockStore(far.endpoints)
    change: Callable[[bool], Awaitable[None]] = (
        blocks.set_everybody if scope == "everybody" else lambda blocked: blocks.set_user(scope, blocked)
    )
    await change(False)
    proxy.lose_answer_to(b"EVALSHA")
    await change(True)
    assert proxy.lost == 1
    found = (await far.store.load_for_submit("1", "alice"))[1]
    assert found == BlockFlags(everybody=scope == "everybody", user=scope == "alice")


# --- a server that is away --------------------------------------------------------------------------------------


async def test_a_server_that_is_away_is_told_as_unavailable(start_redis: Callable[[], RedisServer]) -> None:
    server = start_redis()
    endpoints = RedisEndpoints.open(server.url)
    try:
        desk = Desk(endpoints)
        await desk.put("10", document("10"))
        accepted = await desk.accept_as_it_stands("10")
        (claimed,) = await desk.claim()
        server.kill()
        lease = task_of(claimed).lease
        assert lease is not None
        blocks = RedisBlockStore(endpoints)
        calls: list[Awaitable[object]] = [
            desk.load("10"),
            desk.store.load_for_submit("10", "alice"),
            desk.store.commit(accepted, accepted.task, record_of(accepted)),
            desk.store.recently_ended_ids(60.0),
            anext(aiter(desk.store.live_ids())),
            desk.claim(),
            desk.queue.renew({"10": lease}, 60.0),
            desk.queue.take_over("replica-2", ["0001"], 60.0),
            desk.queue.overview(),
            blocks.set_everybody(True),
            blocks.set_user("alice", True),
            blocks.page(),
            blocks.import_previous(),
        ]
        for call in calls:
            with pytest.raises(StoreUnavailable):
                await call
        assert len(await endpoints.unreachable()) == 2
        server.start()
        assert await endpoints.unreachable() == ()
        assert (await desk.load("10")).task is None
        assert token_of(claimed)
    finally:
        await endpoints.close()
