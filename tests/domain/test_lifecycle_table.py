"""Which command does what in which status: the picture of design §2, held against the code cell by cell."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import IllegalTransition, StaleLease, TaskEnded
from domain.record import Record
from domain.task import Task
from domain.testing import (
    COMMANDS,
    EPOCH,
    Command,
    Player,
    Step,
    commands,
    legal_commands,
    progress,
    registered_records,
    tasks,
)
from domain.values import Progress, TaskStatus
from tests.domain.shares import share

S = TaskStatus
RETRIES = ("reopen", "refuse_retry")
LIVE = [S.PENDING, S.DISPATCHING, S.RUNNING, S.CANCEL_REQUESTED]


def status_after(command: Command, task: Task) -> TaskStatus:
    """What the picture says that a legal command leads to."""
    stopping = task.status is S.CANCEL_REQUESTED
    match command.name:
        case "dispatch":
            return S.DISPATCHING
        case "start":
            return S.CANCEL_REQUESTED if stopping else S.RUNNING
        case "complete":
            return S.COMPLETED
        case "fail":
            return S.CANCELLED if stopping else S.FAILED
        case "retry_later" | "hand_back" | "lose_owner" | "reopen":
            return S.PENDING
        case "request_cancel":
            return S.CANCELLED if task.lease is None else S.CANCEL_REQUESTED
        case "confirm_cancel":
            return S.CANCELLED
        case "refuse_retry":
            return S.FAILED
        case _:
            return task.status


@pytest.mark.parametrize("status", S)
@share(3)
@given(data=st.data())
def test_each_command_is_legal_or_refused_as_the_lifecycle_says(status: TaskStatus, data: st.DataObject) -> None:
    task = data.draw(tasks(status))
    assert task.status is status
    for name in COMMANDS:
        command = data.draw(commands(name), label=name)
        played = Player(task).play(Step(command, EPOCH))
        if command.is_fenced and (command.stale or task.lease is None):
            assert type(played.refusal) is StaleLease
        elif name in legal_commands(task):
            assert played.refusal is None
            assert played.after.status is status_after(command, task)
        else:
            assert type(played.refusal) is (TaskEnded if status.is_terminal else IllegalTransition)


@given(registered_records())
def test_a_task_is_born_pending_failed_or_cancelled(record: Record) -> None:
    born = Task.accept(record, EPOCH)
    assert born.is_waiting
    assert (born.generation, born.attempt, born.order) == (1, 0, 0)
    assert born.priority is record.priority
    assert Task.refuse(record, "no such service", EPOCH).status is S.FAILED
    assert Task.cancel_unsubmitted(record, EPOCH).status is S.CANCELLED


@given(tasks(S.CANCEL_REQUESTED), st.data())
def test_a_task_that_was_asked_to_stop_never_runs_again_in_its_generation(task: Task, data: st.DataObject) -> None:
    player = Player(task)
    for _ in range(data.draw(st.integers(1, 6))):
        names = [name for name in legal_commands(player.task) if name not in RETRIES]
        if names:
            player.play(Step(data.draw(commands(*names)), EPOCH))
    assert player.task.status in (S.CANCEL_REQUESTED, S.CANCELLED, S.COMPLETED)


@given(tasks(), st.data())
def test_only_a_retry_opens_a_generation_and_it_starts_afresh(task: Task, data: st.DataObject) -> None:
    command = data.draw(commands())
    played = Player(task).play(Step(command, EPOCH))
    if command.name not in RETRIES or played.refusal:
        assert played.after.generation == task.generation
        assert played.after.generation_at == task.generation_at
        return
    fresh = played.after
    assert fresh.generation == task.generation + 1
    assert fresh.is_waiting or command.name == "refuse_retry"
    assert not fresh.saw_cancel
    assert (fresh.failures, fresh.retry_at, fresh.progress) == (0, None, None)
    assert fresh.order == (0 if fresh.is_waiting else task.order), "what was refused never came into the queue again"
    assert fresh.attempts == task.attempts, "numbers go on, so that an attempt names one workload for ever"
    assert fresh.priority is task.priority


@pytest.mark.parametrize("status", LIVE)
@share(3)
@given(data=st.data())
def test_a_take_over_changes_the_token_and_nothing_else(status: TaskStatus, data: st.DataObject) -> None:
    task = data.draw(tasks(status).filter(lambda task: task.lease is not None))
    assert task.lease is not None
    taken = Player(task).play(Step(Command("take_over"), EPOCH)).after
    assert taken.lease is not None
    assert taken.lease.token != task.lease.token
    assert taken.attempts == task.attempts
    assert (taken.status, taken.lines, taken.active_jobs) == (task.status, task.lines, task.active_jobs)


@given(tasks(S.RUNNING), commands("hand_back", "retry_later"), progress())
def test_a_new_attempt_starts_without_the_progress_of_the_one_before(
    task: Task, back: Command, reached: Progress
) -> None:
    player = Player(task)
    told = Command("report", {"progress": reached, "result": None})
    for command in (told, replace(back, stale=False)):
        player.play(Step(command, EPOCH))
    assert player.task.progress == reached, "a waiting task still shows how far it got"
    for command in (Command("claim"), Command("dispatch")):
        player.play(Step(command, EPOCH))
    assert player.task.attempt == task.attempt + 1
    assert player.task.progress is None


@given(tasks(), st.data())
def test_what_a_report_leaves_out_stays_as_it_was(task: Task, data: st.DataObject) -> None:
    silent = Command("report", {"progress": None, "result": None})
    played = Player(task).play(Step(silent, EPOCH))
    assert (played.after.progress, played.after.result) == (task.progress, task.result)
    told = Player(task).play(Step(data.draw(commands("report")), EPOCH))
    if not told.refusal:
        said = told.step.command.arguments
        assert told.after.progress == (said["progress"] or task.progress)
        assert told.after.result == (said["result"] or task.result)
