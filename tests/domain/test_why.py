"""The reason that is given is the one whose removal lets the task run: take it away, ask again, until it is next."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.dispatch import DispatchState, Limits, Queued
from domain.operators import Decision
from domain.position import position_of
from domain.reasons import (
    Drained,
    HighPriorityFirst,
    NoFreeSlot,
    OtherUsersFirst,
    OwnTasksFirst,
    Recovering,
    RetryAt,
    ServiceLimit,
    UserLimit,
    WaitingReason,
)
from domain.record import Record
from domain.stages import CancelledFor, Claimed, Done, FailedFor, Running, Starting, Stopping
from domain.task import Task
from domain.testing import EPOCH, dispatch_states, instants, limits, tasks
from domain.values import Incarnation, Lease, Priority, Progress, TaskResult
from domain.why import stage_of, why_next_waits, why_waiting
from tests.domain.test_dispatch_choice import at_work_of, runnable

LEASE = Lease("replica-1", 1, "a")
RECORD = Record(task_id="1", service="sync", user_id="alice", status="pending", created_at=EPOCH.isoformat())


def ledger_of(queued: Queued) -> Task:
    return Task(
        task_id=queued.task_id,
        incarnation=Incarnation(queued.service, queued.user_id, EPOCH.isoformat()),
        priority=queued.priority,
        accepted_at=EPOCH,
        updated_at=EPOCH,
        generation_at=EPOCH,
        order=queued.order,
        retry_at=queued.not_before,
    )


def why(state: DispatchState, queued: Queued, allowed: Limits, now: datetime) -> WaitingReason | None:
    return why_waiting(ledger_of(queued), position_of(state, queued, now), allowed, now)


def without_limit_of(service: str, allowed: Limits) -> Limits:
    others = {name: limit for name, limit in allowed.per_service.items() if name != service}
    return replace(allowed, per_service={**others, service: 1_000}, every_service=allowed.every_service)


@st.composite
def waiting_tasks(draw: st.DrawFn) -> tuple[DispatchState, Queued]:
    state = draw(dispatch_states().filter(lambda state: bool(state.waiting)))
    return state, draw(st.sampled_from(sorted(state.waiting, key=lambda queued: queued.order)))


@given(waiting_tasks(), limits(), instants())
def test_with_each_reason_taken_away_in_turn_the_task_is_claimed_next_and_not_before(
    waiting: tuple[DispatchState, Queued], allowed: Limits, now: datetime
) -> None:
    state, queued = waiting
    removed, most = 0, 3 + len(state.waiting)
    while (reason := why(state, queued, allowed, now)) is not None:
        assert state.next_task(allowed, now) != queued, f"it would run in spite of {reason}"
        removed += 1
        assert removed <= most, "each reason is taken away once"
        match reason:
            case RetryAt(retry_at):
                now = retry_at
            case UserLimit():
                allowed = replace(allowed, per_user=None)
            case ServiceLimit(service):
                allowed = without_limit_of(service, allowed)
            case HighPriorityFirst() | OwnTasksFirst() | OtherUsersFirst():
                chosen = state.next_task(allowed, now)
                assert chosen is not None
                assert chosen.task_id == reason.next_task_id, "it names who really goes first"
                state = state.without(chosen.task_id)
            case _:
                raise AssertionError(f"the policy knows nothing of {reason}")
    assert state.next_task(allowed, now) == queued


@given(waiting_tasks(), limits(), instants())
def test_who_goes_first_goes_first_for_the_reason_that_is_named(
    waiting: tuple[DispatchState, Queued], allowed: Limits, now: datetime
) -> None:
    state, queued = waiting
    reason = why(state, queued, allowed, now)
    chosen = state.next_task(allowed, now)
    if isinstance(reason, HighPriorityFirst):
        assert chosen is not None
        assert (chosen.priority, queued.priority) == (Priority.HIGH, Priority.LOW)
        assert reason.waiting >= sum(one.priority is Priority.HIGH for one in runnable(state, allowed, now))
    if isinstance(reason, OwnTasksFirst):
        assert chosen is not None
        assert chosen.user_id == queued.user_id
    if isinstance(reason, OtherUsersFirst):
        assert chosen is not None
        assert chosen.user_id == reason.next_user_id != queued.user_id
        assert reason.next_running == at_work_of(state, chosen.user_id) <= reason.running
        assert reason.running == at_work_of(state, queued.user_id)


@given(waiting_tasks(), limits(), instants())
def test_the_earlier_tasks_of_the_same_user_are_counted(
    waiting: tuple[DispatchState, Queued], allowed: Limits, now: datetime
) -> None:
    state, queued = waiting
    reason = why(state, queued, allowed, now)
    if isinstance(reason, OwnTasksFirst | OtherUsersFirst):
        lane = queued.priority, queued.service, queued.user_id
        same = [task for task in runnable(state, allowed, now) if (task.priority, task.service, task.user_id) == lane]
        assert reason.earlier == sum(task.order < queued.order for task in same)


@given(waiting_tasks(), instants(), st.integers(1, 9), st.integers(0, 9))
def test_a_task_that_is_next_waits_for_a_slot_or_for_the_end_of_a_drain_or_of_a_recovery_window(
    waiting: tuple[DispatchState, Queued], now: datetime, slots: int, free: int
) -> None:
    state, queued = waiting
    position = position_of(state, queued, now)
    told = why_next_waits(position, slots, free, recovering=False, drained=None)
    assert told == NoFreeSlot(len(state.at_work), slots, free)
    drained = Drained(everything=True, replicas=())
    assert why_next_waits(position, slots, free, recovering=False, drained=drained) == drained
    assert why_next_waits(position, slots, free, recovering=True, drained=drained) == Recovering()


@given(tasks())
def test_every_task_that_does_not_wait_is_in_some_stage(task: Task) -> None:
    if not task.is_waiting:
        assert len(stage_of(task).sentence.splitlines()) == 1


def test_the_stages_of_a_life() -> None:
    claimed = Task.accept(RECORD, EPOCH).claim(LEASE)
    dispatched = claimed.dispatch(LEASE.token, EPOCH)
    told = dispatched.report(LEASE.token, EPOCH, None, TaskResult("pod: Pending, 0/12 nodes are free"))
    running = dispatched.start(LEASE.token, "a-job", EPOCH).report(LEASE.token, EPOCH, Progress(1, 2, 3, 4), None)
    stopping = running.request_cancel(EPOCH, f"Cancellation requested {Decision('kim', '', 'too large').words}")
    assert stage_of(claimed) == Claimed("replica-1")
    assert stage_of(told) == Starting(1, "replica-1", EPOCH, "pod: Pending, 0/12 nodes are free")
    assert stage_of(running) == Running(1, "replica-1", EPOCH, "1 of 2 bytes, 3 of 4 files", "")
    assert stage_of(stopping) == Stopping("replica-1", "Cancellation requested by operator kim: too large")
    assert stage_of(stopping.confirm_cancel(LEASE.token, EPOCH)) == CancelledFor(
        "Cancellation requested by operator kim: too large"
    )
    assert stage_of(running.complete(LEASE.token, TaskResult(), EPOCH)) == Done(1)
    assert stage_of(running.fail(LEASE.token, "no such path: /a", EPOCH)) == FailedFor("no such path: /a", 1)
    assert stage_of(claimed.fail(LEASE.token, "out: of luck", EPOCH)) == FailedFor("out: of luck", 0)
    assert stage_of(Task.refuse(RECORD, "no such service", EPOCH)) == FailedFor("no such service", 0)
    assert stage_of(Task.cancel_unsubmitted(RECORD, EPOCH)).sentence.endswith("before the submission")


def test_the_frontends_word_of_a_cancel_is_not_taken_for_ours() -> None:
    asked = Task.accept(RECORD, EPOCH).request_cancel(EPOCH)
    later = (EPOCH + timedelta(seconds=1)).isoformat()
    lines = [
        f"{later},{word}" for word in ("Cancellation requested at frontend", "Cancellation acknowledged by scheduler")
    ]
    assert stage_of(asked.learn(tuple(lines))) == CancelledFor("Cancellation requested")


@pytest.mark.parametrize("reason", [UserLimit("alice", 2, 2), ServiceLimit("sync", 4, 4), NoFreeSlot(16, 16, 0)])
def test_a_sentence_has_the_facts(reason: UserLimit | ServiceLimit | NoFreeSlot) -> None:
    assert str(16 if isinstance(reason, NoFreeSlot) else reason.limit) in reason.sentence
