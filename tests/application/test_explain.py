"""Why a task waits, in situations that only a running scheduler comes into."""

from __future__ import annotations

import asyncio

from adapters.memory import MemoryQueuePositions, MemoryReplicaBoard
from application.explain import ExplainTask, Explanation
from application.settings import Lifetimes, SchedulerConfig
from domain.dispatch import Limits
from domain.execution import Failed
from domain.reasons import NoFreeSlot, Recovering, RetryAt, ServiceLimit
from domain.record import Record
from domain.retry import RetryPolicy
from domain.stages import FailedFor
from tests.application.replica import Replica, World, in_virtual_time
from tests.support.manual_executor import ManualExecutor

WINDOW_S = Lifetimes().store_lease_s


async def why(world: World, replica: Replica, record: Record) -> Explanation:
    positions, board = MemoryQueuePositions(world.database), MemoryReplicaBoard(world.database)
    explain = ExplainTask(replica.ledger, positions, board, replica.dispatcher, world.clock, replica.tools.config)
    return await explain(record.task_id)


def test_a_retry_waits_for_its_time_and_then_the_task_fails_for_the_same_reason() -> None:
    async def story() -> None:
        world = World()
        executor = ManualExecutor(at_once=Failed("the network is down", transient=True))
        config = SchedulerConfig("r", retry=RetryPolicy(max_retries=1, base_s=60.0))
        replica = Replica(world, executor, config)
        async with replica.running():
            record = await world.register()
            await replica.submit(record)
            await asyncio.sleep(5.0)
            told = await why(world, replica, record)
            assert isinstance(told.why, RetryAt)
            assert (told.why.failures, told.why.failure) == (1, "failed: the network is down")
            assert told.sentence.endswith("its latest attempt failed: the network is down")
            await world.until(record.task_id, "failed")
            assert (await why(world, replica, record)).why == FailedFor(
                "the network is down (given up after 2 attempts)", 2
            )

    in_virtual_time(story)


def test_a_service_at_its_limit() -> None:
    async def story() -> None:
        world = World()
        replica = Replica(world, ManualExecutor(), SchedulerConfig("r", limits=Limits(per_service={"sync": 1})))
        async with replica.running():
            await replica.start_task()
            record = await world.register()
            await replica.submit(record)
            assert (await why(world, replica, record)).why == ServiceLimit("sync", 1, 1)

    in_virtual_time(story)


def test_nothing_is_claimed_while_the_store_recovers() -> None:
    async def story() -> None:
        world = World()
        replica = Replica(world, ManualExecutor(), SchedulerConfig("r", slots=3))
        record = await world.register()
        await replica.submit(record)
        assert (await why(world, replica, record)).why == NoFreeSlot(at_work=0, slots=3, free=3)
        assert (await why(world, replica, record)).sentence.endswith("it is next, and is claimed in a moment")
        world.database.fail_over(world.database.save(), WINDOW_S)
        assert (await why(world, replica, record)).why == Recovering()
        await asyncio.sleep(WINDOW_S)
        assert (await why(world, replica, record)).why == NoFreeSlot(at_work=0, slots=3, free=3)

    in_virtual_time(story)
