"""Work that outlives its scheduler: lost sight of is not lost, and nothing starts beside it."""

from __future__ import annotations

from collections.abc import AsyncIterator

from domain.execution import Outcome, Report, WorkOrder
from domain.ports import Execution, ExecutorUnavailable
from domain.task import Task
from tests.application.replica import Replica, World, eventually, in_virtual_time
from tests.support.manual_executor import DONE, ManualExecution, ManualExecutor


class OutOfSight(ManualExecution):
    """Breaks while it is followed, as a connection does; the work goes on."""

    async def reports(self) -> AsyncIterator[Report | Outcome]:
        yield Report()
        raise OSError("the connection broke")


class Cluster(ManualExecutor):
    """Finds work by its name. Of each story it tells how far it was asked."""

    def __init__(self, *, blind_starts: int = 0, silent: int = 0, breaks_for_ever: bool = False) -> None:
        super().__init__(outlives_us=True)
        self.work: dict[str, ManualExecution] = {}
        self.blind_starts = blind_starts
        self.silent = silent
        self.breaks_for_ever = breaks_for_ever
        self.attached = 0

    async def start(self, order: WorkOrder, until: float) -> Execution:
        self.work.setdefault(order.name, ManualExecution(order))
        if self.blind_starts:
            self.blind_starts -= 1
            raise ExecutorUnavailable("no answer")
        self.started.append(OutOfSight(order))
        return self.started[-1]

    async def attach(self, order: WorkOrder, until: float) -> Execution | None:
        self.attached += 1
        if self.silent:
            self.silent -= 1
            raise ExecutorUnavailable("no answer")
        if self.breaks_for_ever:
            return OutOfSight(order)
        return self.work.get(order.name)


def test_work_that_was_lost_sight_of_is_found_again() -> None:
    async def story() -> Task:
        world, cluster = World(), Cluster(silent=3)
        replica = Replica(world, cluster)
        async with replica.running():
            record = await replica.start_task()
            await eventually(lambda: cluster.attached == 4)
            assert not cluster.started[0].asked_to_stop
            cluster.work[f"dms-{record.task_id}-1"].tell(DONE)
            return await world.until(record.task_id, "completed")

    assert len(in_virtual_time(story).attempts) == 1


def test_a_start_of_which_nothing_is_known_is_looked_for() -> None:
    async def story() -> Task:
        world, cluster = World(), Cluster(blind_starts=1)
        replica = Replica(world, cluster)
        async with replica.running():
            record = await replica.start_task()
            assert not cluster.started
            cluster.work[f"dms-{record.task_id}-1"].tell(DONE)
            return await world.until(record.task_id, "completed")

    assert len(in_virtual_time(story).attempts) == 1


def test_work_that_is_gone_when_it_is_looked_for_has_failed() -> None:
    async def story() -> Task:
        world, cluster = World(), Cluster()
        replica = Replica(world, cluster)
        async with replica.running():
            record = await world.register()
            await replica.submit(record)
            await eventually(lambda: bool(cluster.started))
            cluster.work.clear()
            return await world.until(record.task_id, "failed")

    assert "its work is no longer there" in in_virtual_time(story).lines[-1]


def test_work_that_cannot_be_followed_from_here_is_left_to_the_next_owner() -> None:
    async def story() -> None:
        world, cluster = World(), Cluster(breaks_for_ever=True)
        replica = Replica(world, cluster)
        async with replica.running():
            record = await replica.start_task()
            await eventually(lambda: cluster.attached > 12)  # it was taken over again
            cluster.breaks_for_ever = False
            cluster.work[f"dms-{record.task_id}-1"].tell(DONE)
            task = await world.until(record.task_id, "completed")
            assert len(task.attempts) == 1
            assert not any(work.asked_to_stop for work in cluster.work.values())

    in_virtual_time(story)


def test_a_cancel_reaches_work_that_was_found_again() -> None:
    async def story() -> None:
        world, cluster = World(), Cluster(silent=3)
        replica = Replica(world, cluster)
        async with replica.running():
            record = await replica.start_task()
            await replica.cancel(record)
            await world.until(record.task_id, "cancelled")
            assert cluster.work[f"dms-{record.task_id}-1"].asked_to_stop

    in_virtual_time(story)


class SlowToTake(Cluster):
    """Takes the first start only when the test lets it, as a request that is held up on its way."""

    def __init__(self) -> None:
        super().__init__()
        self.orders: list[WorkOrder] = []

    async def start(self, order: WorkOrder, until: float) -> Execution:
        self.orders.append(order)
        if len(self.orders) == 1:
            raise RuntimeError("the process died here")
        return self.work.setdefault(order.name, ManualExecution(order))

    async def attach(self, order: WorkOrder, until: float) -> Execution | None:
        if len(self.orders) == 1 and self.silent:
            raise RuntimeError("the process is dead")
        return self.work.get(order.name)


def test_an_attempt_whose_start_may_still_arrive_is_started_again_as_the_same_attempt() -> None:
    async def story() -> None:
        world, cluster = World(), SlowToTake()
        cluster.silent = 1
        replica = Replica(world, cluster)
        async with replica.running():
            record = await world.register()
            await replica.submit(record)
            await eventually(lambda: len(cluster.orders) == 1)
            await eventually(lambda: replica.dispatcher.attempts == ())  # as if its process had died
            cluster.silent = 0
            await eventually(lambda: len(cluster.orders) == 2)
            assert cluster.orders[0].name == cluster.orders[1].name
            cluster.work[cluster.orders[0].name].tell(DONE)
            task = await world.until(record.task_id, "completed")
            assert len(task.attempts) == 1

    in_virtual_time(story)
