"""Submits, cancels and priorities, as the frontend and operators ask for them."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from adapters.memory import MemoryTaskStore
from application.settings import SchedulerConfig
from domain.admission import Submission
from domain.blocks import Block
from domain.errors import AlreadyEnded, Blocked, IdentityMismatch, InvalidRequest, InvalidTaskId, NotRegistered
from domain.ports import Admission, Snapshot
from domain.record import Record
from domain.task import Task
from domain.values import Priority
from tests.application.replica import TTL_S, Replica, World, eventually, in_virtual_time
from tests.support.manual_executor import DONE, ManualExecutor


class OvertakenOnce(MemoryTaskStore):
    """Somebody else writes an older version between a read and its commit."""

    def __init__(self, world: World, older: Record) -> None:
        super().__init__(world.database)
        self._world = world
        self._older: Record | None = older

    async def commit(
        self,
        before: Snapshot,
        task: Task | None,
        record: Record | None,
        *,
        admission: Admission | None = None,
        announce: bool = True,
    ) -> Snapshot:
        if self._older is not None:
            await self._world.frontend.write(self._older, TTL_S)
            self._older = None
        return await super().commit(before, task, record, admission=admission, announce=announce)


def test_a_task_submitted_five_times_runs_once() -> None:
    async def story() -> None:
        world = World()
        replica = Replica(world, ManualExecutor())
        async with replica.running():
            record = await world.register()
            for _ in range(5):
                await replica.submit(record)
            await world.until(record.task_id, "running")
            await replica.submit(record)
            replica.executor.last.tell(DONE)
            await world.until(record.task_id, "completed")
            with pytest.raises(AlreadyEnded):
                await replica.submit(record)
        assert len(replica.executor.started) == 1

    in_virtual_time(story)


def test_what_is_refused_changes_nothing() -> None:
    async def story() -> None:
        world = World()
        replica = Replica(world, ManualExecutor())
        record = await world.register(src="/a")
        as_registered = Submission(record.task_id, record.service, record.user_id, record.parameters)
        await world.blocks.set_user("alice", Block())
        for request, error in (
            (replace(as_registered, task_id="id:sequence"), InvalidTaskId),
            (replace(as_registered, task_id="77"), NotRegistered),
            (replace(as_registered, service="cp"), IdentityMismatch),
            (replace(as_registered, user_id="bob"), IdentityMismatch),
            (replace(as_registered, parameters={"src": "/b"}), IdentityMismatch),
            (as_registered, Blocked),
        ):
            with pytest.raises(error):
                await replica.submit_task(request)
        assert await world.record(record.task_id) == record
        assert await world.task(record.task_id) is None

    in_virtual_time(story)


def test_a_task_that_cannot_be_run_ends_failed_with_the_reason() -> None:
    async def story() -> None:
        world = World()
        replica = Replica(world, ManualExecutor())
        record = await world.register("unknown")
        with pytest.raises(InvalidRequest):
            await replica.submit(record)
        refused = await world.record(record.task_id)
        assert refused is not None
        assert refused.status == "failed"
        assert "the service 'unknown' is not known here" in refused.logs[-1]
        with pytest.raises(AlreadyEnded):
            await replica.submit(record)

    in_virtual_time(story)


def test_a_cancel_that_overtakes_its_submit_keeps_it_from_running() -> None:
    async def story() -> None:
        world = World()
        replica = Replica(world, ManualExecutor())
        async with replica.running():
            record = await world.register()
            assert await replica.cancel(record) == "cancelled"
            with pytest.raises(AlreadyEnded):
                await replica.submit(record)
        assert replica.executor.started == []

    in_virtual_time(story)


def test_a_cancel_stands_that_the_frontend_has_shown_and_takes_back_with_a_late_write() -> None:
    async def story() -> None:
        world = World()
        replica = Replica(world, ManualExecutor(at_once=DONE))
        record = await world.register()
        await world.frontend.write(replace(record, status="cancelled"), TTL_S)  # it was answered 503 elsewhere
        assert await replica.cancel(record) == "cancelled"
        await world.frontend.write(record, TTL_S)
        async with replica.running():
            with pytest.raises(AlreadyEnded):
                await replica.submit(record)
            await asyncio.sleep(2)
        shown = await world.record(record.task_id)
        assert shown is not None
        assert shown.status == "cancelled"
        assert replica.executor.started == []

    in_virtual_time(story)


def test_a_waiting_task_is_cancelled_at_once_and_a_running_one_through_its_work() -> None:
    async def story() -> None:
        world = World()
        replica = Replica(world, ManualExecutor(), SchedulerConfig("replica-1", slots=1))
        async with replica.running():
            runs, waits = await world.register(), await world.register()
            await replica.submit(runs)
            await world.until(runs.task_id, "running")
            await replica.submit(waits)
            assert await replica.cancel(waits) == "cancelled"
            assert await replica.cancel(runs) == "cancel_requested"
            await world.until(runs.task_id, "cancelled")
            # Asked again, it tells the truth; asked of one that has ended otherwise, too.
            assert await replica.cancel(runs) == "cancelled"
        assert [work.order.task_id for work in replica.executor.started] == [runs.task_id]

    in_virtual_time(story)


def test_work_that_finished_before_its_cancel_could_stop_it_is_completed() -> None:
    async def story() -> None:
        world = World()
        replica = Replica(world, ManualExecutor())
        async with replica.running():
            record = await replica.start_task()
            replica.executor.last.obeys = False
            assert await replica.cancel(record) == "cancel_requested"
            await eventually(lambda: replica.executor.last.asked_to_stop)
            replica.executor.last.tell(DONE)
            await world.until(record.task_id, "completed")
            assert await replica.cancel(record) == "completed"

    in_virtual_time(story)


def test_a_cancel_by_somebody_else_changes_nothing() -> None:
    async def story() -> None:
        world = World()
        replica = Replica(world, ManualExecutor())
        async with replica.running():
            record = await replica.start_task()
            with pytest.raises(IdentityMismatch):
                await replica.cancel(replace(record, user_id="mallory"))
            task = await world.task(record.task_id)
            assert task is not None
            assert task.status == "running"

    in_virtual_time(story)


def test_a_deleted_task_is_stopped_and_its_record_stays_away() -> None:
    async def story() -> None:
        world = World()
        replica = Replica(world, ManualExecutor())
        async with replica.running():
            record = await replica.start_task()
            await world.frontend.delete(record.task_id)
            with pytest.raises(NotRegistered):
                await replica.cancel(record)
            await world.until(record.task_id, "cancelled")
            assert await world.record(record.task_id) is None

    in_virtual_time(story)


def test_an_id_that_is_used_again_starts_a_task_of_its_own_and_stops_the_old_work() -> None:
    async def story() -> None:
        world = World()
        replica = Replica(world, ManualExecutor())
        async with replica.running():
            old = await replica.start_task()
            old_work = replica.executor.last
            new = replace(old, user_id="bob", created_at=world.clock.now().isoformat(), logs=())
            await world.frontend.write(new, TTL_S)
            await replica.submit(new)
            await eventually(lambda: old_work.asked_to_stop)
            await eventually(lambda: len(replica.executor.started) == 2)
            assert replica.executor.last.order.user_id == "bob"
            replica.executor.last.tell(DONE)
            ended = await world.until(new.task_id, "completed")
        assert [attempt.number for attempt in ended.attempts] == [1]
        assert not set(old.logs) & set(ended.lines)

    in_virtual_time(story)


def test_priority_moves_waiting_tasks_and_is_told_to_running_work() -> None:
    async def story() -> None:
        world = World()
        replica = Replica(world, ManualExecutor(), SchedulerConfig("replica-1", slots=1))
        async with replica.running():
            first, second, third = [await world.register() for _ in range(3)]
            for record in (first, second, third):
                await replica.submit(record)
            await world.until(first.task_id, "running")
            await replica.change_priority(first.task_id, Priority.HIGH)
            await eventually(lambda: replica.executor.last.priorities == [Priority.HIGH])
            await replica.change_priority(third.task_id, Priority.HIGH)
            replica.executor.last.tell(DONE)
            await world.until(third.task_id, "running")
            moved = await world.record(third.task_id)
            assert moved is not None
            assert moved.priority is Priority.HIGH
            with pytest.raises(AlreadyEnded):
                await replica.change_priority(first.task_id, Priority.LOW)

    in_virtual_time(story)


def test_priority_of_a_task_that_is_not_submitted_yet_is_kept_in_its_record() -> None:
    async def story() -> None:
        world = World()
        replica = Replica(world, ManualExecutor())
        record = await world.register()
        await replica.change_priority(record.task_id, Priority.HIGH)
        changed = await world.record(record.task_id)
        assert changed == replace(record, priority=Priority.HIGH)
        assert await world.task(record.task_id) is None
        accepted = await replica.submit(record)
        assert accepted.priority is Priority.HIGH
        with pytest.raises(NotRegistered):
            await replica.change_priority("77", Priority.HIGH)

    in_virtual_time(story)


def test_a_line_that_only_an_overtaken_read_has_shown_is_kept() -> None:
    async def story() -> None:
        world = World()
        record = await world.register()
        replica = Replica(world, ManualExecutor(), store=OvertakenOnce(world, replace(record, logs=())))
        await replica.submit(record)
        accepted = await world.record(record.task_id)
        assert accepted is not None
        assert record.logs[0] in accepted.logs

    in_virtual_time(story)
