"""What was answered 503 is settled when the store is back: refused submits fail, cancels are applied (design §5)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest

from adapters.memory import MemoryTaskStore
from application import unsettled
from application.cancel import Cancellation
from application.retry import Retry, RetryTask
from domain.admission import Submission
from domain.logs import format_line
from domain.operators import Decision
from domain.ports import Snapshot, StoreUnavailable
from domain.reconcile import FRONTEND_CANCEL_MESSAGE
from domain.record import Record
from tests.application.replica import TTL_S, Replica, World, eventually, in_virtual_time
from tests.support.manual_executor import ManualExecutor

REASON = "the store was away; submit it again"
TRACEPARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


class AwayStore(MemoryTaskStore):
    """Does not answer while it is ``away``."""

    away = False

    async def load(self, task_ids: Sequence[str]) -> Sequence[Snapshot]:
        if self.away:
            raise StoreUnavailable("away")
        return await super().load(task_ids)


def submission(record: Record) -> Submission:
    return Submission(record.task_id, record.service, record.user_id, record.parameters)


def cancellation(record: Record) -> Cancellation:
    return Cancellation(record.task_id, record.service, record.user_id)


def test_a_refused_submit_ends_its_record_failed_when_the_store_is_back() -> None:
    async def story() -> None:
        world = World()
        store = AwayStore(world.database)
        replica = Replica(world, ManualExecutor(), store=store)
        async with replica.running():
            record = await world.register()
            store.away = True
            replica.unsettled.refused(replace(submission(record), traceparent=TRACEPARENT), REASON)
            await asyncio.sleep(100)
            assert await world.record(record.task_id) == record
            store.away = False
            ended = await world.until(record.task_id, "failed")
        shown = await world.record(record.task_id)
        assert shown is not None
        assert (shown.status, shown.logs) == ("failed", ended.lines)
        assert ended.lines[-1].endswith(f"Refused: {REASON}")
        assert ended.traceparent == TRACEPARENT
        assert not replica.executor.started
        assert not len(replica.unsettled)

    in_virtual_time(story)


def test_a_submit_that_was_accepted_after_all_is_left_alone() -> None:
    async def story() -> None:
        world = World()
        replica = Replica(world, ManualExecutor())
        async with replica.running():
            record = await replica.start_task()
            replica.unsettled.refused(submission(record), REASON)
            await eventually(lambda: not len(replica.unsettled))
            task = await world.task(record.task_id)
        assert task is not None
        assert len(replica.executor.started) == 1
        assert not any(REASON in line for line in task.lines)

    in_virtual_time(story)


def test_an_acceptance_takes_back_what_was_kept() -> None:
    async def story() -> None:
        world = World()
        replica = Replica(world, ManualExecutor())
        record = await world.register()
        replica.unsettled.refused(submission(record), REASON)
        await replica.submit(record)
        replica.unsettled.accepted(record.task_id)
        await replica.unsettled()
        task = await world.task(record.task_id)
        assert task is not None
        assert not task.is_terminal

    in_virtual_time(story)


OTHERS: tuple[Callable[[Submission], Submission], ...] = (
    lambda registered: replace(registered, service="rm"),
    lambda registered: replace(registered, user_id="mallory"),
    lambda registered: replace(registered, parameters={"src": "/else"}),
    lambda registered: replace(registered, task_id="id:sequence"),
)


@pytest.mark.parametrize("other", OTHERS, ids=["service", "user", "parameters", "id"])
def test_a_submit_of_something_else_than_is_registered_ends_nothing(
    other: Callable[[Submission], Submission],
) -> None:
    async def story() -> None:
        world = World()
        replica = Replica(world, ManualExecutor())
        record = await world.register()
        replica.unsettled.refused(other(submission(record)), REASON)
        await replica.unsettled()
        assert not len(replica.unsettled)
        assert await world.record(record.task_id) == record

    in_virtual_time(story)


def test_a_cancel_that_was_not_heard_is_applied() -> None:
    async def story() -> None:
        world = World()
        store = AwayStore(world.database)
        replica = Replica(world, ManualExecutor(), store=store)
        async with replica.running():
            record = await replica.start_task()
            store.away = True
            replica.unsettled.unheard(cancellation(record))
            await asyncio.sleep(5)
            assert not replica.executor.last.asked_to_stop
            store.away = False
            await world.until(record.task_id, "cancelled")
        assert replica.executor.last.asked_to_stop

    in_virtual_time(story)


def test_a_kept_cancel_does_not_reach_the_generation_that_a_retry_has_begun_since() -> None:
    async def story() -> None:
        world = World()
        replica = Replica(world, ManualExecutor())
        record = await retried_after_a_kept_cancel(world, replica)
        await replica.unsettled()
        task = await world.task(record.task_id)
        assert task is not None
        assert (task.generation, task.status) == (2, "pending")
        assert not len(replica.unsettled)

    in_virtual_time(story)


def test_a_kept_cancel_is_applied_where_the_user_has_cancelled_the_new_generation_too() -> None:
    async def story() -> None:
        world = World()
        replica = Replica(world, ManualExecutor())
        record = await retried_after_a_kept_cancel(world, replica)
        await asyncio.sleep(1)
        again = format_line(world.clock.now(), FRONTEND_CANCEL_MESSAGE)
        await world.frontend.write(replace(record, logs=(*record.logs, again)), TTL_S)
        await replica.unsettled()
        await world.until(record.task_id, "cancelled")

    in_virtual_time(story)


def test_a_kept_cancel_of_a_generation_that_began_before_is_applied() -> None:
    async def story() -> None:
        world = World()
        replica = Replica(world, ManualExecutor())
        record = await world.register()
        await replica.submit(record)
        await replica.cancel(record)
        await RetryTask(replica.ledger, replica.executor)(Retry(record.task_id, Decision("kim")))
        await asyncio.sleep(1)
        replica.unsettled.unheard(cancellation(record))
        await replica.unsettled()
        await world.until(record.task_id, "cancelled")

    in_virtual_time(story)


async def retried_after_a_kept_cancel(world: World, replica: Replica) -> Record:
    """Keep a cancel; by another way the task is cancelled meanwhile, and an operator runs it again."""
    record = await world.register()
    await replica.submit(record)
    replica.unsettled.unheard(cancellation(record))
    await asyncio.sleep(1)
    await replica.cancel(record)
    await RetryTask(replica.ledger, replica.executor)(Retry(record.task_id, Decision("kim")))
    return record


def test_no_more_than_a_bounded_number_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unsettled, "MOST_KEPT", 3)

    async def story() -> None:
        world = World()
        replica = Replica(world, ManualExecutor())
        records = [await world.register() for _ in range(5)]
        for record in [*records, records[0]]:
            replica.unsettled.refused(submission(record), REASON)
        assert len(replica.unsettled) == 3
        await replica.unsettled()
        shown = [await world.record(record.task_id) for record in records]
        assert [record and record.status for record in shown] == ["failed"] * 3 + ["dispatching"] * 2

    in_virtual_time(story)


def test_what_is_kept_is_settled_at_shutdown_too() -> None:
    async def story() -> None:
        world = World()
        store = AwayStore(world.database)
        replica = Replica(world, ManualExecutor(), store=store)
        record = await world.register()
        store.away = True
        async with replica.running():
            replica.unsettled.refused(submission(record), REASON)
            await asyncio.sleep(1.5)
            store.away = False
        shown = await world.record(record.task_id)
        assert shown is not None
        assert shown.status == "failed"

    in_virtual_time(story)


@pytest.mark.parametrize(("status", "ends"), [("failed", "failed"), ("cancelled", "cancelled")])
def test_what_the_frontend_gave_up_stays_so_although_a_late_write_takes_it_back(status: str, ends: str) -> None:
    async def story() -> None:
        world = World()
        replica = Replica(world, ManualExecutor())
        async with replica.running():
            record = await world.register()
            await world.frontend.write(replace(record, status=status), TTL_S)
            replica.unsettled.refused(submission(record), REASON)
            await eventually(lambda: not len(replica.unsettled))
            await world.frontend.write(record, TTL_S)
            await asyncio.sleep(2)
            shown = await world.record(record.task_id)
        assert shown is not None
        assert shown.status == ends

    in_virtual_time(story)
