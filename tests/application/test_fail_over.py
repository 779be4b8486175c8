"""The store fails over to a server that lacks the last writes: what this process wrote is written again (design §5)."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from adapters.memory import MemoryDispatchQueue, MemoryTaskStore
from application import recent as recent_ledgers
from application.recent import REMEMBERED_S, RecentLedgers
from application.settings import Lifetimes, SchedulerConfig
from domain.dispatch import Limits
from domain.ports import Admission, Snapshot, StoreUnavailable
from domain.record import Record
from domain.task import Task
from domain.values import TaskStatus
from tests.application.replica import TTL_S, Process, Replica, World, eventually, in_virtual_time
from tests.support.manual_executor import DONE, ManualExecutor

WINDOW_S = Lifetimes().store_lease_s


def test_a_running_task_goes_on_although_all_of_it_was_lost() -> None:
    async def story() -> None:
        world = World()
        replica = Replica(world, ManualExecutor())
        async with replica.running():
            empty = world.database.save()
            record = await replica.start_task()
            world.database.fail_over(empty, WINDOW_S)
            assert await world.task(record.task_id) is None
            restored = await world.until(record.task_id, "running")
            assert restored.record_lost
            await asyncio.sleep(10 * WINDOW_S)
            assert not replica.executor.last.asked_to_stop
            replica.executor.last.tell(DONE)
            ended = await world.until(record.task_id, "completed")
        assert await world.record(record.task_id) is None
        assert len(ended.attempts) == len(replica.executor.started) == 1

    in_virtual_time(story)


def test_a_task_whose_claim_was_lost_is_given_to_nobody_else() -> None:
    async def story() -> None:
        world = World()
        executors = ManualExecutor(), ManualExecutor()
        replicas = [Replica(world, each, SchedulerConfig(f"r{n}", slots=1)) for n, each in enumerate(executors)]
        record = await world.register()
        async with replicas[0].running(), replicas[1].running():
            await replicas[0].submit(record)
            waiting = world.database.save()
            await world.until(record.task_id, "running")
            world.database.fail_over(waiting, WINDOW_S)
            await asyncio.sleep(10 * WINDOW_S)
            assert sum(len(each.started) for each in executors) == 1
            next(each for each in executors if each.started).last.tell(DONE)
            ended = await world.until(record.task_id, "completed")
        shown = await world.record(record.task_id)
        assert shown is not None
        assert (shown.status, shown.logs) == ("completed", ended.lines)

    in_virtual_time(story)


def test_an_outcome_that_was_lost_is_written_again() -> None:
    async def story() -> None:
        world = World()
        replica = Replica(world, ManualExecutor())
        async with replica.running():
            record = await replica.start_task()
            at_work = world.database.save()
            replica.executor.last.tell(DONE)
            ended = await world.until(record.task_id, "completed")
            await asyncio.sleep(REMEMBERED_S / 2)
            world.database.fail_over(at_work, WINDOW_S)
            restored = await world.until(record.task_id, "completed")
            await asyncio.sleep(2 * WINDOW_S)
            shown = await world.record(record.task_id)
        assert set(restored.lines) == set(ended.lines)
        assert shown is not None
        assert shown.status == "completed"
        assert len(replica.executor.started) == 1

    in_virtual_time(story)


def test_an_accepted_task_that_was_lost_still_runs() -> None:
    async def story() -> None:
        world = World()
        replica = Replica(world, ManualExecutor(at_once=DONE), SchedulerConfig("replica-1", slots=1))
        record = await world.register()
        registered = world.database.save()
        await replica.submit(record)
        world.database.fail_over(registered, WINDOW_S)
        assert await world.task(record.task_id) is None
        async with replica.running():
            await world.until(record.task_id, "completed")

    in_virtual_time(story)


def test_a_record_deleted_after_the_fail_over_stops_the_work() -> None:
    async def story() -> None:
        world = World()
        replica = Replica(world, ManualExecutor())
        async with replica.running():
            record = await replica.start_task()
            world.database.fail_over(world.database.save(), WINDOW_S)
            await asyncio.sleep(1)
            await world.frontend.delete(record.task_id)
            await asyncio.sleep(WINDOW_S / 2)
            assert not replica.executor.last.asked_to_stop
            await world.until(record.task_id, "cancelled")

    in_virtual_time(story)


class AnswersLate(MemoryTaskStore):
    """Takes commits at once, and keeps their answers back while it is told to."""

    def __init__(self, world: World) -> None:
        super().__init__(world.database)
        self.answers = asyncio.Event()
        self.answers.set()

    async def commit(
        self,
        before: Snapshot,
        task: Task | None,
        record: Record | None,
        *,
        admission: Admission | None = None,
        announce: bool = True,
    ) -> Snapshot:
        after = await super().commit(before, task, record, admission=admission, announce=announce)
        await self.answers.wait()
        return after


@pytest.mark.parametrize("writes_again", [False, True])
def test_an_accepted_task_runs_though_its_answer_comes_after_the_fail_over(writes_again: bool) -> None:
    async def story() -> None:
        world = World()
        store = AnswersLate(world)
        replica = Process(world, ManualExecutor(at_once=DONE), store=store)
        async with replica.running():
            await asyncio.sleep(1)
            record = await world.register()
            before = world.database.save()
            store.answers.clear()
            submit = asyncio.create_task(replica.submit(record))
            await asyncio.sleep(0)
            world.database.fail_over(before, WINDOW_S)
            await asyncio.sleep(1)
            store.answers.set()
            await submit
            if writes_again:  # whoever reads it then knows better
                await world.frontend.write(record, TTL_S)
                await asyncio.sleep(1)
                assert await world.task(record.task_id) is not None
            await world.until(record.task_id, "completed")

    in_virtual_time(story)


class LosesFirstAnswers(MemoryDispatchQueue):
    """Does what it is asked for, and loses the answer to each first call of a kind."""

    claims_lost = 0
    take_overs_lost = 0

    async def claim(self, owner: str, nonces: Sequence[str], limits: Limits, lease_s: float) -> Sequence[Snapshot]:
        claimed = await super().claim(owner, nonces, limits, lease_s)
        if claimed and not self.claims_lost:
            self.claims_lost += 1
            raise StoreUnavailable("the answer got lost")
        return claimed

    async def take_over(self, owner: str, nonces: Sequence[str], lease_s: float) -> Sequence[Snapshot]:
        taken = await super().take_over(owner, nonces, lease_s)
        if taken and not self.take_overs_lost:
            self.take_overs_lost += 1
            raise StoreUnavailable("the answer got lost")
        return taken


def test_a_claim_whose_answer_got_lost_is_asked_for_again() -> None:
    async def story() -> None:
        world = World()
        queue = LosesFirstAnswers(world.database)
        replica = Process(world, ManualExecutor(at_once=DONE), SchedulerConfig("replica-1"), queue=queue)
        record = await world.register()
        async with replica.running():
            began = world.clock.monotonic()
            await replica.submit(record)
            ended = await world.until(record.task_id, "completed")
            assert world.clock.monotonic() - began < Lifetimes().lease_s
        assert queue.claims_lost == 1
        assert len(ended.attempts) == 1

    in_virtual_time(story)


def test_a_take_over_whose_answer_got_lost_is_asked_for_again() -> None:
    async def story() -> None:
        world = World()
        lost = Replica(world, ManualExecutor(), SchedulerConfig("lost"))
        record = await world.register()
        await lost.submit(record)
        dispatching = asyncio.create_task(lost.dispatcher.run())
        await world.until(record.task_id, "running")
        dispatching.cancel()
        queue = LosesFirstAnswers(world.database)
        finder = Process(world, ManualExecutor(at_once=DONE), SchedulerConfig("finder"), queue=queue)
        async with finder.running():
            await world.until(record.task_id, "completed")
            assert world.clock.monotonic() < WINDOW_S + Lifetimes().lease_s
        assert queue.take_overs_lost == 1

    in_virtual_time(story)


def test_what_is_remembered_is_bounded_in_time_and_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recent_ledgers, "MOST_REMEMBERED", 2)

    async def story() -> None:
        world = World()
        recent = RecentLedgers(world.clock)
        record = await world.register()
        first = Task.accept(record, world.clock.now())
        recent.remember(first)
        assert list(recent) == [first]
        ended = first.request_cancel(world.clock.now())
        assert ended.status is TaskStatus.CANCELLED
        recent.remember(ended)
        recent.remember(first)
        assert list(recent) == [ended]
        await asyncio.sleep(REMEMBERED_S + 1)
        assert list(recent) == []
        others = [Task.accept(await world.register(), world.clock.now()) for _ in range(3)]
        for other in others:
            recent.remember(other)
        assert list(recent) == others[1:]

    in_virtual_time(story)


def test_the_window_that_is_left_is_told() -> None:
    async def story() -> None:
        world = World()
        replica = Replica(world, ManualExecutor())
        async with replica.running():
            await asyncio.sleep(1)
            assert replica.restore.window_left_s == 0
            world.database.fail_over(world.database.save(), WINDOW_S)
            await eventually(lambda: replica.restore.window_left_s > 0)
            await asyncio.sleep(WINDOW_S)
            assert replica.restore.window_left_s == 0

    in_virtual_time(story)
