"""The front desk is bounded, and what it refuses is settled afterwards."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace

import pytest

from adapters.memory import MemoryTaskStore
from application.cancel import Cancellation
from application.settings import SchedulerConfig
from domain.admission import Submission
from domain.blocks import BlockFlags
from domain.errors import Overloaded
from domain.ports import Snapshot, StoreUnavailable
from domain.record import Record
from entrypoints.http.frontdesk import FrontDesk, SubmitRefused
from entrypoints.http.patience import WAIT_S, Patience
from tests.application.replica import Replica, World, eventually, in_virtual_time
from tests.support.manual_executor import ManualExecutor


class HangingStore(MemoryTaskStore):
    """Answers only while ``answers`` is set."""

    def __init__(self, world: World) -> None:
        super().__init__(world.database)
        self.answers = asyncio.Event()

    async def load(self, task_ids: Sequence[str]) -> Sequence[Snapshot]:
        await self.answers.wait()
        return await super().load(task_ids)

    async def load_for_submit(self, task_id: str, user_id: str) -> tuple[Snapshot, BlockFlags]:
        await self.answers.wait()
        return await super().load_for_submit(task_id, user_id)


class Desk:
    """A front desk over a store that hangs until it is told to answer."""

    def __init__(self, config: SchedulerConfig) -> None:
        self.world = World()
        self.store = HangingStore(self.world)
        self.replica = Replica(self.world, ManualExecutor(), config, self.store)
        patience = Patience(self.world.clock)
        self.desk = FrontDesk(
            self.replica.submit_task, self.replica.cancel_task, self.replica.unsettled, patience, config
        )

    async def submit(self, record: Record) -> object:
        return await self.desk.submit(Submission(record.task_id, record.service, record.user_id, record.parameters))

    async def cancel(self, record: Record) -> str:
        return await self.desk.cancel(Cancellation(record.task_id, record.service, record.user_id))

    async def status(self, record: Record) -> str:
        shown = await self.world.record(record.task_id)
        assert shown is not None
        return shown.status


CONFIG = SchedulerConfig("replica-1")


def test_a_submit_that_the_store_does_not_answer_ends_failed_when_it_is_back() -> None:
    async def story() -> None:
        at = Desk(CONFIG)
        record = await at.world.register()
        begun = at.world.clock.monotonic()
        with pytest.raises(SubmitRefused):
            await at.submit(record)
        assert at.world.clock.monotonic() - begun == WAIT_S
        assert await at.status(record) == "dispatching"
        at.store.answers.set()
        await at.replica.unsettled()
        assert await at.status(record) == "failed"

    in_virtual_time(story)


def test_a_second_submit_that_is_accepted_makes_the_first_refusal_void() -> None:
    async def story() -> None:
        at = Desk(CONFIG)
        record = await at.world.register()
        with pytest.raises(SubmitRefused):
            await at.submit(record)
        at.store.answers.set()
        await at.submit(record)
        await at.replica.unsettled()
        assert await at.status(record) == "pending"

    in_virtual_time(story)


def test_a_cancel_that_the_store_does_not_answer_is_applied_when_it_is_back() -> None:
    async def story() -> None:
        at = Desk(CONFIG)
        record = await at.world.register()
        with pytest.raises(StoreUnavailable):
            await at.cancel(record)
        at.store.answers.set()
        await at.replica.unsettled()
        assert await at.status(record) == "cancelled"

    in_virtual_time(story)


def test_too_many_requests_at_once_are_refused_at_once_and_settled_later() -> None:
    async def story() -> None:
        at = Desk(replace(CONFIG, most_requests=2))
        records = [await at.world.register() for _ in range(4)]
        under_way = [asyncio.create_task(at.submit(record)) for record in records[:2]]
        await asyncio.sleep(0)
        begun = at.world.clock.monotonic()
        with pytest.raises(Overloaded, match="submit it again"):
            await at.submit(records[2])
        with pytest.raises(Overloaded, match="kept"):
            await at.cancel(records[3])
        assert at.world.clock.monotonic() == begun
        at.store.answers.set()
        await asyncio.gather(*under_way)
        await at.replica.unsettled()
        assert [await at.status(record) for record in records] == ["pending", "pending", "failed", "cancelled"]
        # There is room again.
        await at.submit(await at.world.register())

    in_virtual_time(story)


def test_a_full_queue_refuses_and_the_record_says_why() -> None:
    async def story() -> None:
        at = Desk(replace(CONFIG, most_waiting=2))
        at.store.answers.set()
        records = [await at.world.register() for _ in range(3)]
        for record in records[:2]:
            await at.submit(record)
        with pytest.raises(Overloaded, match="2 tasks wait already"):
            await at.submit(records[2])
        assert await at.status(records[2]) == "failed"
        task = await at.world.task(records[2].task_id)
        assert task is not None
        assert "2 tasks wait already" in task.lines[-1]
        async with at.replica.running():
            await eventually(lambda: len(at.replica.executor.started) == 2)
            await at.submit(await at.world.register())

    in_virtual_time(story)
