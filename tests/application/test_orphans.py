"""Work without a task is removed after its grace time, and nothing else is."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from application.orphans import RemoveOrphans
from domain.execution import FoundWork
from domain.ports import Snapshot
from domain.values import Incarnation
from tests.application.replica import Replica, World, in_virtual_time
from tests.support.manual_executor import DONE, ManualExecutor

GRACE_S = 100.0


class Work:
    """What is at work, as the test says."""

    def __init__(self, *found: FoundWork) -> None:
        self.found = list(found)
        self.removed: list[FoundWork] = []

    async def at_work(self) -> Sequence[FoundWork]:
        return tuple(self.found)

    async def remove(self, work: FoundWork) -> None:
        self.found.remove(work)
        self.removed.append(work)


def test_only_work_that_no_task_answers_for_is_removed() -> None:
    async def story() -> None:
        world = World()
        replica = Replica(world, ManualExecutor())
        async with replica.running():
            mine = await replica.start_task()
            ended = await replica.start_task()
            replica.executor.last.tell(DONE)
            await world.until(ended.task_id, "completed")
            good = FoundWork("good", mine.task_id, 1, mine.incarnation)
            orphans = (
                FoundWork("ended", ended.task_id, 1, ended.incarnation),
                FoundWork("unknown", "999", 1, mine.incarnation),
                replace(good, name="other attempt", attempt=2),
                replace(good, name="other task", incarnation=Incarnation("sync", "alice", "2020-01-01T00:00:00+00:00")),
            )
            work = Work(good, *orphans)
            remove_orphans = RemoveOrphans(work, world.store, world.clock, GRACE_S)
            assert await remove_orphans() == []
            await world.clock.sleep(GRACE_S - 1)
            assert await remove_orphans() == []
            await world.clock.sleep(1)
            assert sorted(await remove_orphans(), key=str) == sorted(orphans, key=str)
            assert work.found == [good]

    in_virtual_time(story)


def test_work_that_gets_a_task_again_begins_its_grace_anew() -> None:
    async def story() -> None:
        world = World()
        replica = Replica(world, ManualExecutor())
        async with replica.running():
            mine = await replica.start_task()
            orphan = FoundWork("orphan", "999", 1, mine.incarnation)
            work = Work(orphan)
            remove_orphans = RemoveOrphans(work, world.store, world.clock, GRACE_S)
            await remove_orphans()
            work.found = []
            await world.clock.sleep(GRACE_S)
            await remove_orphans()
            work.found = [orphan]
            assert await remove_orphans() == []

    in_virtual_time(story)


def test_what_a_store_may_have_lost_is_no_orphan() -> None:
    async def story() -> None:
        world = World()
        replica = Replica(world, ManualExecutor())
        mine = await world.register()

        class Recovering:
            async def load(self, task_ids: Sequence[str]) -> Sequence[Snapshot]:
                return [replace(each, recovering=True) for each in await world.store.load(task_ids)]

        work = Work(FoundWork("unknown", "999", 1, mine.incarnation))
        remove_orphans = RemoveOrphans(work, Recovering(), world.clock, GRACE_S)  # type: ignore[arg-type]
        await remove_orphans()
        await world.clock.sleep(2 * GRACE_S)
        assert await remove_orphans() == []
        assert replica.dispatcher.attempts == ()

    in_virtual_time(story)


def test_the_loop_removes_what_is_due() -> None:
    async def story() -> None:
        world = World()
        mine = await world.register()
        work = Work(FoundWork("unknown", "999", 1, mine.incarnation))
        remove_orphans = RemoveOrphans(work, world.store, world.clock, GRACE_S)
        loop = asyncio.create_task(remove_orphans.run())
        await world.clock.sleep(1.5 * GRACE_S)
        loop.cancel()
        assert [each.name for each in work.removed] == ["unknown"]

    in_virtual_time(story)
