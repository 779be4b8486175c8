"""A priority that an operator gave before a fail-over holds after it, whoever writes the ledger again first."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from domain.recovery import recover
from domain.task import Task
from domain.testing import EPOCH, tasks
from domain.values import Priority, TaskStatus

LATER = EPOCH + timedelta(days=1)
LIVE = (TaskStatus.PENDING, TaskStatus.DISPATCHING, TaskStatus.RUNNING)


def other(task: Task) -> Priority:
    return Priority.LOW if task.priority is Priority.HIGH else Priority.HIGH


@given(st.sampled_from(LIVE).flatmap(tasks))
def test_it_holds_where_somebody_without_that_knowledge_said_something_later(task: Task) -> None:
    kept = task.change_priority(other(task), LATER)
    found = task.lose_record(LATER + timedelta(seconds=1))
    restored = recover(kept, found, LATER + timedelta(seconds=2))
    assert restored is not None
    assert restored.priority is kept.priority
    assert set(restored.lines) == {*kept.lines, *found.lines}
    assert (restored.status, restored.lease, restored.attempts) == (task.status, task.lease, task.attempts)


@given(st.sampled_from(LIVE).flatmap(tasks))
def test_it_holds_where_the_ledger_there_has_only_read_of_it(task: Task) -> None:
    kept = task.change_priority(other(task), LATER)
    restored = recover(kept, task.learn(kept.lines), LATER)
    assert restored is not None
    assert restored.priority is kept.priority


@given(st.sampled_from(LIVE).flatmap(tasks))
def test_the_later_of_two_words_holds(task: Task) -> None:
    known_there = task.change_priority(other(task), LATER)
    kept = known_there.change_priority(task.priority, LATER + timedelta(seconds=1))
    restored = recover(kept, known_there, LATER + timedelta(seconds=2))
    assert restored is not None
    assert restored.priority is task.priority
    assert recover(known_there, kept, LATER + timedelta(seconds=2)) is None
