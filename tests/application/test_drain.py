"""A drained replica claims nothing; everything else goes on."""

from __future__ import annotations

import asyncio

import pytest

from adapters.memory import MemoryReplicaBoard
from application.drain import SetDrain
from application.presence import ANNOUNCED_EVERY_S, ANNOUNCED_FOR_S, KeepPresence
from application.settings import SchedulerConfig
from domain.drain import Drains, Presence, UnknownReplica
from domain.ports import StoreUnavailable
from domain.record import Record
from domain.values import TaskStatus
from tests.application.replica import Replica, World, in_virtual_time
from tests.support.manual_executor import DONE, ManualExecutor

LONG_S = 60.0


def config(name: str) -> SchedulerConfig:
    return SchedulerConfig(f"{name}-process", replica=name)


def replica_of(world: World, name: str) -> Replica:
    return Replica(world, ManualExecutor(at_once=DONE), config(name))


async def drain(world: World, replica: str | None, drained: bool = True) -> Drains:
    """Drain or resume, once the replicas are known, and wait until they must have heard of it."""
    await world.clock.sleep(2 * ANNOUNCED_EVERY_S)
    in_force = await SetDrain(MemoryReplicaBoard(world.database))(replica, drained)
    await world.clock.sleep(2 * ANNOUNCED_EVERY_S)
    return in_force


async def status(world: World, record: Record) -> TaskStatus:
    task = await world.task(record.task_id)
    assert task is not None
    return task.status


def test_what_is_at_work_ends_and_what_is_submitted_waits_until_the_drain_is_lifted() -> None:
    async def story() -> None:
        world = World()
        replica = Replica(world, ManualExecutor(), config("a"))
        async with replica.running():
            at_work = await replica.start_task()
            assert await drain(world, None) == Drains(everything=True)
            waits = await world.register()
            await replica.submit(waits)
            replica.executor.last.tell(DONE)
            await world.until(at_work.task_id, "completed")
            await world.clock.sleep(LONG_S)
            assert await status(world, waits) is TaskStatus.PENDING
            assert await drain(world, None, False) == Drains()
            await world.until(waits.task_id, "running")

    in_virtual_time(story)


def test_a_cancel_reaches_what_waits_during_a_drain() -> None:
    async def story() -> None:
        world = World()
        replica = replica_of(world, "a")
        async with replica.running():
            await drain(world, "a")
            record = await world.register()
            await replica.submit(record)
            assert await replica.cancel(record) == "cancelled"

    in_virtual_time(story)


def test_a_drain_by_name_leaves_the_work_to_the_others_at_once() -> None:
    async def story() -> None:
        world = World()
        drained, other = replica_of(world, "a"), replica_of(world, "b")
        async with drained.running(), other.running():
            await drain(world, "a")
            assert not drained.dispatcher.has_room
            record = await world.register()
            await drained.submit(record)
            task = await world.until(record.task_id, "completed")
            assert [attempt.owner for attempt in task.attempts] == ["b-process"]

    in_virtual_time(story)


def test_a_replica_that_starts_anew_is_drained_before_its_first_claim() -> None:
    async def story() -> None:
        world = World()
        async with replica_of(world, "a").running():
            await drain(world, "a")
        waits = await world.register()
        started_anew = replica_of(world, "a")
        await started_anew.submit(waits)
        async with started_anew.running():
            await world.clock.sleep(LONG_S)
            assert await status(world, waits) is TaskStatus.PENDING
            await drain(world, "a", False)
            await world.until(waits.task_id, "completed")

    in_virtual_time(story)


def test_what_a_lost_replica_had_at_work_goes_back_to_the_queue() -> None:
    async def story() -> None:
        world = World()
        lost, drained = Replica(world, ManualExecutor(), config("lost")), replica_of(world, "a")
        record = await world.register()
        await lost.submit(record)
        # It claims and starts, and is never heard of again.
        dispatching = asyncio.create_task(lost.dispatcher.run())
        await world.until(record.task_id, "running")
        dispatching.cancel()
        async with drained.running():
            await drain(world, "a")
            await world.until(record.task_id, "pending")
            await world.clock.sleep(LONG_S)
            assert await status(world, record) is TaskStatus.PENDING
            await drain(world, "a", False)
            await world.until(record.task_id, "completed")

    in_virtual_time(story)


class FailingBoard(MemoryReplicaBoard):
    """A board that can be away."""

    is_away = False

    async def announce(self, presence: Presence, for_s: float) -> bool:
        if self.is_away:
            raise StoreUnavailable("gone")
        return await super().announce(presence, for_s)


def test_what_was_heard_last_holds_while_the_store_is_away() -> None:
    async def story() -> None:
        world = World()
        board, replica = FailingBoard(world.database), replica_of(world, "a")
        presence = KeepPresence(board, replica.dispatcher, world.clock, config("a"))
        keeping = asyncio.create_task(presence.run())
        await drain(world, "a")
        board.is_away = True
        await world.clock.sleep(LONG_S)
        heard_last = replica.dispatcher.is_drained
        await MemoryReplicaBoard(world.database).drain_replica("a", False)
        board.is_away = False
        await world.clock.sleep(2 * ANNOUNCED_EVERY_S)
        assert (heard_last, replica.dispatcher.is_drained) == (True, False)
        keeping.cancel()

    in_virtual_time(story)


def test_replicas_are_shown_while_they_are_there() -> None:
    async def story() -> None:
        world = World()
        board = MemoryReplicaBoard(world.database)
        replica = Replica(world, ManualExecutor(), config("a"))
        async with replica.running():
            await replica.start_task()
            await drain(world, "a")
            assert list(await board.present()) == [Presence("a-process", "a", 16, 1, draining=True)]
            await world.clock.sleep(2 * ANNOUNCED_FOR_S)
            assert len(await board.present()) == 1
        assert list(await board.present()) == []

    in_virtual_time(story)


def test_a_name_that_nobody_has_is_not_drained_but_may_be_resumed() -> None:
    async def story() -> None:
        world = World()
        async with replica_of(world, "a").running():
            await world.clock.sleep(ANNOUNCED_EVERY_S)
            with pytest.raises(UnknownReplica, match="there are: a"):
                await drain(world, "b")
            assert await drain(world, "b", False) == Drains()

    in_virtual_time(story)
