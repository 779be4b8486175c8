"""What those who watch are told: every change that people see, and nothing that users typed but names."""

from __future__ import annotations

from dataclasses import fields, replace

from hypothesis import given

from domain.feed import ChangeKind, TaskChange, change_between
from domain.task import Task
from domain.testing import EPOCH, tasks
from domain.values import Progress, TaskResult


@given(tasks())
def test_a_new_task_is_told(task: Task) -> None:
    change = change_between(None, task)
    assert change is not None
    assert change.kind is ChangeKind.TASK
    for field in fields(TaskChange):
        if field.name not in ("kind", "at"):
            assert getattr(change, field.name) == getattr(task, field.name)
    assert change.at == task.updated_at


@given(tasks(), tasks())
def test_it_is_told_if_and_only_if_people_see_it(before: Task, after: Task) -> None:
    def seen(task: Task) -> list[object]:
        return [task.status, task.priority, task.generation, task.attempt]

    change = change_between(before, after)
    is_same = before.incarnation.is_same_as(after.incarnation)
    if not is_same or seen(before) != seen(after):
        assert change is not None
        assert change.kind is ChangeKind.TASK
    elif (before.progress, before.result) != (after.progress, after.result):
        assert change is not None
        assert change.kind is ChangeKind.PROGRESS
    else:
        assert change is None


@given(tasks())
def test_progress_and_results_alone_are_progress(task: Task) -> None:
    told = replace(task, progress=Progress(bytes_done=10**15))
    change = change_between(task, told)
    assert change is not None
    assert (change.kind, change.progress) == (ChangeKind.PROGRESS, told.progress)
    said = change_between(task, replace(task, result=TaskResult("never said before", None)))
    assert said is not None
    assert said.kind is ChangeKind.PROGRESS


@given(tasks())
def test_what_people_do_not_see_is_not_told(task: Task) -> None:
    assert change_between(task, task) is None
    assert change_between(task, replace(task, lines=(*task.lines, "a line"), updated_at=EPOCH, order=99)) is None
