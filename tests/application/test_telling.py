"""What a meter and a tracer are told of the lives of tasks."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from itertools import pairwise

from hypothesis import given

from application.meter import RetryReason
from application.settings import SchedulerConfig
from application.telling import tell_change
from domain.execution import Failed, Report
from domain.task import OWNER_LOST, Task
from domain.testing import History, histories
from domain.values import Progress
from tests.application.replica import Replica, World, eventually, in_virtual_time
from tests.metrics.counted import RecordingMeter
from tests.support.manual_executor import DONE, ManualExecutor


class RecordingTracer:
    """Implements :class:`application.tracer.Tracer`."""

    def __init__(self) -> None:
        self.tasks: list[Task] = []

    def attempt_ended(self, task: Task) -> None:
        self.tasks.append(task)


@given(histories())
def test_every_attempt_and_every_end_is_told_once(history: History) -> None:
    meter, tasks = RecordingMeter(), history.tasks
    for before, after in pairwise(tasks):
        tell_change(meter, before, after)
    last = tasks[-1]
    closed = [each for each in last.attempts if each.ended_at is not None]
    assert meter.counts["begun", last.service] == last.attempt
    assert meter.counts["ran", last.service] == sum(each.outcome != OWNER_LOST for each in closed)
    ends = sum(after.is_terminal and not before.is_terminal for before, after in pairwise(tasks))
    assert sum(count for told, count in meter.counts.items() if told[0] == "ended") == ends
    back = sum(1 for told in meter.counts.elements() if told[0] == "retried")
    assert back <= len(closed)
    assert all(seconds >= 0 for seconds in meter.runs)


@given(histories())
def test_every_attempt_that_ended_is_told_once_to_a_tracer(history: History) -> None:
    tracer = RecordingTracer()
    for before, after in pairwise(history.tasks):
        tell_change(RecordingMeter(), before, after, tracer)
    closed = [each for each in history.tasks[-1].attempts if each.ended_at is not None]
    assert [task.attempts[-1] for task in tracer.tasks] == closed


@given(histories())
def test_nothing_is_told_of_what_stays_or_belongs_to_another_task(history: History) -> None:
    meter, tasks = RecordingMeter(), history.tasks
    for task in tasks:
        tell_change(meter, task, task)
    assert not meter.counts
    another = replace(tasks[0], incarnation=replace(tasks[0].incarnation, user_id="somebody else"))
    tell_change(meter, tasks[-1], another)
    assert not meter.counts


def test_the_bytes_of_an_attempt_are_told_as_they_come() -> None:
    async def story() -> RecordingMeter:
        world, executor, meter = World(), ManualExecutor(), RecordingMeter()
        replica = Replica(world, executor, meter=meter)
        async with replica.running():
            record = await replica.start_task()
            for done in (10, 25, 25):
                executor.last.tell(Report(Progress(bytes_done=done)))
                await world.clock.sleep(5.0)
            assert meter.bytes == 25
            executor.last.tell(Failed("the network is away", transient=True))
            await eventually(lambda: len(executor.started) == 2)
            executor.last.tell(Report(Progress(bytes_done=7)))
            executor.last.tell(DONE)
            await world.until(record.task_id, "completed")
        return meter

    meter = in_virtual_time(story)
    assert meter.bytes == 25 + 7
    assert meter.counts["retried", "sync", RetryReason.FAILED] == 1
    assert meter.counts["begun", "sync"] == meter.counts["ran", "sync"] == 2
    assert meter.counts["ended", "sync", "completed"] == 1


def test_only_the_wait_for_the_first_attempt_is_told() -> None:
    async def story() -> RecordingMeter:
        world, executor, meter = World(), ManualExecutor(), RecordingMeter()
        replica = Replica(world, executor, meter=meter)
        record = await world.register()
        await replica.submit(record)
        await world.clock.sleep(30.0)
        async with replica.running():
            await world.until(record.task_id, "running")
            executor.last.tell(Failed("the network is away", transient=True))
            await eventually(lambda: len(executor.started) == 2)
        return meter

    meter = in_virtual_time(story)
    (waited_s,) = meter.waits
    assert 30 <= waited_s < 31  # each look at this clock takes a while of its own


def test_a_lost_owner_is_told_by_whoever_takes_over() -> None:
    async def story() -> tuple[RecordingMeter, RecordingMeter]:
        world, lost, heir = World(), RecordingMeter(), RecordingMeter()
        first = Replica(world, ManualExecutor(), SchedulerConfig("first"), meter=lost)
        record = await world.register()
        await first.submit(record)
        # It claims and starts, and is never heard of again.
        dispatching = asyncio.create_task(first.dispatcher.run())
        await world.until(record.task_id, "running")
        dispatching.cancel()
        second = Replica(world, ManualExecutor(at_once=DONE), SchedulerConfig("second"), meter=heir)
        async with second.running():
            await world.until(record.task_id, "completed")
        return lost, heir

    lost, heir = in_virtual_time(story)
    assert lost.counts == {("claimed", "low"): 1, ("begun", "sync"): 1}
    assert heir.counts == {
        ("taken over",): 1,
        ("retried", "sync", RetryReason.OWNER_LOST): 1,
        ("begun", "sync"): 1,
        ("ran", "sync"): 1,
        ("ended", "sync", "completed"): 1,
    }


def test_what_is_written_again_after_a_fail_over_is_not_told_again() -> None:
    async def story() -> RecordingMeter:
        world, meter = World(), RecordingMeter()
        replica = Replica(world, ManualExecutor(at_once=DONE), meter=meter)
        async with replica.running():
            record = await world.register()
            before = world.database.save()
            await replica.submit(record)
            await world.until(record.task_id, "completed")
            world.database.fail_over(before, 17.0)
            await world.until(record.task_id, "completed")
        return meter

    meter = in_virtual_time(story)
    assert meter.counts["begun", "sync"] == meter.counts["ended", "sync", "completed"] == 1
