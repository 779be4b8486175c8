"""The events of a task tell each change of its status, in the order of time."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.audit import DONE, Action, AuditEvent
from domain.events import STATUS_AFTER, EventKind, events_of, kind_of
from domain.instants import as_utc
from domain.operators import Decision
from domain.record import Record
from domain.task import Task
from domain.testing import EPOCH, History, histories, instants, tasks
from domain.values import TaskStatus

RECORD = Record(task_id="1", service="sync", user_id="alice", status="pending", created_at=EPOCH.isoformat())
FRONTENDS_LINES = (
    "Dispatching to scheduler",
    "Scheduler acknowledged submission",
    "Scheduler returned 403: {}",
    "Scheduler unavailable at http://dms-scheduler",
    "Cancellation requested at frontend",
    "Cancellation acknowledged by scheduler",
    "Cancellation error: Running as root",
)


def action(at_s: float, reason: str = "") -> AuditEvent:
    moment = EPOCH + timedelta(seconds=at_s)
    by = Decision("kim", "", reason)
    return AuditEvent(nonce="1", at=moment, action=Action.PRIORITY, by=by, outcome=DONE, task_id="1", detail="high")


@given(histories())
def test_each_change_of_the_status_is_an_event(history: History) -> None:
    for played in history.play():
        own = [line for line in played.after.lines if line not in played.before.lines]
        told = [status for line in own if (status := STATUS_AFTER.get(kind_of(line.partition(",")[2])))]
        if played.after.status is not played.before.status:
            assert told[-1] is played.after.status
        else:
            assert not told or told[-1] is played.after.status


@given(histories())
def test_attempts_and_generations_are_counted(history: History) -> None:
    task = history.tasks[-1]
    if all(line.partition(",")[2] not in FRONTENDS_LINES for line in task.lines):
        own = events_of(task)
        assert max(event.generation for event in own) == task.generation
        assert max(event.attempt for event in own) == task.attempt


@given(tasks(), st.lists(instants(), max_size=4))
def test_nothing_that_is_known_is_left_out_and_times_ascend(task: Task, moments: list[datetime]) -> None:
    by = Decision("kim")
    actions = [
        AuditEvent(nonce=str(number), at=at, action=Action.CANCEL, by=by, outcome=DONE)
        for number, at in enumerate(moments)
    ]
    events = events_of(task, actions)
    assert len(events) == len(task.lines) + len(actions)
    times = [as_utc(event.at) for event in events if event.at is not None]
    assert times == sorted(times)


@pytest.mark.parametrize("message", FRONTENDS_LINES)
def test_the_frontends_lines_change_no_status(message: str) -> None:
    assert kind_of(message) is EventKind.OTHER


def test_operators_actions_stand_where_they_happened() -> None:
    task = Task.accept(RECORD, EPOCH).request_cancel(EPOCH + timedelta(seconds=2))
    events = events_of(task, [action(1, "deadline"), action(9)])
    assert [(event.kind, event.status) for event in events] == [
        (EventKind.ACCEPTED, TaskStatus.PENDING),
        (EventKind.OPERATOR, None),
        (EventKind.CANCEL_REQUESTED, TaskStatus.CANCEL_REQUESTED),
        (EventKind.CANCELLED, TaskStatus.CANCELLED),
        (EventKind.OPERATOR, None),
    ]
    assert [event.text for event in events if event.kind is EventKind.OPERATOR] == [
        "priority high by operator kim: deadline (done)",
        "priority high by operator kim (done)",
    ]


def test_what_other_messages_of_the_program_tell() -> None:
    for message, kind in (
        ("Cancellation requested by operator kim: Completed", EventKind.CANCEL_REQUESTED),
        ("Accepted at the change-over from the previous scheduler", EventKind.ACCEPTED),
        ("Cancellation found in the record", EventKind.CANCEL_REQUESTED),
        ("Cancellation received before the submission", EventKind.CANCEL_REQUESTED),
        ("Its record was deleted: the work is stopped", EventKind.CANCEL_REQUESTED),
        ("Its id was given to another task: the work is stopped", EventKind.CANCEL_REQUESTED),
        ("Cancelled after 1 of 2 bytes, 0 of 1 files", EventKind.CANCELLED),
        ("Its record was lost in a fail-over of the store", EventKind.RECORD_LOST),
        ("Retried by operator kim: now", EventKind.RETRIED),
        (f"Retried {Decision('operator', '', 'now').words}", EventKind.RETRIED),
        (f"Retried {Decision('operator').words}", EventKind.RETRIED),
        ("Retried by operators", EventKind.OTHER),
    ):
        assert kind_of(message) is kind
