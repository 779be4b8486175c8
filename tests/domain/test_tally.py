"""What a commit adds to the counts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from domain.failures import FailureKind
from domain.record import Record
from domain.tally import MOST_AT_ONCE, Addition, Tally, addition, total
from domain.task import Task
from domain.testing import EPOCH, tasks
from domain.values import Lease, Progress, TaskResult

RECORD = Record(task_id="1", service="sync", user_id="alice", status="pending", created_at=EPOCH.isoformat())
ACCEPTED = Task.accept(RECORD, EPOCH)
ANOTHER = replace(RECORD, created_at=(EPOCH + timedelta(hours=1)).isoformat())
LEASE = Lease("replica-1", 1, "a")
TOKEN = LEASE.token


def running(task: Task = ACCEPTED) -> Task:
    return task.claim(LEASE).dispatch(TOKEN, EPOCH).start(TOKEN, "a-job", EPOCH)


def reported(task: Task, bytes_done: int) -> Task:
    return task.report(TOKEN, EPOCH, Progress(bytes_done=bytes_done), None)


def test_an_end_is_counted_once() -> None:
    done = running().complete(TOKEN, TaskResult(), EPOCH)
    assert addition(running(), done) == Addition("alice", "completed", 0)
    assert addition(done, done.learn(("2026-01-01T00:00:00+00:00,a line",))) is None


def test_a_failure_is_counted_by_its_kind() -> None:
    failed = running().fail(TOKEN, "permission denied: x", EPOCH)
    assert addition(running(), failed) == Addition("alice", "failed:permission", 0)
    assert addition(None, Task.refuse(RECORD, "x", EPOCH)) == Addition("alice", "failed:refused", 0)


def test_each_generation_has_an_end_of_its_own() -> None:
    failed = running().fail(TOKEN, "x", EPOCH)
    assert addition(failed, failed.reopen(EPOCH)) is None
    assert addition(failed, failed.refuse_retry("y", EPOCH)) == Addition("alice", "failed:refused", 0)


def test_a_task_that_got_the_id_of_an_ended_one_is_counted_too() -> None:
    ended = Task.refuse(RECORD, "x", EPOCH)
    assert addition(ended, Task.cancel_unsubmitted(ANOTHER, EPOCH)) == Addition("alice", "cancelled", 0)


def test_bytes_are_counted_as_work_goes_on() -> None:
    first, second = reported(running(), 100), reported(running(), 250)
    assert addition(running(), first) == Addition("alice", "", 100)
    assert addition(first, second) == Addition("alice", "", 150)
    assert addition(second, reported(second, 90)) is None  # a mover that corrects itself takes nothing back
    assert addition(first, second.complete(TOKEN, TaskResult(), EPOCH)) == Addition("alice", "completed", 150)


def test_every_attempt_begins_at_no_bytes() -> None:
    handed_back = reported(running(), 100).hand_back(TOKEN, EPOCH, "shutdown")
    assert addition(handed_back, reported(running(handed_back), 100)) == Addition("alice", "", 100)


def test_what_one_commit_adds_is_bounded() -> None:
    assert addition(running(), reported(running(), 2**70)) == Addition("alice", "", MOST_AT_ONCE)


@given(st.lists(st.integers(0, 2**40), min_size=1))
def test_no_byte_is_counted_twice(told: list[int]) -> None:
    """However often a mover tells and whatever commits fold, the sum is what it told last, where it only goes up."""

    def steps() -> Iterator[Task]:
        yield running()
        for count in sorted(told):
            yield reported(running(), count)

    added = [addition(before, after) for before, after in pairwise(steps())]
    assert sum(each.bytes_done for each in added if each) == max(told)


@given(st.none() | tasks(), tasks())
def test_only_a_terminal_task_adds_an_end(before: Task | None, after: Task) -> None:
    added = addition(before, after)
    assert added is None or bool(added.ending) <= after.is_terminal
    assert addition(after, None) is None


def test_tallies_add_up_and_kinds_of_a_newer_scheduler_are_others() -> None:
    read = Tally.of({"completed": 2, "cancelled": 1, "failed:no_space": 3, "failed:brand_new": 1, "bytes": 7})
    assert read == Tally(2, 1, {FailureKind.NO_SPACE: 3, FailureKind.OTHER: 1}, 7)
    both = total([read, Tally(1, 0, {FailureKind.NO_SPACE: 1}, 1)])
    assert (both.completed, both.cancelled, both.failed, both.ended, both.bytes_done) == (3, 1, 5, 9, 8)
    assert both.failures[FailureKind.NO_SPACE] == 4
