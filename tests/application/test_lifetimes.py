"""Shutdown, take-over, what others write, and the change-over from the previous scheduler."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import datetime

import pytest

from application.changeover import LEFT_BEHIND, Settled, SettleUnowned
from application.settings import Lifetimes, SchedulerConfig
from domain.instants import parse_instant
from domain.values import TaskStatus
from tests.application.replica import TTL_S, Replica, World, eventually, in_virtual_time
from tests.support.manual_executor import DONE, ManualExecutor


def test_a_shutdown_lets_short_work_end() -> None:
    async def story() -> None:
        world = World()
        replica = Replica(world, ManualExecutor())
        async with replica.running():
            record = await replica.start_task()
            asyncio.get_running_loop().call_later(2, replica.executor.last.tell, DONE)
        task = await world.task(record.task_id)
        assert task is not None
        assert task.status is TaskStatus.COMPLETED

    in_virtual_time(story)


def test_a_shutdown_hands_long_local_work_back_and_another_replica_runs_it() -> None:
    async def story() -> None:
        world = World()
        leaving, staying = (
            Replica(world, ManualExecutor(), SchedulerConfig("leaving", slots=1)),
            Replica(world, ManualExecutor(at_once=DONE), SchedulerConfig("staying")),
        )
        async with leaving.running():
            record = await leaving.start_task()
        handed_back = await world.task(record.task_id)
        assert handed_back is not None
        assert (handed_back.status, handed_back.lease) == (TaskStatus.PENDING, None)
        assert leaving.executor.last.asked_to_stop
        async with staying.running():
            ended = await world.until(record.task_id, "completed")
        assert [(attempt.owner, attempt.outcome) for attempt in ended.attempts] == [
            ("leaving", "handed back"),
            ("staying", "completed"),
        ]

    in_virtual_time(story)


def test_a_shutdown_fails_local_work_that_may_not_be_repeated() -> None:
    async def story() -> None:
        world = World()
        replica = Replica(world, ManualExecutor())
        async with replica.running():
            record = await replica.start_task("rm")
        task = await world.task(record.task_id)
        assert task is not None
        assert task.status is TaskStatus.FAILED
        assert "rm may not be repeated" in task.lines[-1]

    in_virtual_time(story)


def test_a_shutdown_detaches_work_that_outlives_us_and_another_replica_finds_it_again() -> None:
    async def story() -> None:
        world = World()
        cluster = ManualExecutor(outlives_us=True)
        leaving, staying = (
            Replica(world, cluster, SchedulerConfig("leaving")),
            Replica(world, cluster, SchedulerConfig("staying")),
        )
        async with leaving.running():
            record = await leaving.start_task()
        work = cluster.last
        assert work.detached
        assert not work.asked_to_stop
        async with staying.running():
            work.tell(DONE)
            ended = await world.until(record.task_id, "completed")
        assert len(cluster.started) == 1
        assert len(ended.attempts) == 1

    in_virtual_time(story)


@pytest.mark.parametrize(("service", "ends"), [("sync", "completed"), ("rm", "failed")])
def test_work_of_a_lost_owner_runs_again_if_it_may(service: str, ends: str) -> None:
    async def story() -> None:
        world = World()
        lost = Replica(world, ManualExecutor(), SchedulerConfig("lost"))
        record = await world.register(service)
        await lost.submit(record)
        # It claims and starts, and is never heard of again.
        dispatching = asyncio.create_task(lost.dispatcher.run())
        await world.until(record.task_id, "running")
        dispatching.cancel()
        config = SchedulerConfig("finder", lifetimes=Lifetimes())
        finder = Replica(world, ManualExecutor(at_once=DONE), config)
        async with finder.running():
            ended = await world.until(record.task_id, ends)
            waited = ended.updated_at - ended.attempts[0].started_at
            assert waited.total_seconds() >= config.lifetimes.store_lease_s
        assert len(finder.executor.started) == (1 if ends == "completed" else 0)

    in_virtual_time(story)


def test_what_the_frontend_writes_over_the_truth_is_put_right_within_two_seconds() -> None:
    async def story() -> None:
        world = World()
        replica = Replica(world, ManualExecutor(at_once=DONE))
        async with replica.running():
            record = await world.register()
            await replica.submit(record)
            await world.until(record.task_id, "completed")
            line = f"{world.clock.now().isoformat()},Scheduler acknowledged submission"
            await world.frontend.write(replace(record, status="running", logs=(*record.logs, line)), TTL_S)
            await asyncio.sleep(2)
            repaired = await world.record(record.task_id)
            assert repaired is not None
            assert (repaired.status, repaired.result) == ("completed", DONE.result)
            assert line in repaired.logs
            assert len(repaired.logs) == len(set(repaired.logs)) == 6

    in_virtual_time(story)


def test_a_record_that_says_cancelled_of_a_running_task_is_a_cancel() -> None:
    async def story() -> None:
        world = World()
        replica = Replica(world, ManualExecutor())
        async with replica.running():
            record = await replica.start_task()
            await world.frontend.write(replace(record, status="cancelled"), TTL_S)
            await eventually(lambda: replica.executor.last.asked_to_stop)
            await world.until(record.task_id, "cancelled")

    in_virtual_time(story)


def test_a_record_that_came_back_after_its_delete_shows_the_truth_and_starts_nothing() -> None:
    async def story() -> None:
        world = World()
        replica = Replica(world, ManualExecutor())
        async with replica.running():
            record = await replica.start_task()
            await world.frontend.delete(record.task_id)
            await world.until(record.task_id, "cancelled")
            await world.frontend.write(replace(record, status="running"), TTL_S)
            await asyncio.sleep(2)
            back = await world.record(record.task_id)
            assert back is not None
            assert back.status == "cancelled"
        assert len(replica.executor.started) == 1

    in_virtual_time(story)


class Registered:
    """The frontend's index of ids."""

    def __init__(self, ids: Sequence[str]) -> None:
        self._ids = ids

    async def ids(self) -> AsyncIterator[Sequence[str]]:
        yield self._ids


@pytest.mark.parametrize("resubmit", [False, True])
@pytest.mark.parametrize("dry_run", [False, True])
def test_the_change_over_settles_what_nobody_owns(resubmit: bool, dry_run: bool) -> None:
    async def story() -> None:
        world = World()
        replica = Replica(world, ManualExecutor())
        left = await world.register()
        odd = await world.register("unknown")
        unwanted = await world.register()
        await world.frontend.write(replace(unwanted, status="cancel_requested"), TTL_S)
        ended = await world.register()
        await world.frontend.write(replace(ended, status="completed"), TTL_S)
        ours = await world.register()
        await replica.submit(ours)
        before = world.clock.now()
        young = await world.register()
        ids = [record.task_id for record in (left, odd, unwanted, ended, ours, young)]
        settle = SettleUnowned(Registered([*ids, "999"]), world.store, replica.executor, world.clock)
        found = [one async for one in settle(before=before, resubmit=resubmit, dry_run=dry_run)]
        assert {one.task_id: one.becomes for one in found} == {
            left.task_id: "pending" if resubmit else "failed",
            odd.task_id: "failed",
            unwanted.task_id: "cancelled",
        }
        assert isinstance(found[0], Settled)
        for one in found:
            record, task = await world.record(one.task_id), await world.task(one.task_id)
            assert record is not None
            assert record.status == (one.was if dry_run else one.becomes)
            assert (task is None) is dry_run
        if not resubmit:
            assert found[0].reason == LEFT_BEHIND
        assert isinstance(parse_instant(young.updated_at), datetime)
        assert await world.task(young.task_id) is None

    in_virtual_time(story)
