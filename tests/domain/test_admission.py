"""Who may submit: the order of the checks is a promise (issue: HTTP table)."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.admission import Submission, admit, check_identity
from domain.blocks import Block, BlockFlags
from domain.errors import AlreadyEnded, Blocked, DomainError, IdentityMismatch, NotRegistered
from domain.record import Record
from domain.task import Task
from domain.testing import EPOCH, block_flags, records, tasks
from domain.values import TaskStatus
from tests.domain.shares import share

S = TaskStatus
RECORDS = records()


def submission(record: Record) -> Submission:
    return Submission(record.task_id, record.service, record.user_id, record.parameters)


def beside(task: Task, record: Record) -> Record:
    mine = task.incarnation
    return replace(record, service=mine.service, user_id=mine.user_id, created_at=mine.created_at)


pairs = st.builds(lambda task, record: (task, beside(task, record)), tasks(), RECORDS)


@given(records(st.sampled_from(("pending", "dispatching", "running", "cancel_requested", "paused"))))
def test_a_registered_task_that_nobody_blocks_may_be_accepted(record: Record) -> None:
    assert admit(submission(record), None, record, BlockFlags()) is record


@given(RECORDS, st.none() | tasks(), block_flags())
def test_first_the_task_must_be_registered(record: Record, task: Task | None, blocks: BlockFlags) -> None:
    with pytest.raises(NotRegistered):
        admit(submission(record), task, None, blocks)


@share(2)
@given(pairs, block_flags(), st.booleans())
def test_second_the_request_must_be_as_registered(
    pair: tuple[Task, Record], blocks: BlockFlags, has_ledger: bool
) -> None:
    task, record = pair
    asked = submission(record)
    for wrong, fields in (
        (replace(asked, service=asked.service + "x"), ("service",)),
        (replace(asked, user_id=asked.user_id + "x"), ("user_id",)),
        (replace(asked, service="x y", user_id="x y"), ("service", "user_id")),
        (replace(asked, parameters={**asked.parameters, "more": 1}), ("parameters",)),
    ):
        with pytest.raises(IdentityMismatch) as refusal:
            admit(wrong, task if has_ledger else None, record, blocks)
        assert refusal.value.fields == fields


@share(2)
@given(pairs, block_flags())
def test_third_what_was_accepted_before_is_told_by_the_ledger(pair: tuple[Task, Record], blocks: BlockFlags) -> None:
    task, record = pair
    if task.is_terminal:
        with pytest.raises(AlreadyEnded) as refusal:
            admit(submission(record), task, record, blocks)
        assert refusal.value.status == task.status
    else:
        assert admit(submission(record), task, record, blocks) is task, "even while submits are blocked"


@given(records(st.sampled_from(("completed", "failed", "cancelled"))), tasks(), block_flags(), st.booleans())
def test_fourth_a_record_that_has_ended_is_believed_where_there_is_no_ledger_of_its_own(
    record: Record, task: Task, blocks: BlockFlags, has_ledger: bool
) -> None:
    stranger = replace(task, incarnation=replace(task.incarnation, service=record.service + "x"))
    with pytest.raises(AlreadyEnded) as refusal:
        admit(submission(record), stranger if has_ledger else None, record, blocks)
    assert refusal.value.status == record.status


@given(records(st.just("pending")), tasks())
def test_a_ledger_of_another_incarnation_counts_for_nothing(record: Record, task: Task) -> None:
    stranger = replace(task, incarnation=replace(task.incarnation, user_id=record.user_id + "x"))
    assert admit(submission(record), stranger, record, BlockFlags()) is record


@pytest.mark.parametrize(
    ("everybody", "user", "scope"), [(True, True, "everybody"), (True, False, "everybody"), (False, True, "user")]
)
@given(record=records(st.just("pending")))
def test_last_blocks_are_looked_at(everybody: bool, user: bool, scope: str, record: Record) -> None:
    flags = BlockFlags(Block() if everybody else None, Block() if user else None)
    with pytest.raises(Blocked) as refusal:
        admit(submission(record), None, record, flags)
    assert refusal.value.scope == scope
    assert ("every user" in str(refusal.value)) == (scope == "everybody")
    assert scope == "everybody" or record.user_id in str(refusal.value)


def test_a_refusal_names_what_differs() -> None:
    registered = Record(task_id="10", service="sync", user_id="alice", status="pending")
    with pytest.raises(DomainError, match="service, user_id of task 10 differ"):
        check_identity("10", "rm", "bob", registered)
    check_identity("10", "sync", "alice", registered)
    check_identity("10", "sync", "alice", Task.accept(registered, EPOCH))
