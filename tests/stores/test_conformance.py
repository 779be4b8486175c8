"""A state machine: whatever happens in whatever order, every store holds what the domain's model says."""

import asyncio
from collections.abc import Coroutine, Sequence
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import timedelta
from typing import Any, TypeVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, precondition, rule
from hypothesis.stateful import run_state_machine_as_test as run_machine

from domain.dispatch import Limits
from domain.ports import ConcurrentChange, Snapshot
from domain.record import Record
from domain.task import Task
from domain.values import Lease, Priority, TaskStatus
from tests.stores.harness import OpenStore, StoreHarness
from tests.stores.moves import BIRTHS, MOVES, Moment, outcome
from tests.stores.observer import Observer, observing
from tests.stores.oracle import Freshness, Oracle, Seen

T = TypeVar("T")

IDS = ("1", "2", "9", "10", "11")
SERVICES = ("sync", "c:p")
USERS = ("alice", "kim:admin", "이하나")
OWNERS = ("replica-1", "replica-2")
TTL_S = 100_000.0
LEASE_S = 600.0
HOUR = timedelta(hours=1)

ids = st.sampled_from(IDS)
owners = st.sampled_from(OWNERS)
limits = st.builds(
    Limits,
    per_user=st.none() | st.integers(0, 3),
    per_service=st.dictionaries(st.sampled_from(SERVICES), st.integers(0, 3)),
    every_service=st.none() | st.integers(0, 3),
)


class StoreMachine(RuleBasedStateMachine):
    """Frontend, operators and owners act on one store; each rule is one step of one of them."""

    open_store: OpenStore
    seen = Bundle("seen")

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.stack = AsyncExitStack()
        self.store: StoreHarness = self.do(self.stack.enter_async_context(self.open_store()))
        self.observers: list[Observer] = [
            self.do(self.stack.enter_async_context(observing(self.store))) for _ in range(2)
        ]
        self.oracle = Oracle(self.store.now())
        self.history: dict[str, list[Record]] = {}
        self.steps = 0

    def do(self, step: Coroutine[Any, Any, T]) -> T:
        return self.runner.run(step)

    def teardown(self) -> None:
        self.do(self.stack.aclose())
        self.runner.close()

    # --- the frontend ------------------------------------------------------------------------------------------

    @initialize(target=seen)
    def begin(self) -> Seen:
        return self.seen_now("1")

    @rule(
        task_id=ids,
        service=st.sampled_from(SERVICES),
        user_id=st.sampled_from(USERS),
        priority=st.sampled_from(Priority),
    )
    def register(self, task_id: str, service: str, user_id: str, priority: Priority) -> None:
        """A user creates a task; the id may have been another one's."""
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

    @rule(task_id=ids, back=st.integers(0, 5), status=st.sampled_from(TaskStatus), line=st.booleans())
    def overwrite(self, task_id: str, back: int, status: TaskStatus, line: bool) -> None:
        """The frontend saves a record that it read some time ago, perhaps before it was deleted."""
        versions = self.history.get(task_id)
        if versions:
            record = versions[max(0, len(versions) - 1 - back)]
            lines = (f"{self.moment().at.isoformat()},Saved",) if line else ()
            self.save(replace(record, status=str(status), logs=(*record.logs, *lines)))

    @rule(task_id=ids)
    def save_again(self, task_id: str) -> None:
        """The frontend saves a record as it stands."""
        if (record := self.oracle.records.get(task_id)) is not None:
            self.save(record)

    @rule(task_id=ids, by_time=st.booleans())
    def delete(self, task_id: str, by_time: bool) -> None:
        if task_id in self.oracle.records:
            self.forget_notices()
            self.do(self.store.expire_record(task_id) if by_time else self.store.frontend.delete(task_id))
            self.oracle.delete(task_id)
            self.everybody_hears_of(task_id)

    # --- operators ---------------------------------------------------------------------------------------------

    @rule(user_id=st.none() | st.sampled_from(USERS), blocked=st.booleans())
    def block(self, user_id: str | None, blocked: bool) -> None:
        if user_id is None:
            self.do(self.store.blocks.set_everybody(blocked))
            self.oracle.blocks = self.oracle.blocks.with_everybody(blocked)
        else:
            self.do(self.store.blocks.set_user(user_id, blocked))
            self.oracle.blocks = self.oracle.blocks.with_user(user_id, blocked)

    @rule(target=seen, seen=seen, priority=st.sampled_from(Priority))
    def set_priority_of_record(self, seen: Seen, priority: Priority) -> Seen:
        """A task that was not submitted takes its priority from the record."""
        record = seen.snapshot.record
        if record is None:
            return seen
        return self.commit(seen, seen.snapshot.task, replace(record, priority=priority))

    # --- the scheduler -----------------------------------------------------------------------------------------

    @rule(target=seen, task_id=ids)
    def look(self, task_id: str) -> Seen:
        return self.seen_now(task_id)

    @rule(target=seen, task_id=ids, user_id=st.sampled_from(USERS))
    def look_for_submit(self, task_id: str, user_id: str) -> Seen:
        snapshot, flags = self.do(self.store.tasks.load_for_submit(task_id, user_id))
        assert flags == self.oracle.blocks.flags_for(user_id)
        return self.oracle.seen(snapshot)

    @rule(target=seen, seen=seen, name=st.sampled_from((*BIRTHS, *MOVES)), due_at_once=st.booleans())
    def act_on_what_was_seen(self, seen: Seen, name: str, due_at_once: bool) -> Seen:
        """Somebody acts on a snapshot that may be long outdated."""
        return self.move(seen, name, due_at_once)

    @rule(target=seen, task_id=ids, name=st.sampled_from((*BIRTHS, *MOVES)), due_at_once=st.booleans())
    def act(self, task_id: str, name: str, due_at_once: bool) -> Seen:
        """Somebody acts on what stands now."""
        return self.move(self.seen_now(task_id), name, due_at_once)

    @rule(target=seen, seen=seen)
    def admit(self, seen: Seen) -> Seen:
        """A submit that holds only if no block came in between."""
        record = seen.snapshot.record
        if record is None:
            return seen
        return self.commit(seen, Task.accept(record, self.moment().at), record, admitted=record.user_id)

    @rule(task_id=ids)
    def bring_to_work(self, task_id: str) -> None:
        """Most other rules need a task at work."""
        if task_id in self.oracle.records and task_id not in self.oracle.live:
            self.move(self.seen_now(task_id), "accept", due_at_once=True)
            self.claim_now("replica-1", 1, Limits())

    @rule(owner=owners, slots=st.integers(0, 3), limits=limits)
    def claim(self, owner: str, slots: int, limits: Limits) -> None:
        self.claim_now(owner, slots, limits)

    @rule(wrong=st.booleans(), chosen=st.sets(ids), lease_s=st.sampled_from((LEASE_S, 2 * LEASE_S)))
    def renew(self, wrong: bool, chosen: set[str], lease_s: float) -> None:
        """An owner renews leases, among them perhaps such as it has lost, or never had."""
        held = {task_id: self.lease_of(task_id) for task_id in chosen}
        if wrong:
            held = {task_id: replace(lease, epoch=lease.epoch + 1) for task_id, lease in held.items()}
        assert self.do(self.store.queue.renew(held, lease_s)) == self.oracle.renew(held)

    @rule(task_id=ids)
    def expire_lease(self, task_id: str) -> None:
        if task_id in {work.task_id for work in self.oracle.dispatch.at_work}:
            self.do(self.store.expire_lease(task_id))
            self.oracle.expire_lease(task_id)

    @rule(owner=owners, number=st.integers(1, 3))
    def take_over(self, owner: str, number: int) -> None:
        nonces = self.nonces(number)
        taken = self.do(self.store.queue.take_over(owner, nonces, LEASE_S))
        self.check_leased(taken, self.oracle.take_over(owner, nonces))

    @rule(hours=st.integers(1, 3))
    def let_retries_come_due(self, hours: int) -> None:
        self.oracle.now += hours * HOUR
        self.do(self.store.come_due(self.oracle.now))

    # --- what holds after every step ---------------------------------------------------------------------------

    @invariant()
    def ledgers_and_records_stand_as_they_should(self) -> None:
        for snapshot in self.do(self.store.tasks.load(IDS)):
            assert snapshot == self.oracle.snapshot(snapshot.task_id)
            assert repr(snapshot.record) == repr(self.oracle.records.get(snapshot.task_id))

    @invariant()
    def the_live_and_the_ended_are_known(self) -> None:
        assert self.do(self.live_ids()) == self.oracle.live
        ended = self.do(self.store.tasks.recently_ended_ids(100 * HOUR.total_seconds()))
        assert list(ended) == self.oracle.ended[::-1]

    @invariant()
    def the_queue_is_shown_as_it_is(self) -> None:
        overview = self.do(self.store.queue.overview(heads_per_lane=2))
        assert self.oracle.agrees_with(overview)
        if all(
            queued.not_before is None or queued.not_before > self.oracle.now for queued in self.oracle.dispatch.waiting
        ):
            assert list(overview.heads) == self.oracle.heads(2)

    @precondition(lambda self: self.steps % 5 == 0)
    @invariant()
    def the_blocks_are_listed(self) -> None:
        page = self.do(self.store.blocks.page())
        assert (page.everybody, frozenset(page.users)) == (self.oracle.blocks.everybody, self.oracle.blocks.users)

    # --- steps -------------------------------------------------------------------------------------------------

    def moment(self, due_at_once: bool = True) -> Moment:
        """Return a moment of its own, and one for a retry: long ago, or an hour after all that has become due."""
        self.steps += 1
        at = self.store.now() + timedelta(seconds=self.steps)
        return Moment(at, self.store.now() - HOUR if due_at_once else self.oracle.now + HOUR)

    def nonces(self, number: int) -> list[str]:
        self.steps += 1
        return [f"{self.steps:08x}{index:08x}" for index in range(number)]

    def lease_of(self, task_id: str) -> Lease:
        task = self.oracle.tasks.get(task_id)
        return task.lease if task is not None and task.lease is not None else Lease("replica-1", 1, "beef")

    async def live_ids(self) -> set[str]:
        return {task_id async for batch in self.store.tasks.live_ids() for task_id in batch}

    def seen_now(self, task_id: str) -> Seen:
        (snapshot,) = self.do(self.store.tasks.load([task_id]))
        return self.oracle.seen(snapshot)

    def move(self, seen: Seen, name: str, due_at_once: bool) -> Seen:
        met = outcome(seen.snapshot, name, self.moment(due_at_once))
        return seen if met is None else self.commit(seen, *met)

    def claim_now(self, owner: str, slots: int, limits: Limits) -> None:
        nonces = self.nonces(slots)
        claimed = self.do(self.store.queue.claim(owner, nonces, limits, LEASE_S))
        self.check_leased(claimed, self.oracle.claim(owner, nonces, limits))

    def save(self, record: Record) -> None:
        self.forget_notices()
        self.do(self.store.frontend.write(record, TTL_S))
        self.oracle.save(record)
        self.history.setdefault(record.task_id, []).append(record)
        self.everybody_hears_of(record.task_id)

    def commit(self, seen: Seen, task: Task | None, record: Record | None, *, admitted: str | None = None) -> Seen:
        """Commit, and see it refused if, and only if, something came in between."""
        before = seen.snapshot
        freshness = self.oracle.freshness(seen)
        blocked = admitted is not None and self.oracle.blocks.flags_for(admitted)
        must_fail = freshness is Freshness.STALE or (blocked and (blocked.everybody or blocked.user))
        record_before, work_before = self.oracle.records.get(before.task_id), self.claimable()
        self.forget_notices()
        try:
            committed = self.do(self.store.tasks.commit(before, task, record, admitted=admitted))
        except ConcurrentChange:
            assert must_fail or freshness is Freshness.UNSURE
            return seen
        assert not must_fail
        assert committed.record == record
        self.oracle.commit(before.task_id, task, record, committed.task)
        if record is not None and repr(record) != repr(record_before):
            self.history.setdefault(before.task_id, []).append(record)
            self.everybody_hears_of(before.task_id)
        if owner_must_look(before.task, task):
            self.everybody_hears_of(before.task_id)
        if self.claimable() - work_before:
            self.everybody_hears_of_work()
        return self.oracle.seen(committed)

    def claimable(self) -> set[object]:
        """Return the places that could be claimed at once if there were no limits."""
        return {queued for queued in self.oracle.dispatch.waiting if queued.not_before is None}

    def check_leased(self, leased: Sequence[Snapshot], expected: list[Task]) -> None:
        assert [snapshot.task for snapshot in leased] == expected
        assert [snapshot.record for snapshot in leased] == [self.oracle.records.get(task.task_id) for task in expected]

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


def test_a_store_holds_what_the_model_says(open_store: OpenStore, request: pytest.FixtureRequest) -> None:
    machine = type("StoreMachine", (StoreMachine,), {"open_store": staticmethod(open_store)})
    is_memory = request.node.callspec.params["open_store"] == "memory"
    run_machine(
        machine,
        settings=settings(
            max_examples=150 if is_memory else 25,
            stateful_step_count=60,
            suppress_health_check=[HealthCheck.too_slow],
        ),
    )
