"""A store that is silent for a while: what it costs, and what is still true when it is back."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from adapters.memory import MemoryDispatchQueue, MemoryTaskStore
from application.bookkeeping import NOT_RENEWED
from application.held_task import MOST_DENIALS
from application.settings import Lifetimes
from domain.errors import StaleLease
from domain.execution import Failed, LeaseLapsed, WorkOrder
from domain.ports import Execution, Snapshot, StoreUnavailable
from domain.retry import MOST_OWNERS_LOST
from domain.task import OWNER_LOST, Task
from tests.application.replica import Process, Replica, World, eventually, in_virtual_time
from tests.support.manual_executor import DONE, ManualExecutor

LIFETIMES = Lifetimes()
GIVES_UP_S = 5.0
"""An operation on a store that does not answer ends so late (``adapters.redis.attempts``)."""


class Silence:
    """Makes a store's every operation wait, and then fail."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.is_on = False

    async def __call__(self) -> None:
        if self.is_on:
            await self._world.clock.sleep(GIVES_UP_S)
        if self.is_on:
            raise StoreUnavailable("did not answer in time")


class SilentQueue(MemoryDispatchQueue):
    def __init__(self, world: World, silence: Silence) -> None:
        super().__init__(world.database)
        self._silence = silence

    async def renew(self, *arguments: Any, **options: Any) -> Any:
        await self._silence()
        return await super().renew(*arguments, **options)

    async def take_over(self, *arguments: Any, **options: Any) -> Any:
        await self._silence()
        return await super().take_over(*arguments, **options)

    async def claim(self, *arguments: Any, **options: Any) -> Any:
        await self._silence()
        return await super().claim(*arguments, **options)


class SilentStore(MemoryTaskStore):
    def __init__(self, world: World, silence: Silence) -> None:
        super().__init__(world.database)
        self._silence = silence

    async def load(self, *arguments: Any, **options: Any) -> Any:
        await self._silence()
        return await super().load(*arguments, **options)

    async def commit(self, *arguments: Any, **options: Any) -> Any:
        await self._silence()
        return await super().commit(*arguments, **options)


class StartsSlowly(ManualExecutor):
    def __init__(self, world: World) -> None:
        super().__init__()
        self._world = world

    async def start(self, order: WorkOrder, until: float) -> Execution | Failed:
        await self._world.clock.sleep(1.0)
        return await super().start(order, until)


def replica_with(
    world: World, silence: Silence, executor: ManualExecutor | None = None
) -> tuple[Process, ManualExecutor]:
    executor = executor or ManualExecutor()
    return Process(world, executor, store=SilentStore(world, silence), queue=SilentQueue(world, silence)), executor


async def renewed(executor: ManualExecutor) -> None:
    """Wait for the next renewal of the work that was started last."""
    before = len(executor.last.extended)
    await eventually(lambda: len(executor.last.extended) > before)


def test_a_renewal_that_failed_is_tried_again_before_the_lease_is_over() -> None:
    async def story() -> None:
        world = World()
        silence = Silence(world)
        replica, executor = replica_with(world, silence)
        async with replica.running():
            record = await replica.start_task()
            await eventually(lambda: bool(executor.last.extended))
            for _ in range(4):
                await renewed(executor)
                until = executor.last.extended[-1]
                await world.clock.sleep(LIFETIMES.renew_s - 0.1)
                silence.is_on = True
                await world.clock.sleep(GIVES_UP_S + 0.2)  # so the renewal that begins within it fails
                silence.is_on = False
                await renewed(executor)
                assert world.clock.monotonic() < until, "the lease before was over"
            executor.last.tell(DONE)
            assert len((await world.until(record.task_id, "completed")).attempts) == 1

    in_virtual_time(story)


@pytest.mark.parametrize("service", ["sync", "rm"])
@pytest.mark.parametrize("away_s", [18.0, 20.5, 23.0, 31.7, 60.0])
def test_an_outcome_that_was_kept_stands_though_the_lease_was_over_long_ago(service: str, away_s: float) -> None:
    async def story() -> None:
        world = World()
        silence = Silence(world)
        replica, executor = replica_with(world, silence)
        async with replica.running():
            record = await replica.start_task(service)
            silence.is_on = True
            await world.clock.sleep(1.0)
            executor.last.tell(DONE)
            await world.clock.sleep(away_s)
            silence.is_on = False
            ended = await world.until(record.task_id, "completed")
        assert [attempt.outcome for attempt in ended.attempts] == ["completed"]
        assert len(executor.started) == 1

    in_virtual_time(story)


def test_work_that_a_lapsed_lease_stopped_begins_again_and_counts_as_no_failure() -> None:
    async def story() -> None:
        world = World()
        replica = Replica(world, ManualExecutor())
        async with replica.running():
            record = await replica.start_task()
            replica.executor.last.tell(LeaseLapsed())
            await eventually(lambda: len(replica.executor.started) == 2)
            replica.executor.last.tell(DONE)
            ended = await world.until(record.task_id, "completed")
        assert ended.failures == 0
        assert [attempt.outcome for attempt in ended.attempts] == [OWNER_LOST, "completed"]
        assert any(NOT_RENEWED in line for line in ended.lines)

    in_virtual_time(story)


@pytest.mark.parametrize(("service", "attempts"), [("rm", 1), ("sync", MOST_OWNERS_LOST)])
def test_lapsed_leases_end_in_a_failure_where_work_may_not_be_repeated_for_ever(service: str, attempts: int) -> None:
    async def story() -> None:
        world = World()
        replica = Replica(world, ManualExecutor(at_once=LeaseLapsed()))
        async with replica.running():
            record = await world.register(service)
            await replica.submit(record)
            ended = await world.until(record.task_id, "failed")
        assert NOT_RENEWED in ended.lines[-1]
        assert len(ended.attempts) == attempts

    in_virtual_time(story)


def test_a_cancel_stands_though_the_lease_stopped_the_work() -> None:
    async def story() -> None:
        world = World()
        replica = Replica(world, ManualExecutor())
        async with replica.running():
            record = await replica.start_task()
            replica.executor.last.obeys = False
            await replica.cancel(record)
            replica.executor.last.tell(LeaseLapsed())
            await world.until(record.task_id, "cancelled")

    in_virtual_time(story)


def test_a_replica_that_shuts_down_takes_nothing_over() -> None:
    async def story() -> None:
        world = World()
        lost = Replica(world, ManualExecutor())
        record = await world.register()
        await lost.submit(record)
        await lost.dispatcher._fill_slots()  # it claims, and is never heard of again
        await world.until(record.task_id, "running")
        await world.clock.sleep(LIFETIMES.store_lease_s + 1)
        leaving = Replica(world, ManualExecutor())
        await leaving.dispatcher.shut_down()
        assert await leaving.take_over() == 0
        assert await Replica(world, ManualExecutor()).take_over() == 1

    in_virtual_time(story)


def test_a_rule_that_denies_a_lease_that_stands_is_not_tried_for_ever() -> None:
    async def story() -> None:
        world = World()
        replica = Replica(world, ManualExecutor())
        async with replica.running():
            await replica.start_task()
            (attempt,) = replica.dispatcher.attempts
            tries = 0

            def deny(snapshot: Snapshot, at: datetime) -> Task:
                nonlocal tries
                tries += 1
                raise StaleLease(snapshot.task_id)

            with pytest.raises(StaleLease):
                await attempt._held.change(deny)
            assert tries == MOST_DENIALS + 1
            replica.executor.last.tell(DONE)

    in_virtual_time(story)


@pytest.mark.parametrize("more_s", [0.0, 0.7, 1.4, 2.1, 2.8, 3.5, 4.2, 4.9])
def test_an_outcome_stands_though_a_fail_over_lost_the_start_of_its_work_meanwhile(more_s: float) -> None:
    async def story() -> None:
        world = World()
        silence = Silence(world)
        replica, executor = replica_with(world, silence, StartsSlowly(world))
        async with replica.running():
            record = await world.register()
            await replica.submit(record)
            await world.until(record.task_id, "dispatching")
            dispatched = world.database.save()
            await world.until(record.task_id, "running")
            silence.is_on = True
            executor.last.tell(DONE)
            await world.clock.sleep(1.0)
            world.database.fail_over(dispatched, LIFETIMES.store_lease_s)
            await world.clock.sleep(2 * LIFETIMES.store_lease_s + more_s)
            silence.is_on = False
            ended = await world.until(record.task_id, "completed")
        assert [attempt.outcome for attempt in ended.attempts] == ["completed"]
        assert len(executor.started) == 1

    in_virtual_time(story)
