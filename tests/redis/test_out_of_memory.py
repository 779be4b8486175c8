"""Redis has reached its maxmemory: what is under way ends true, and nothing new begins (issue: Redis faults)."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from adapters.redis.block_store import RedisBlockStore
from adapters.redis.endpoints import RedisEndpoints
from adapters.redis.replica_board import RedisReplicaBoard
from adapters.redis.watch import RedisRecordWatch
from application.ledger import Ledger
from domain.blocks import Block, BlockFlags
from domain.drain import Presence
from domain.ports import Admission, Snapshot, StoreUnavailable, WatchLost
from domain.reconcile import reconcile
from domain.task import Task
from domain.values import TaskStatus
from tests.conftest import StartRedis
from tests.redis import queue_keys
from tests.redis.breakages import out_of_memory
from tests.redis.desk import Desk, document, record_of, task_of, token_of
from tests.redis.listener import listening
from tests.redis.rewound import Rewound
from tests.support.redis_server import RedisServer

FULL = "is out of memory"


@pytest.fixture
def server(start_redis: StartRedis) -> RedisServer:
    return start_redis()


@pytest.fixture
async def desk(server: RedisServer) -> AsyncIterator[Desk]:
    endpoints = RedisEndpoints.open(server.url)
    try:
        yield Desk(endpoints)
    finally:
        await endpoints.close()


async def admit(desk: Desk, task_id: str) -> Snapshot:
    """Accept a task as a submit does."""
    before = await desk.load(task_id)
    met = reconcile(Task.accept(record_of(before), desk.clock.now()), before.record, desk.clock.now())
    return await desk.store.commit(before, met.task, met.record, admission=Admission("alice", 100))


async def test_nothing_new_is_accepted_or_claimed(server: RedisServer, desk: Desk) -> None:
    waits = await desk.accept("1")
    await desk.put("2", document("2"))
    for _ in range(2):  # whether the server knows the scripts or not
        with out_of_memory(server):
            with pytest.raises(StoreUnavailable, match=FULL):
                await admit(desk, "2")
            with pytest.raises(StoreUnavailable, match=FULL):
                await desk.claim()
        await desk.redis.script_flush()
    assert (await desk.load("2")).task is None
    assert await desk.shown("2") == document("2")
    assert await queue_keys.found(desk.redis) == queue_keys.expected([task_of(waits)])
    accepted = await admit(desk, "2")
    assert [snapshot.task_id for snapshot in await desk.claim(2)] == ["1", accepted.task_id]


async def test_what_is_under_way_ends_true(server: RedisServer, desk: Desk) -> None:
    running = await desk.at_work("1")
    await desk.accept("2")
    (claimed,) = await desk.claim()
    waiting = await desk.accept("3")
    await desk.put("4", document("4"))
    refused = await desk.load("4")
    lease = task_of(running).lease
    assert lease is not None
    with out_of_memory(server):
        assert await desk.queue.renew({"1": lease}, 60.0) == frozenset()
        ended = await desk.complete(running)
        cancelled = await desk.change(waiting, task_of(waiting).request_cancel(desk.clock.now()))
        away = await desk.change(refused, Task.refuse(record_of(refused), "no room", desk.clock.now()))
        started = await desk.start(claimed)
        back = await desk.change(
            started, task_of(started).hand_back(token_of(started), desk.clock.now(), "the service stops")
        )
    tasks = [task_of(snapshot) for snapshot in (ended, back, cancelled, away)]
    assert [task.status for task in tasks] == [
        TaskStatus.COMPLETED,
        TaskStatus.PENDING,
        TaskStatus.CANCELLED,
        TaskStatus.FAILED,
    ]
    for task in tasks:
        shown = await desk.shown(task.task_id)
        assert (shown["status"], shown["logs"]) == (task.status, list(task.lines))
    assert await queue_keys.found(desk.redis) == queue_keys.expected(tasks, users_served=["alice"])


async def test_work_of_an_owner_that_is_gone_is_taken_over(server: RedisServer, desk: Desk) -> None:
    await desk.at_work("1")
    await desk.redis.zadd("dms:scheduler:live", {"1": 1})
    with out_of_memory(server):
        (taken,) = await desk.queue.take_over("replica-2", desk.nonces(3), 60.0)
        await desk.change(taken, task_of(taken).lose_owner(token_of(taken), desk.clock.now(), "the owner is gone"))
    assert [snapshot.task_id for snapshot in await desk.claim()] == ["1"]


async def test_a_ledger_that_was_lost_is_written_back(server: RedisServer, desk: Desk) -> None:
    rewound = Rewound(desk)
    await rewound.keep()
    running = await desk.at_work("1")
    await rewound.back()
    with out_of_memory(server):
        await Ledger(desk.store, desk.clock).restore(task_of(running))
    assert task_of(await desk.load("1")).lease == task_of(running).lease


async def test_operators_can_block_submits(server: RedisServer, desk: Desk) -> None:
    with out_of_memory(server):
        await RedisBlockStore(desk.endpoints).set_everybody(Block())
    assert (await desk.store.load_for_submit("1", "alice"))[1] == BlockFlags(everybody=Block())


async def test_the_watch_goes_on_seeing_and_a_new_process_comes_in(server: RedisServer, desk: Desk) -> None:
    await desk.put("10", document("10"))
    async with listening(RedisRecordWatch(desk.endpoints)) as listener:
        with out_of_memory(server):
            fresh = RedisEndpoints.open(server.url)
            try:
                async with listening(RedisRecordWatch(fresh)) as other:
                    await desk.redis.delete("task:10")
                    await other.until_changed("10")
            finally:
                await fresh.close()
            await listener.until_changed("10")
            assert WatchLost() not in listener.told


async def test_drains_are_set_and_heard_of(server: RedisServer, desk: Desk) -> None:
    board = RedisReplicaBoard(desk.endpoints)
    with out_of_memory(server):
        await board.drain_replica("node", True)
        assert await board.announce(Presence("process", "node", 1, 0, draining=False), 60.0)
