"""Which task a free slot gets (design §4): each promise read off one choice, in any state of the queue."""

from collections import Counter
from dataclasses import replace
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.dispatch import AtWork, DispatchState, Limits, Queued, place_of
from domain.task import Task
from domain.testing import EPOCH, dispatch_states, instants, limits, tasks
from domain.values import Priority, TaskStatus


def runnable(state: DispatchState, allowed: Limits, now: datetime) -> list[Queued]:
    """Every task that may run now, whoever's turn it is."""
    users = Counter(work.user_id for work in state.at_work)
    services = Counter(work.service for work in state.at_work)

    def full(count: int, limit: int | None) -> bool:
        return limit is not None and count >= limit

    return [
        task
        for task in state.waiting
        if not (task.not_before and task.not_before > now)
        and not full(users[task.user_id], allowed.per_user)
        and not full(services[task.service], allowed.per_service.get(task.service, allowed.every_service))
    ]


def at_work_of(state: DispatchState, user_id: str) -> int:
    return sum(work.user_id == user_id for work in state.at_work)


@given(dispatch_states(), limits(), instants())
def test_a_slot_stays_free_only_while_no_task_may_run(state: DispatchState, allowed: Limits, now: datetime) -> None:
    chosen = state.next_task(allowed, now)
    if chosen is None:
        assert not runnable(state, allowed, now)
    else:
        assert chosen in runnable(state, allowed, now), "within its limits, and not before its time"


@given(dispatch_states(), limits(), instants())
def test_high_goes_before_low(state: DispatchState, allowed: Limits, now: datetime) -> None:
    chosen = state.next_task(allowed, now)
    if chosen is not None and chosen.priority is Priority.LOW:
        assert not any(task.priority is Priority.HIGH for task in runnable(state, allowed, now))


@given(dispatch_states(), limits(), instants())
def test_nobody_with_fewer_at_work_is_passed_over(state: DispatchState, allowed: Limits, now: datetime) -> None:
    chosen = state.next_task(allowed, now)
    if chosen is not None:
        rivals = [task for task in runnable(state, allowed, now) if task.priority is chosen.priority]
        fewest = min(at_work_of(state, task.user_id) for task in rivals)
        assert at_work_of(state, chosen.user_id) == fewest


@given(dispatch_states(), limits(), instants())
def test_a_users_tasks_of_one_service_go_in_their_order(state: DispatchState, allowed: Limits, now: datetime) -> None:
    chosen = state.next_task(allowed, now)
    if chosen is not None:
        lane = (chosen.priority, chosen.service, chosen.user_id)
        others = [t for t in runnable(state, allowed, now) if (t.priority, t.service, t.user_id) == lane]
        assert chosen.order == min(task.order for task in others)


@given(dispatch_states(), limits(), instants(), st.integers(0, 8))
def test_slots_are_given_away_one_after_the_other(
    state: DispatchState, allowed: Limits, now: datetime, slots: int
) -> None:
    after, claimed = state.claim(allowed, now, slots)
    one_by_one = state
    for task in claimed:
        one_by_one, got = one_by_one.claim(allowed, now)
        assert got == (task,)
    assert one_by_one == after
    assert len(claimed) == slots or after.next_task(allowed, now) is None
    assert after.waiting == state.waiting - {*claimed}
    assert after.at_work - state.at_work == {AtWork(t.task_id, t.service, t.user_id) for t in claimed}


@given(dispatch_states(), limits(), instants(), st.integers(1, 8))
def test_limits_are_never_exceeded_by_a_claim(state: DispatchState, allowed: Limits, now: datetime, slots: int) -> None:
    after, claimed = state.claim(allowed, now, slots)
    for task in claimed:
        service_limit = allowed.for_service(task.service)
        assert allowed.per_user is None or at_work_of(after, task.user_id) <= allowed.per_user
        assert service_limit is None or sum(w.service == task.service for w in after.at_work) <= service_limit


@pytest.mark.parametrize("limit", [Limits(per_user=1), Limits(per_service={"sync": 1}), Limits(every_service=1)])
def test_a_task_at_a_limit_does_not_block_those_behind_it(limit: Limits) -> None:
    busy = DispatchState(
        frozenset({Queued("2", "sync", "alice", Priority.HIGH, 2), Queued("3", "rm", "bob", Priority.LOW, 3)}),
        frozenset({AtWork("1", "sync", "alice")}),
    )
    chosen = busy.next_task(limit, EPOCH)
    assert chosen is not None
    assert chosen.task_id == "3"


def test_a_limit_of_one_service_leaves_the_others_to_the_common_limit() -> None:
    allowed = Limits(per_service={"sync": 0}, every_service=2)
    assert (allowed.for_service("sync"), allowed.for_service("rm")) == (0, 2)
    assert Limits().for_service("sync") is None


@given(tasks())
def test_a_tasks_place_follows_from_its_ledger(task: Task) -> None:
    place = place_of(task)
    state = DispatchState().with_task(task)
    if task.is_terminal:
        assert place is None
        assert state == DispatchState()
    elif task.lease is None:
        expected = Queued(task.task_id, task.service, task.user_id, task.priority, task.order, task.retry_at)
        assert task.status is TaskStatus.PENDING
        assert state.waiting == {place} == {expected}
    else:
        assert state.at_work == {place} == {AtWork(task.task_id, task.service, task.user_id)}


@given(tasks(), tasks(), dispatch_states())
def test_a_task_stands_in_one_place_only(before: Task, after: Task, state: DispatchState) -> None:
    moved = state.with_task(before).with_task(replace(after, task_id=before.task_id))
    places = [queued.task_id for queued in moved.waiting] + [work.task_id for work in moved.at_work]
    assert places.count(before.task_id) == (not after.is_terminal)
    assert moved.turns == state.turns
    assert moved.without(before.task_id) == state.without(before.task_id)
