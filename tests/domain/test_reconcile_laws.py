"""The laws of reconcile (design §1), one property each."""

from dataclasses import replace
from datetime import datetime

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from domain.instants import parse_instant
from domain.logs import line_instant
from domain.reconcile import FRONTEND_CANCEL_MESSAGE, reconcile
from domain.record import Record
from domain.task import Task
from domain.testing import EPOCH, Race, incarnations, instants, races, records, tasks, users
from domain.values import Incarnation, TaskStatus
from tests.domain.shares import share

S = TaskStatus
LIVE = (S.PENDING, S.DISPATCHING, S.RUNNING, S.CANCEL_REQUESTED)


def beside(task: Task, record: Record) -> Record:
    """Any record, made to be this task's."""
    mine = task.incarnation
    return replace(
        record,
        task_id=task.task_id,
        service=mine.service,
        user_id=mine.user_id,
        created_at=mine.created_at,
        parameters=task.parameters,
    )


RECORDS = records()
CANCELLED_RECORDS = records(st.just("cancelled"))

pairs = st.builds(lambda task, record: (task, beside(task, record)), tasks(), RECORDS)


def met(task: Task, record: Record, at: datetime = EPOCH) -> tuple[Task, Record]:
    """Reconcile a record that is there."""
    result = reconcile(task, record, at)
    assert result.record is not None
    return result.task, result.record


@share(2)
@given(pairs, instants(), instants())
def test_reconciling_again_changes_nothing(pair: tuple[Task, Record], at: datetime, later: datetime) -> None:
    once = reconcile(*pair, at)
    assert reconcile(once.task, once.record, later) == once


@share(2)
@given(pairs)
def test_the_record_tells_the_ledgers_truth(pair: tuple[Task, Record]) -> None:
    task, record = met(*pair)
    assert record.status == task.status
    assert record.priority is task.priority
    assert record.active_jobs == task.active_jobs
    assert record.result == task.result
    assert record.logs == task.lines


@share(2)
@given(pairs)
def test_a_record_of_a_known_status_only(pair: tuple[Task, Record]) -> None:
    task, read = pair
    _, record = met(task, replace(read, status="paused"))
    assert record.status == task.status, "the frontend fails on a status that it doesn't know"
    assert type(record.status) is str


@share(2)
@given(pairs)
def test_no_line_of_either_side_is_lost_or_doubled(pair: tuple[Task, Record]) -> None:
    task, record = pair
    merged = met(*pair)[1].logs
    assert set(merged) >= {*task.lines, *record.logs}
    assert len(merged) == len(set(merged))
    added = set(merged) - {*task.lines, *record.logs}
    cancel_found = met(*pair)[0].saw_cancel and not task.saw_cancel
    assert bool(added) == cancel_found, "only the cancel that was found is told in lines of its own"


@share(2)
@given(pairs)
def test_lines_stand_in_the_order_of_time_then_of_text(pair: tuple[Task, Record]) -> None:
    timed = [(moment, line) for line in met(*pair)[1].logs if (moment := line_instant(line))]
    assert timed == sorted(timed)


@share(2)
@given(pairs)
def test_a_line_without_a_time_stays_behind_its_predecessor(pair: tuple[Task, Record]) -> None:
    task, record = pair
    head = [line for line in (*task.lines, *record.logs) if line_instant(line)][-1]
    traceback = ("  File 'worker.py'", "Error: it broke")
    logs = met(task, replace(record, logs=(*record.logs, head, *traceback)))[1].logs
    assert traceback == logs[logs.index(traceback[0]) :][:2]
    assert [line for line in logs[: logs.index(traceback[0])] if line_instant(line)][-1] == head


@share(2)
@given(pairs)
def test_updated_at_is_the_later_of_both_sides(pair: tuple[Task, Record]) -> None:
    task, read = pair
    after, record = met(*pair)
    told = parse_instant(record.updated_at)
    assert told == max(after.updated_at, parse_instant(read.updated_at) or after.updated_at)
    assert after.updated_at >= task.updated_at


@pytest.mark.parametrize("status", [S.COMPLETED, S.FAILED, S.CANCELLED])
@share(3)
@given(data=st.data())
def test_what_is_terminal_in_the_ledger_never_moves(status: TaskStatus, data: st.DataObject) -> None:
    task = data.draw(tasks(status))
    after, record = met(task, beside(task, data.draw(RECORDS)))
    assert replace(after, lines=task.lines) == task
    assert record.status == status


@share(2)
@given(pairs)
def test_what_is_not_ours_stays_exactly_as_it_was(pair: tuple[Task, Record]) -> None:
    _, read = pair
    _, record = met(*pair)
    for name in ("task_id", "service", "user_id", "created_at", "parameters", "extra", "result_extra"):
        assert getattr(record, name) is getattr(read, name)


@given(tasks())
def test_a_missing_record_stays_missing(task: Task) -> None:
    result = reconcile(task, None, EPOCH)
    assert result.record is None
    assert result.task is task


@share(2)
@given(pairs, incarnations())
def test_a_record_of_another_incarnation_is_left_alone(pair: tuple[Task, Record], other: Incarnation) -> None:
    task, read = pair
    assume(not task.incarnation.is_same_as(other))
    stranger = replace(read, service=other.service, user_id=other.user_id, created_at=other.created_at)
    result = reconcile(task, stranger, EPOCH)
    assert result.task is task
    assert result.record is stranger


@share(2)
@given(pairs, users())
def test_the_user_and_the_service_are_part_of_the_incarnation(pair: tuple[Task, Record], user: str) -> None:
    task, read = pair
    assume(user not in (task.user_id, task.service))
    assert reconcile(task, replace(read, user_id=user), EPOCH).task is task
    assert reconcile(task, replace(read, service=user), EPOCH).task is task


@pytest.mark.parametrize("status", LIVE)
@share(3)
@given(data=st.data())
def test_a_record_that_says_cancelled_is_a_cancel_request(status: TaskStatus, data: st.DataObject) -> None:
    task = data.draw(tasks(status).filter(lambda task: task.generation == 1))
    after, record = met(task, beside(task, data.draw(CANCELLED_RECORDS)))
    assert after.status is (S.CANCELLED if task.lease is None else S.CANCEL_REQUESTED)
    assert record.status == after.status


@pytest.mark.parametrize("status", LIVE)
@share(3)
@given(data=st.data())
def test_any_other_foreign_status_is_overwritten(status: TaskStatus, data: st.DataObject) -> None:
    task = data.draw(tasks(status))
    read = beside(task, data.draw(RECORDS.filter(lambda record: record.status != S.CANCELLED)))
    assert replace(met(task, read)[0], lines=task.lines) == task


@given(st.sampled_from((S.FAILED, S.CANCELLED)).flatmap(tasks), CANCELLED_RECORDS)
def test_word_of_a_cancel_never_reaches_a_later_generation(task: Task, read: Record) -> None:
    """Whatever was known when the operator retried, clocks of frontends that are ahead included."""
    asked = f"2031-01-01T00:00:00+00:00,{FRONTEND_CANCEL_MESSAGE}"
    old_word = beside(task, replace(read, logs=(*read.logs, asked)))
    retried = met(task, old_word)[0].reopen(EPOCH)
    assert met(retried, old_word)[0].is_waiting


@given(tasks(S.FAILED), st.data())
def test_a_cancel_of_the_present_generation_counts_though_the_record_lost_its_line(
    task: Task, data: st.DataObject
) -> None:
    retried = task.reopen(EPOCH)
    asked = f"2099-01-01T00:00:00+00:00,{FRONTEND_CANCEL_MESSAGE}"
    lost = beside(retried, data.draw(CANCELLED_RECORDS))
    assume(not any(line.endswith(FRONTEND_CANCEL_MESSAGE) for line in lost.logs))
    assert met(retried, lost)[0].is_waiting, "without a line this is the word of an earlier generation"
    seen = met(retried, replace(lost, status="running", logs=(asked,)))[0]
    assert met(seen, lost)[0].status is S.CANCELLED


@given(races())
def test_after_the_last_save_one_reconcile_gives_the_truth(race: Race) -> None:
    race.reconcile(EPOCH)
    once = race.task, race.record
    race.reconcile(EPOCH)
    assert (race.task, race.record) == once
    assert race.record.status == race.task.status
