"""What was missed while the watch was blind is looked for until it is found, however often that is broken off."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from adapters.memory import MemoryTaskStore
from application.settings import Lifetimes
from domain.ports import StoreUnavailable
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
