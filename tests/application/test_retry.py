"""An operator's retry, whose answers get lost and whose earlier generation comes back."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from adapters.memory import MemoryTaskStore
from application.retry import Retry, RetryTask
from domain.errors import NotRetryable
from domain.logs import format_line
from domain.operators import Decision
from domain.ports import Admission, Snapshot, StoreUnavailable
from domain.reconcile import FRONTEND_CANCEL_MESSAGE
from domain.record import Record
from domain.task import Task
from domain.values import TaskStatus
from tests.application.replica import TTL_S, Replica, World, in_virtual_time
from tests.support.manual_executor import ManualExecutor

KIM = Decision("kim", "10.0.0.7", "there is room now")


class AnswersLost(MemoryTaskStore):
    """Writes, and says that it could not, while ``lose`` is set."""

    lose = False

    async def commit(
        self,
        before: Snapshot,
        task: Task | None,
        record: Record | None,
        *,
        admission: Admission | None = None,
        announce: bool = True,
    ) -> Snapshot:
        committed = await super().commit(before, task, record, admission=admission, announce=announce)
        if self.lose:
            raise StoreUnavailable("the answer got lost")
        return committed


def words(task: Task) -> list[str]:
    return [line.partition(",")[2] for line in task.lines]


def test_a_retry_whose_answer_got_lost_is_granted_once() -> None:
    async def story() -> None:
        world = World()
        store = AnswersLost(world.database)
        replica = Replica(world, ManualExecutor(), store=store)
        record = await world.register()
        await replica.submit(record)
        await replica.cancel(record)
        retry_task = RetryTask(replica.ledger, replica.executor)
        retry = Retry(record.task_id, KIM)
        store.lose = True
        with pytest.raises(StoreUnavailable):
            await retry_task(retry)
        store.lose = False
        for _ in range(2):
            assert (await retry_task(retry)).generation == 2
        task = await world.task(record.task_id)
        assert task is not None
        assert words(task).count("Retried by operator kim: there is room now") == 1

    in_virtual_time(story)


def test_the_same_words_are_another_retry() -> None:
    async def story() -> None:
        world = World()
        replica = Replica(world, ManualExecutor())
        record = await world.register()
        await replica.submit(record)
        await replica.cancel(record)
        retry_task = RetryTask(replica.ledger, replica.executor)
        await retry_task(Retry(record.task_id, KIM))
        later = Retry(record.task_id, KIM)
        with pytest.raises(NotRetryable):
            await retry_task(later)
        await replica.cancel(record)
        assert (await retry_task(later)).generation == 3

    in_virtual_time(story)


def test_a_retry_is_not_taken_for_another_one_that_was_granted_since_it_was_asked() -> None:
    async def story() -> None:
        world = World()
        replica = Replica(world, ManualExecutor())
        record = await world.register()
        await replica.submit(record)
        await replica.cancel(record)
        retry_task = RetryTask(replica.ledger, replica.executor)
        mine, theirs = Retry(record.task_id, KIM), Retry(record.task_id, KIM)
        await retry_task(theirs)
        with pytest.raises(NotRetryable):
            await retry_task(mine)

    in_virtual_time(story)


def test_a_cancel_that_the_record_tells_of_does_not_reach_the_new_generation_though_its_clock_is_ahead() -> None:
    async def story() -> None:
        world = World()
        replica = Replica(world, ManualExecutor())
        record = await world.register()
        await replica.submit(record)
        await replica.cancel(record)
        ahead = format_line(world.clock.now() + timedelta(seconds=1), FRONTEND_CANCEL_MESSAGE)
        await world.frontend.write(replace(record, status="cancelled", logs=(*record.logs, ahead)), TTL_S)
        task = await RetryTask(replica.ledger, replica.executor)(Retry(record.task_id, KIM))
        assert task.status is TaskStatus.PENDING
        assert ahead in task.lines

    in_virtual_time(story)


def test_the_work_of_a_retried_task_is_a_new_attempt_that_an_old_owner_cannot_touch() -> None:
    async def story() -> None:
        world = World()
        replica = Replica(world, ManualExecutor())
        async with replica.running():
            record = await replica.start_task()
            old = await world.task(record.task_id)
            await replica.cancel(record)
            await world.until(record.task_id, "cancelled")
            await RetryTask(replica.ledger, replica.executor)(Retry(record.task_id, KIM))
            task = await world.until(record.task_id, "running")
        assert old is not None
        assert old.lease is not None
        assert not task.is_held_under(old.lease.token)
        assert [(each.number, each.generation) for each in task.attempts] == [(1, 1), (2, 2)]

    in_virtual_time(story)
