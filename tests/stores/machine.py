"""A store and its oracle side by side: each step is done to both, and they must agree."""

import asyncio
from collections.abc import Coroutine
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import timedelta
from typing import Any, TypeVar

from hypothesis.stateful import RuleBasedStateMachine

from domain.ports import Admission, ConcurrentChange, QueueFull
from domain.record import Record
from domain.task import Task
from domain.values import Priority, TaskStatus
from tests.stores.harness import OpenStore, StoreHarness
from tests.stores.moves import Moment
from tests.stores.observer import Observer, observing
from tests.stores.oracle import Freshness, Oracle, Seen

T = TypeVar("T")

TTL_S = 100_000.0
HOUR = timedelta(hours=1)
DAY = 24 * HOUR


class StoreAndOracle(RuleBasedStateMachine):
    """The steps of which rules are made."""

    open_store: OpenStore
    replicas = 2
    """How many listen to their watches."""

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.stack = AsyncExitStack()
        self.store: StoreHarness = self.do(self.stack.enter_async_context(self.open_store()))
        self.observers: list[Observer] = [
            self.do(self.stack.enter_async_context(observing(self.store))) for _ in range(self.replicas)
        ]
        self.opened_at = self.store.now()
        self.oracle = Oracle(self.opened_at)
        self.history: dict[str, list[Record]] = {}
        self.steps = 0

    def do(self, step: Coroutine[Any, Any, T]) -> T:
        return self.runner.run(step)

    def teardown(self) -> None:
        self.do(self.stack.aclose())
        self.runner.close()

    # --- time --------------------------------------------------------------------------------------------------

    def moment(self, due_at_once: bool = True) -> Moment:
        """Return a moment of its own, and one for a retry: long ago, or an hour after all that has become due."""
        self.steps += 1
        at = self.store.now() + timedelta(seconds=self.steps)
        return Moment(at, self.store.now() - HOUR if due_at_once else self.oracle.now + HOUR)

    # --- the frontend ------------------------------------------------------------------------------------------

    def save_new(self, task_id: str, service: str, user_id: str, priority: Priority) -> None:
        created_at = self.moment().at.isoformat()
        self.save(
            Record(
                task_id=task_id,
                service=service,
                user_id=user_id,
                status="pending",
                parameters={"src": "/pvs/a", "numbers": [1, 1.0, True, 2**64 - 1], "empty": [{}, []]},
                created_at=created_at,
                updated_at=created_at,
                priority=priority,
            )
        )

    def save_old(self, task_id: str, back: int, status: TaskStatus, line: bool) -> None:
        """Save an earlier version of a record, changed; it may come back from having been deleted."""
        versions = self.history[task_id]
        record = versions[max(0, len(versions) - 1 - back)]
        lines = (f"{self.moment().at.isoformat()},Saved",) if line else ()
        self.save(replace(record, status=str(status), logs=(*record.logs, *lines)))

    def save(self, record: Record) -> None:
        self.forget_notices()
        self.do(self.store.frontend.write(record, TTL_S))
        self.oracle.save(record)
        self.history.setdefault(record.task_id, []).append(record)
        self.everybody_hears_of(record.task_id)

    def drop(self, task_id: str, *, by_time: bool) -> None:
        self.forget_notices()
        self.do(self.store.expire_record(task_id) if by_time else self.store.frontend.delete(task_id))
        self.oracle.delete(task_id)
        self.everybody_hears_of(task_id)

    # --- the scheduler -----------------------------------------------------------------------------------------

    def seen_now(self, task_id: str) -> Seen:
        (snapshot,) = self.do(self.store.tasks.load([task_id]))
        return self.oracle.seen(snapshot)

    def commit(
        self, seen: Seen, task: Task | None, record: Record | None, *, admission: Admission | None = None
    ) -> Seen:
        """Commit, and see it refused if, and only if, something came in between."""
        before = seen.snapshot
        freshness = self.oracle.freshness(seen)
        blocked = admission is not None and self.oracle.is_blocked(admission.user_id)
        record_before, claimable_before = self.oracle.records.get(before.task_id), self.oracle.claimable()
        self.forget_notices()
        try:
            committed = self.do(self.store.tasks.commit(before, task, record, admission=admission))
        except ConcurrentChange:
            assert blocked or freshness is not Freshness.FRESH
            return seen
        except QueueFull:
            assert not blocked
            assert freshness is not Freshness.STALE
            assert admission is not None
            assert len(claimable_before) + len(self.oracle.due_retries()) >= admission.most_waiting
            return seen
        assert not blocked
        assert freshness is not Freshness.STALE
        assert admission is None or len(claimable_before) < admission.most_waiting
        assert committed.record == record
        self.oracle.commit(before.task_id, task, record, committed.task)
        if record is not None and repr(record) != repr(record_before):
            self.history.setdefault(before.task_id, []).append(record)
            self.everybody_hears_of(before.task_id)
        if owner_must_look(before.task, task):
            self.everybody_hears_of(before.task_id)
        if self.oracle.claimable() - claimable_before:
            self.everybody_hears_of_work()
        self.expect_new_lease(before.task, committed.task)
        return self.oracle.seen(committed)

    def expect_new_lease(self, before: Task | None, after: Task | None) -> None:
        """A lease that came by a commit ends at once."""
        if after is None or after.lease is None or (before is not None and before.lease == after.lease):
            return
        assert self.do(self.store.lease_left_s(after.task_id)) <= 0
        self.expire_lease_of(after.task_id)

    def expire_lease_of(self, task_id: str) -> None:
        self.do(self.store.expire_lease(task_id))
        self.oracle.expire_lease(task_id)

    async def live_ids(self) -> set[str]:
        return {task_id async for batch in self.store.tasks.live_ids() for task_id in batch}

    # --- news --------------------------------------------------------------------------------------------------

    def forget_notices(self) -> None:
        for observer in self.observers:
            observer.forget()

    def everybody_hears_of(self, task_id: str) -> None:
        for observer in self.observers:
            self.do(observer.until_changed(task_id))

    def everybody_hears_of_work(self) -> None:
        for observer in self.observers:
            self.do(observer.until_work_waits())


def owner_must_look(before: Task | None, after: Task | None) -> bool:
    """Whether a commit took work from its owner or asked for its end, so that its owner must hear of it."""
    if before is None or after is None or before.lease is None:
        return False
    if not before.incarnation.is_same_as(after.incarnation):
        return True
    return after.status is TaskStatus.CANCEL_REQUESTED and before.status is not TaskStatus.CANCEL_REQUESTED
