"""An executor that breaks its port's promises costs its task, at worst, and never a slot or a loop."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator

import pytest

from domain.execution import Outcome, Report, WorkOrder
from domain.ports import Execution
from domain.task import Task
from tests.application.replica import Replica, World, in_virtual_time
from tests.support.manual_executor import DONE, ManualExecution, ManualExecutor


class BreaksBehindItsOutcome(ManualExecution):
    async def reports(self) -> AsyncIterator[Report | Outcome]:
        yield DONE
        raise OSError("a pipe broke while it was closed")


class EndsWithoutAWord(ManualExecution):
    async def reports(self) -> AsyncIterator[Report | Outcome]:
        yield Report()


class CannotBeStopped(ManualExecution):
    async def reports(self) -> AsyncIterator[Report | Outcome]:
        yield Report()
        raise OSError("the cluster is away")

    async def stop(self) -> None:
        raise OSError("the cluster is away")


class CannotBeExtended(ManualExecution):
    async def extend(self, until: float) -> None:
        if self.extended:
            raise OSError("a bug")
        await super().extend(until)


class Executor(ManualExecutor):
    def __init__(self, kind: type[ManualExecution]) -> None:
        super().__init__()
        self._kind = kind

    async def start(self, order: WorkOrder, until: float) -> Execution:
        execution = self._kind(order)
        self.started.append(execution)
        return execution


def end_of_work(kind: type[ManualExecution], status: str) -> Task:
    """Run one task with such work, and return how it ended."""

    async def story() -> Task:
        world = World()
        replica = Replica(world, Executor(kind))
        async with replica.running():
            record = await world.register()
            await replica.submit(record)
            ended = await world.until(record.task_id, status)
            assert replica.scheduler.missing == ()
            assert replica.dispatcher.attempts == ()
        assert len(replica.executor.started) == 1
        return ended

    return in_virtual_time(story)


def test_an_outcome_stands_whatever_breaks_behind_it() -> None:
    assert end_of_work(BreaksBehindItsOutcome, "completed").result == DONE.result


def test_work_that_ends_without_a_word_has_failed() -> None:
    assert "never told how the work ended" in end_of_work(EndsWithoutAWord, "failed").lines[-1]


def test_work_that_can_neither_be_followed_nor_stopped_has_failed() -> None:
    assert "the cluster is away" in end_of_work(CannotBeStopped, "failed").lines[-1]


def test_leases_of_other_tasks_are_renewed_though_one_cannot_be_extended(caplog: pytest.LogCaptureFixture) -> None:
    async def story() -> None:
        world = World()
        broken, sound = Executor(CannotBeExtended), Executor(ManualExecution)

        class Both(ManualExecutor):
            async def start(self, order: WorkOrder, until: float) -> Execution:
                return await (broken if order.service == "cp" else sound).start(order, until)

        replica = Replica(world, Both())
        async with replica.running():
            ids = [(await replica.start_task(service)).task_id for service in ("cp", "sync")]
            await world.clock.sleep(60)
            for task_id, executor in zip(ids, (broken, sound), strict=True):
                executor.last.tell(DONE)
                assert len((await world.until(task_id, "completed")).attempts) == 1
            assert replica.scheduler.missing == ()
        assert len(sound.last.extended) > 60 / 5 / 2

    in_virtual_time(story)
    assert {record.levelno for record in caplog.records if "extend the work" in record.getMessage()} == {logging.ERROR}
