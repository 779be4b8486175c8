"""Copies of frozen dataclasses are those that the standard library makes."""

from dataclasses import FrozenInstanceError, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.copying import changed, filled
from domain.record import Record
from domain.task import Task
from domain.testing import records, tasks
from domain.values import Lease, Priority, TaskResult


@given(task=tasks(), order=st.integers(), priority=st.sampled_from(Priority))
def test_a_task_is_copied_with_its_changes(task: Task, order: int, priority: Priority) -> None:
    before = repr(task)
    lease = Lease("owner", 1, "nonce")
    copy = changed(task, order=order, priority=priority, lease=lease)
    assert copy == replace(task, order=order, priority=priority, lease=lease)
    assert type(copy) is Task
    assert repr(task) == before


@given(record=records())
def test_so_is_a_record(record: Record) -> None:
    assert changed(record) == record
    assert changed(record, result=TaskResult("a", "b")) == replace(record, result=TaskResult("a", "b"))


def test_a_field_that_is_not_there_is_refused() -> None:
    with pytest.raises(AttributeError):
        changed(Lease("owner", 1, "nonce"), nonse="x")
    with pytest.raises(AttributeError):
        filled(Lease("owner", 1, "nonce"), nonse="x")


def test_what_is_new_is_filled_without_a_copy() -> None:
    fresh = Lease("owner", 1, "nonce")
    assert filled(fresh, epoch=2) is fresh
    assert fresh == Lease("owner", 2, "nonce")


def test_a_copy_is_as_frozen_as_its_original() -> None:
    with pytest.raises(FrozenInstanceError):
        changed(Lease("owner", 1, "nonce")).owner = "x"  # type: ignore[misc]
