"""What becomes of a claimed task, whatever its work and the store do."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from adapters.memory import MemoryTaskStore
from application.settings import Lifetimes, SchedulerConfig
from domain.execution import Failed, Report, Stopped
from domain.ports import Admission, Snapshot, StoreUnavailable
from domain.record import Record
from domain.retry import RetryPolicy
from domain.task import Task
from domain.values import Progress, TaskResult, TaskStatus
from tests.application.replica import Replica, World, eventually, in_virtual_time
from tests.support.manual_executor import DONE, ManualExecutor


class CountingStore(MemoryTaskStore):
    """Remembers the statuses that were committed; fails while it is told to."""

    def __init__(self, world: World) -> None:
        super().__init__(world.database)
        self.committed: list[TaskStatus] = []
        self.fails = False
        self.refused = 0

    async def load(self, task_ids: Sequence[str]) -> Sequence[Snapshot]:
        self._check()
        return await super().load(task_ids)

    async def commit(
        self,
        before: Snapshot,
        task: Task | None,
        record: Record | None,
        *,
        admission: Admission | None = None,
        announce: bool = True,
    ) -> Snapshot:
        self._check()
        after = await super().commit(before, task, record, admission=admission, announce=announce)
        if task is not None:
            self.committed.append(task.status)
        return after

    def _check(self) -> None:
        if self.fails:
            self.refused += 1
            raise StoreUnavailable("away")


def messages(record: Record | None) -> list[str]:
    assert record is not None
    return [line.partition(",")[2] for line in record.logs]


def test_a_quick_task_is_written_three_times_and_its_record_tells_the_whole_story() -> None:
    async def story() -> None:
        world = World()
        store = CountingStore(world)
        replica = Replica(world, ManualExecutor(at_once=DONE), store=store)
        async with replica.running():
            record = await world.register(src="/a", dst="/b")
            await replica.submit(record)
            await world.until(record.task_id, "completed")
        assert store.committed == ["pending", "dispatching", "completed"]
        ended = await world.record(record.task_id)
        assert ended is not None
        assert (ended.status, ended.result, ended.active_jobs) == ("completed", DONE.result, ())
        assert messages(ended) == [
            "Dispatching to scheduler",
            "Accepted by scheduler",
            "Dispatching attempt 1 to the executor",
            "Running as dms-1-1",
            "Completed",
        ]

    in_virtual_time(story)


def test_progress_reaches_the_ledger_at_most_once_a_second() -> None:
    async def story() -> None:
        world = World()
        store = CountingStore(world)
        replica = Replica(world, ManualExecutor(), store=store)
        async with replica.running():
            record = await replica.start_task()
            already = len(store.committed)
            for done in range(100):
                replica.executor.last.tell(Report(Progress(bytes_done=done), TaskResult("Running", str(done))))
                await asyncio.sleep(0.1)
            reported = len(store.committed) - already
            task = await world.task(record.task_id)
            assert task is not None
            assert task.progress is not None
            assert 8 <= reported <= 11
            assert task.progress.bytes_done > 80
            replica.executor.last.tell(DONE)
            await world.until(record.task_id, "completed")

    in_virtual_time(story)


def test_a_transient_failure_is_tried_again_later_and_given_up_in_the_end() -> None:
    async def story() -> None:
        world = World()
        executor = ManualExecutor(at_once=Failed("the network is down", transient=True))
        config = SchedulerConfig("replica-1", retry=RetryPolicy(max_retries=2, base_s=10, cap_s=100))
        replica = Replica(world, executor, config)
        async with replica.running():
            record = await world.register()
            await replica.submit(record)
            failed = await world.until(record.task_id, "failed")
        assert [attempt.number for attempt in failed.attempts] == [1, 2, 3]
        first, second, third = failed.attempts
        assert first.ended_at is not None
        assert second.ended_at is not None
        # Half of the backoff is certain, the other half is jitter, which is 0 here.
        assert (second.started_at - first.ended_at).total_seconds() >= 5
        assert (third.started_at - second.ended_at).total_seconds() >= 10
        assert messages(await world.record(record.task_id))[-1] == (
            "Failed: the network is down (given up after 3 attempts)"
        )

    in_virtual_time(story)


def test_a_users_mistake_fails_at_once() -> None:
    async def story() -> None:
        world = World()
        executor = ManualExecutor()
        executor.refusal = Failed("no such directory: /a")
        replica = Replica(world, executor)
        async with replica.running():
            record = await world.register()
            await replica.submit(record)
            failed = await world.until(record.task_id, "failed")
        assert len(failed.attempts) == 1
        assert messages(await world.record(record.task_id))[-1] == "Failed: no such directory: /a"

    in_virtual_time(story)


def test_an_executor_that_breaks_fails_the_task_and_frees_the_slot() -> None:
    async def story() -> None:
        world = World()
        executor = ManualExecutor(at_once=DONE)
        executor.breaks = RuntimeError("no such plug-in")
        replica = Replica(world, executor, SchedulerConfig("replica-1", slots=1))
        async with replica.running():
            broken = await world.register()
            await replica.submit(broken)
            await world.until(broken.task_id, "failed")
            executor.breaks = None
            fine = await world.register()
            await replica.submit(fine)
            await world.until(fine.task_id, "completed")
        assert messages(await world.record(broken.task_id))[-1] == (
            "Failed: the executor broke: RuntimeError: no such plug-in"
        )

    in_virtual_time(story)


def test_an_outcome_is_kept_while_the_store_is_away() -> None:
    async def story() -> None:
        world = World()
        store = CountingStore(world)
        replica = Replica(world, ManualExecutor(), store=store)
        async with replica.running():
            record = await replica.start_task()
            store.fails = True
            replica.executor.last.tell(DONE)
            await asyncio.sleep(5)
            assert store.refused > 3
            store.fails = False
            await world.until(record.task_id, "completed")
        assert len(replica.executor.started) == 1

    in_virtual_time(story)


def test_a_lost_lease_stops_the_work_and_writes_nothing_more() -> None:
    async def story() -> None:
        world = World()
        lost = Replica(world, ManualExecutor(), SchedulerConfig("replica-1", slots=1))
        other = Replica(world, ManualExecutor(), SchedulerConfig("replica-2"))
        async with lost.running():
            record = await lost.start_task()
            # It takes its time to stop, and its only slot is not free before.
            lost.executor.last.obeys = False
            # The lease is the other's now, as after a pause that outlived it.
            world.database.ledgers.lease_ends.set(record.task_id, 0.0)
            await other.take_over()
            async with other.running():
                await world.until(record.task_id, "running")
                await eventually(lambda: bool(other.executor.started))
                await eventually(lambda: lost.executor.last.asked_to_stop)
                lost.executor.last.tell(DONE)
                other.executor.last.tell(DONE)
                ended = await world.until(record.task_id, "completed")
                await asyncio.sleep(60)
                assert await world.task(record.task_id) == ended
        assert [attempt.outcome for attempt in ended.attempts] == ["owner lost", "completed"]

    in_virtual_time(story)


def test_work_that_stops_by_itself_goes_back_to_the_queue() -> None:
    async def story() -> None:
        world = World()
        replica = Replica(world, ManualExecutor())
        async with replica.running():
            record = await replica.start_task()
            replica.executor.last.tell(Stopped())
            await eventually(lambda: len(replica.executor.started) == 2)
            replica.executor.last.tell(DONE)
            ended = await world.until(record.task_id, "completed")
        assert [attempt.number for attempt in ended.attempts] == [1, 2]

    in_virtual_time(story)


def test_local_work_is_told_of_every_renewal() -> None:
    async def story() -> None:
        world = World()
        config = SchedulerConfig("replica-1", lifetimes=Lifetimes(lease_s=9))
        replica = Replica(world, ManualExecutor(), config)
        async with replica.running():
            record = await replica.start_task()
            await asyncio.sleep(30)
            extended = replica.executor.last.extended
            assert len(extended) >= 9
            assert extended == sorted(extended)
            assert extended[-1] > 30
            replica.executor.last.tell(DONE)
            await world.until(record.task_id, "completed")

    in_virtual_time(story)
