"""An operator's retry, whose answers get lost and whose earlier generation comes back."""

from __future__ import annotations

from datetime import timedelta

import pytest

from adapters.memory import MemoryTaskStore
from application.retry import Retry, RetryTask
from domain.errors import NotRetryable
from domain.operators import Decision
from domain.ports import Admission, Snapshot, StoreUnavailable
from domain.record import Record
from domain.task import Task
from tests.application.replica import Replica, World, in_virtual_time
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
        retry = Retry(record.task_id, KIM, world.clock.now())
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


def test_the_same_words_at_another_time_are_another_retry() -> None:
    async def story() -> None:
        world = World()
        replica = Replica(world, ManualExecutor())
        record = await world.register()
        await replica.submit(record)
        await replica.cancel(record)
        retry_task = RetryTask(replica.ledger, replica.executor)
        await retry_task(Retry(record.task_id, KIM, world.clock.now()))
        later = Retry(record.task_id, KIM, world.clock.now() + timedelta(seconds=1))
        with pytest.raises(NotRetryable):
            await retry_task(later)
        await replica.cancel(record)
        assert (await retry_task(later)).generation == 3

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
            await RetryTask(replica.ledger, replica.executor)(Retry(record.task_id, KIM, world.clock.now()))
            task = await world.until(record.task_id, "running")
        assert old is not None
        assert old.lease is not None
        assert not task.is_held_under(old.lease.token)
        assert [(each.number, each.generation) for each in task.attempts] == [(1, 1), (2, 2)]

    in_virtual_time(story)
