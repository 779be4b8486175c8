"""A line that only one read has shown is kept, whatever that read was for (contract §4)."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace

import pytest

from adapters.memory import MemoryTaskStore
from domain.blocks import BlockFlags
from domain.errors import AlreadyEnded, IdentityMismatch
from domain.ports import Admission, Snapshot, StoreUnavailable
from domain.record import Record
from domain.task import Task
from domain.values import Priority
from tests.application.replica import TTL_S, Replica, World, in_virtual_time
from tests.support.manual_executor import DONE, ManualExecutor

LATE = "2026-03-12T10:30:00+09:00,Scheduler unavailable at http://dms-scheduler"


class ReadsThenOverwritten(MemoryTaskStore):
    """A frontend whose reads are older overwrites each record as soon as somebody has read it."""

    def __init__(self, world: World) -> None:
        super().__init__(world.database)
        self._world = world
        self.older: Record | None = None
        self.refuses_commits = False
        self.holds_commits: asyncio.Event | None = None

    async def load(self, task_ids: Sequence[str]) -> Sequence[Snapshot]:
        snapshots = await super().load(task_ids)
        await self._overwrite()
        return snapshots

    async def load_for_submit(self, task_id: str, user_id: str) -> tuple[Snapshot, BlockFlags]:
        found = await super().load_for_submit(task_id, user_id)
        await self._overwrite()
        return found

    async def commit(
        self,
        before: Snapshot,
        task: Task | None,
        record: Record | None,
        *,
        admission: Admission | None = None,
        announce: bool = True,
    ) -> Snapshot:
        if self.holds_commits is not None:
            await self.holds_commits.wait()
        if self.refuses_commits:
            raise StoreUnavailable("away")
        return await super().commit(before, task, record, admission=admission, announce=announce)

    async def _overwrite(self) -> None:
        if self.older is not None:
            await self._world.frontend.write(self.older, TTL_S)
            self.older = None


async def _show_once(world: World, store: ReadsThenOverwritten, task_id: str) -> None:
    """Have the next read show one line more, and whatever comes after it show none."""
    record = await world.record(task_id)
    assert record is not None
    await world.frontend.write(replace(record, logs=(*record.logs, LATE)), TTL_S)
    store.older = record


async def _lines(world: World, task_id: str) -> tuple[str, ...]:
    task = await world.task(task_id)
    assert task is not None
    return task.lines


def test_by_an_owner_who_looks_whether_its_lease_still_stands() -> None:
    async def story() -> None:
        world = World()
        store = ReadsThenOverwritten(world)
        replica = Replica(world, ManualExecutor(), store=store)
        record = await world.register()
        before_the_claim = await replica.submit(record)
        async with replica.running():
            await world.until(record.task_id, "running")
            (attempt,) = replica.dispatcher.attempts
            await _show_once(world, store, record.task_id)
            await attempt.see(before_the_claim)
            assert LATE in await _lines(world, record.task_id)

    in_virtual_time(story)


async def _asks_for_priority(replica: Replica, record: Record) -> None:
    await replica.change_priority(record.task_id, Priority.HIGH)


async def _submits_again(replica: Replica, record: Record) -> None:
    await replica.submit(record)


async def _submits_for_another(replica: Replica, record: Record) -> None:
    await replica.submit(replace(record, user_id="mallory"))


async def _cancels_for_another(replica: Replica, record: Record) -> None:
    await replica.cancel(replace(record, user_id="mallory"))


@pytest.mark.parametrize("ask", [_asks_for_priority, _submits_again, _submits_for_another, _cancels_for_another])
def test_by_a_request_that_is_refused(ask: Callable[[Replica, Record], Awaitable[None]]) -> None:
    async def story() -> None:
        world = World()
        store = ReadsThenOverwritten(world)
        replica = Replica(world, ManualExecutor(at_once=DONE), store=store)
        record = await world.register()
        async with replica.running():
            await replica.submit(record)
            await world.until(record.task_id, "completed")
        await _show_once(world, store, record.task_id)
        with pytest.raises((AlreadyEnded, IdentityMismatch)):
            await ask(replica, record)
        assert LATE in await _lines(world, record.task_id)

    in_virtual_time(story)


async def _reconciles(replica: Replica, tasks: Sequence[Record]) -> None:
    await replica.reconcile(task.task_id for task in tasks)


async def _cancels(replica: Replica, tasks: Sequence[Record]) -> None:
    await replica.cancel(tasks[-1])


@pytest.mark.parametrize("act", [_reconciles, _cancels])
def test_by_an_action_whose_commit_the_store_could_not_take(
    act: Callable[[Replica, Sequence[Record]], Awaitable[None]],
) -> None:
    async def story() -> None:
        world = World()
        store = ReadsThenOverwritten(world)
        replica = Replica(world, ManualExecutor(), store=store)
        broken, task = await world.register(), await world.register()
        for each in (broken, task):
            await replica.submit(each)
            await world.frontend.write(each, TTL_S)  # so that there is something to put right
        await _show_once(world, store, task.task_id)
        store.refuses_commits = True
        with pytest.raises(StoreUnavailable):
            await act(replica, (broken, task))
        store.refuses_commits = False
        await act(replica, (broken, task))
        assert LATE in await _lines(world, task.task_id)

    in_virtual_time(story)


def test_by_two_actions_whose_commits_come_to_nothing_one_after_the_other() -> None:
    async def story() -> None:
        world = World()
        store = ReadsThenOverwritten(world)
        replica = Replica(world, ManualExecutor(), store=store)
        task = await world.register()
        await replica.submit(task)
        await _show_once(world, store, task.task_id)
        store.refuses_commits, store.holds_commits = True, asyncio.Event()
        actions = [asyncio.create_task(replica.cancel(task)) for _ in range(2)]  # the second one reads what lacks it
        await asyncio.sleep(0)
        store.holds_commits.set()
        for action in actions:
            with pytest.raises(StoreUnavailable):
                await action
        store.refuses_commits = False
        await replica.cancel(task)
        assert LATE in await _lines(world, task.task_id)

    in_virtual_time(story)


def test_by_a_submit_that_the_store_could_not_take() -> None:
    async def story() -> None:
        world = World()
        store = ReadsThenOverwritten(world)
        replica = Replica(world, ManualExecutor(), store=store)
        record = await world.register()
        await _show_once(world, store, record.task_id)
        store.refuses_commits = True
        with pytest.raises(StoreUnavailable):
            await replica.submit(record)
        store.refuses_commits = False
        await replica.submit(record)
        assert LATE in await _lines(world, record.task_id)

    in_virtual_time(story)


def test_by_a_change_of_priority_before_there_is_a_ledger() -> None:
    async def story() -> None:
        world = World()
        store = ReadsThenOverwritten(world)
        replica = Replica(world, ManualExecutor(), store=store)
        record = await world.register()
        await world.frontend.write(replace(record, logs=(*record.logs, LATE)), TTL_S)
        await replica.change_priority(record.task_id, Priority.HIGH)
        await world.frontend.write(record, TTL_S)
        await replica.submit(record)
        assert LATE in await _lines(world, record.task_id)

    in_virtual_time(story)


def test_by_an_action_that_nobody_waits_for_any_more() -> None:
    async def story() -> None:
        world = World()
        store = ReadsThenOverwritten(world)
        replica = Replica(world, ManualExecutor(), store=store)
        task = await world.register()
        await replica.submit(task)
        await _show_once(world, store, task.task_id)
        store.holds_commits = asyncio.Event()
        action = asyncio.create_task(replica.cancel(task))
        await asyncio.sleep(0)
        action.cancel()
        with pytest.raises(asyncio.CancelledError):
            await action
        store.holds_commits = None
        await replica.cancel(task)
        assert LATE in await _lines(world, task.task_id)

    in_virtual_time(story)
