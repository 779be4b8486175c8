"""What was missed while the watch was blind is looked for until it is found, however often that is broken off."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

import pytest

from adapters.memory import MemoryTaskStore, task_store
from application import watching
from application.settings import Lifetimes
from domain.ports import Snapshot, StoreUnavailable
from tests.application.replica import TTL_S, Replica, World, in_virtual_time
from tests.support.manual_executor import ManualExecutor

BREAKS_OFF = 3


class BreaksOff(MemoryTaskStore):
    """Goes away in the midst of the first sweeps."""

    def __init__(self, world: World) -> None:
        super().__init__(world.database)
        self.sweeps = 0

    async def recently_ended_ids(self, within_s: float) -> Sequence[str]:
        self.sweeps += 1
        if self.sweeps <= BREAKS_OFF:
            raise StoreUnavailable("away")
        return await super().recently_ended_ids(within_s)


def test_a_sweep_that_the_store_breaks_off_is_made_again_soon() -> None:
    async def story() -> None:
        world = World()
        record = await world.register()
        await Replica(world, ManualExecutor()).submit(record)
        await world.frontend.write(replace(record, status="running"), TTL_S)  # before anybody watches
        store, times = BreaksOff(world), Lifetimes()
        async with Replica(world, ManualExecutor(), store=store).running():
            await asyncio.sleep((BREAKS_OFF + 1) * times.lost_sweep_s)
            assert store.sweeps == BREAKS_OFF + 1
            found, task = await world.record(record.task_id), await world.task(record.task_id)
            assert found is not None
            assert task is not None
            assert found.status == task.status
            await asyncio.sleep(times.sweep_s / 2)
            assert store.sweeps == BREAKS_OFF + 1

    in_virtual_time(story)


class Noting(MemoryTaskStore):
    """Notes which tasks were compared."""

    def __init__(self, world: World) -> None:
        super().__init__(world.database)
        self.compared: list[int] = []

    async def load_unsettled(self, task_ids: Sequence[str]) -> Sequence[Snapshot]:
        self.compared.append(len(task_ids))
        return await super().load_unsettled(task_ids)


def test_a_sweep_beside_a_healthy_watch_compares_a_part_and_the_next_one_goes_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """However much waits, an idle service stays cheap."""
    monkeypatch.setattr(task_store, "BATCH", 2)
    monkeypatch.setattr(watching, "SWEPT_AT_ONCE", 4)

    async def story() -> None:
        world = World()
        store = Noting(world)
        replica = Replica(world, ManualExecutor(), store=store)
        for _ in range(7):
            await replica.submit(await world.register())
        store.compared.clear()
        swept = []
        for _ in range(4):
            await replica.watch.sweep_some()
            swept.append(sum(store.compared))
            store.compared.clear()
        assert swept == [4, 3, 4, 3]
        await replica.watch.sweep()
        assert sum(store.compared) == 7

    in_virtual_time(story)


def test_such_a_sweep_finds_what_ended_since_the_last_but_one() -> None:
    async def story() -> None:
        world = World()
        replica = Replica(world, ManualExecutor())
        record = await world.register()
        await replica.submit(record)
        await replica.cancel(record)
        await world.frontend.write(replace(record, status="running"), TTL_S)
        assert await replica.watch.sweep_some() == 1
        found = await world.record(record.task_id)
        assert found is not None
        assert found.status == "cancelled"

    in_virtual_time(story)
