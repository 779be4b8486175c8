"""A real fail-over to a replica that lacks the last writes: what is remembered is written back (design §5)."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from adapters.redis.endpoints import RedisEndpoints
from application.ledger import Ledger
from domain.ports import Snapshot, StoreUnavailable
from domain.values import TaskStatus
from tests.conftest import StartRedis
from tests.redis import queue_keys
from tests.redis.desk import Desk, document, task_of, token_of
from tests.redis.rewound import tasks_at
from tests.support.lossy_proxy import LossyProxy
from tests.support.redis_server import RedisServer

COUNTS = "dms:scheduler:counts"


class FailOver:
    """A master and its replica behind one address."""

    def __init__(self, master: RedisServer, replica: RedisServer, proxy: LossyProxy, desk: Desk) -> None:
        self._master, self._replica, self._proxy = master, replica, proxy
        self.desk = desk

    async def stop_replicating(self) -> None:
        """What is written from now on will be lost."""
        assert await self.desk.redis.wait(1, 10_000) == 1
        with self._replica.client() as client:
            client.replicaof("NO", "ONE")

    async def leave_nobody(self) -> None:
        """The master dies."""
        self._master.kill()
        await self._proxy.cut()

    async def happen(self) -> None:
        """The master dies if it has not yet, and the replica is in its place."""
        self._proxy.upstream_port = self._replica.port
        await self.leave_nobody()

    async def end_window(self) -> None:
        """By the server's clock."""
        await self.desk.redis.hset(COUNTS, "recovering", "1")


@pytest.fixture
async def fail_over(start_redis: StartRedis) -> AsyncIterator[FailOver]:
    master = start_redis()
    replica = start_redis(replica_of=master)
    async with LossyProxy(master.port).running() as proxy:
        endpoints = RedisEndpoints.open(proxy.url, recovery_s=60.0)
        try:
            yield FailOver(master, replica, proxy, Desk(endpoints))
        finally:
            await endpoints.close()


async def restored(desk: Desk, *kept: Snapshot) -> list[Snapshot]:
    ledger = Ledger(desk.store, desk.clock)
    return [await ledger.restore(task_of(snapshot)) for snapshot in kept]


async def test_all_that_was_lost_is_as_it_was(fail_over: FailOver) -> None:
    desk = fail_over.desk
    begun = await desk.at_work("1")
    for task_id in ("2", "3"):
        await desk.put(task_id, document(task_id, user_id=f"user-{task_id}"))
    await fail_over.stop_replicating()

    ended = await desk.complete(begun)
    await desk.accept_as_it_stands("2")
    (claimed,) = await desk.claim()
    running = await desk.start(claimed)
    waiting = await desk.accept_as_it_stands("3")
    without_record = await desk.accept("4")
    await fail_over.happen()

    found = await desk.store.load(["1", "2", "3", "4"])
    assert all(snapshot.recovering for snapshot in found)
    assert task_of(found[0]).status is TaskStatus.RUNNING
    assert [snapshot.task for snapshot in found[1:]] == [None] * 3
    assert await desk.claim(4) == []

    kept = (ended, running, waiting, without_record)
    for before, after in zip(kept[:3], await restored(desk, *kept[:3]), strict=True):
        assert task_of(after) == task_of(before)
    assert await desk.claim(4) == []
    (orphan,) = await restored(desk, without_record)
    assert (task_of(orphan).record_lost, task_of(orphan).order) == (True, task_of(without_record).order)
    assert await desk.raw("4") is None
    tasks = await tasks_at(desk, "1", "2", "3", "4")
    assert await queue_keys.found(desk.redis) == queue_keys.expected(tasks)

    await fail_over.end_window()
    lease = task_of(running).lease
    assert lease is not None
    assert await desk.queue.renew({"2": lease}, 60.0) == frozenset()
    assert [snapshot.task_id for snapshot in await desk.claim(4)] == ["3", "4"]
    again = await desk.complete(await desk.load("2"))
    assert (task_of(again).status, token_of(running)) == (TaskStatus.COMPLETED, token_of(claimed))
    assert (await desk.shown("1"))["status"] == "completed"


async def test_a_claim_whose_answer_and_whose_lease_were_lost_leases_nothing_before_the_window_ends(
    fail_over: FailOver,
) -> None:
    desk = fail_over.desk
    await desk.accept("1")
    nonces = desk.nonces(1)
    await fail_over.stop_replicating()
    assert len(await desk.queue.claim("replica-1", nonces, desk.limits, 60.0)) == 1
    await fail_over.happen()
    assert await desk.queue.claim("replica-1", nonces, desk.limits, 60.0) == []
    await fail_over.end_window()
    (claimed,) = await desk.queue.claim("replica-1", nonces, desk.limits, 60.0)
    assert claimed.task_id == "1"


async def test_a_claim_whose_answer_was_lost_with_the_master_is_repeated_within_the_window(fail_over: FailOver) -> None:
    desk = fail_over.desk
    await desk.accept("1")
    nonces = desk.nonces(1)
    (claimed,) = await desk.queue.claim("replica-1", nonces, desk.limits, 60.0)
    await fail_over.stop_replicating()
    await fail_over.happen()
    (again,) = await desk.queue.claim("replica-1", nonces, desk.limits, 60.0)
    assert (again, again.recovering) == (claimed, True)
    assert await desk.claim() == []


async def test_a_commit_that_meets_the_new_master_says_that_it_is_recovering(fail_over: FailOver) -> None:
    desk = fail_over.desk
    running = await desk.at_work("1")
    await fail_over.stop_replicating()
    await fail_over.happen()
    assert not running.recovering
    assert (await desk.complete(running)).recovering


async def test_between_two_masters_the_store_is_unavailable_and_no_longer(fail_over: FailOver) -> None:
    desk = fail_over.desk
    await desk.accept("1")
    await fail_over.stop_replicating()
    await fail_over.leave_nobody()
    with pytest.raises(StoreUnavailable, match="cannot be reached"):
        await desk.load("1")
    await fail_over.happen()
    assert (await desk.load("1")).recovering
