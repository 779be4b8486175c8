"""The kinds of failures, and that what a user calls a file decides nothing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.executors.failures import _PERMANENT, _TRANSIENT, reason
from domain.failures import FailureKind, failure_of, kind_of_failure
from domain.record import Record
from domain.task import Task
from domain.testing import EPOCH, tasks
from domain.values import TaskStatus

NOT_OURS = frozenset({FailureKind.OTHER, FailureKind.REFUSED})


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("there is no source /pvs/a", FailureKind.MISSING),
        ("user 'kim' has no account on this machine", FailureKind.MISSING),
        ("/pvs/a: no such file or directory", FailureKind.MISSING),
        ("permission denied: rsync: mkdir /pvs/a failed", FailureKind.PERMISSION),
        ("cannot make the directory /pvs/b: permission denied", FailureKind.PERMISSION),
        ("the target's file system is full: write error", FailureKind.NO_SPACE),
        ("a name is longer than the target's file system can hold: x", FailureKind.NO_SPACE),
        ("the target lies in the source /pvs/a", FailureKind.REFUSED),
        ("the storage reported an error: read /pvs/a (given up after 4 attempts)", FailureKind.STORAGE),
        ("/pvs/a: input/output error (given up after 4 attempts)", FailureKind.STORAGE),
        ("something in the tree is in use: /pvs/a", FailureKind.IN_USE),
        ("ran out of memory: mover of pod x was killed (OOMKilled)", FailureKind.RESOURCES),
        ("the namespace's quota is used up: exceeded quota", FailureKind.RESOURCES),
        ("stopped because it ran longer than the limit of 60 seconds", FailureKind.TIME_LIMIT),
        ("unschedulable for 600 seconds: 0/12 nodes are available", FailureKind.UNSCHEDULABLE),
        ("the image cannot be pulled: ErrImagePull", FailureKind.UNSCHEDULABLE),
        ("the cluster refused the work, its template must be mended: x", FailureKind.CLUSTER),
        ("the scheduler lacks the right to create this work, an operator must grant it: x", FailureKind.CLUSTER),
        ("evicted from its node: x", FailureKind.INTERRUPTED),
        ("the cluster ended pod x: NodeLost", FailureKind.INTERRUPTED),
        ("the scheduler that ran it was lost, and cp may not be repeated", FailureKind.INTERRUPTED),
        ("mover was killed by signal 9", FailureKind.INTERRUPTED),
        ("mover ended with exit code 23: permission denied: /pvs/a", FailureKind.PERMISSION),
        ("mover ended with exit code 23", FailureKind.OTHER),
        ("rsync failed without saying why", FailureKind.OTHER),
    ],
)
def test_a_failure_has_the_kind_of_what_it_means(words: str, kind: FailureKind) -> None:
    assert kind_of_failure(words) is kind


@pytest.mark.parametrize("said", [words for words, _ in (*_PERMANENT, *_TRANSIENT)])
def test_each_error_that_movers_are_known_to_tell_has_a_kind(said: str) -> None:
    told, _ = reason("rsync", [f"rsync: open /pvs/a: {said} (1)"], 1)
    assert kind_of_failure(told) not in NOT_OURS


def test_what_a_file_is_called_decides_nothing() -> None:
    assert kind_of_failure("rsync failed: /pvs/permission denied: no space left on device/x") is FailureKind.OTHER


def test_what_was_refused_before_any_attempt_is_a_kind_of_its_own() -> None:
    record = Record(task_id="1", service="sync", user_id="alice", status="pending", created_at=EPOCH.isoformat())
    assert failure_of(Task.refuse(record, "permission denied", EPOCH)) is FailureKind.REFUSED


@given(tasks())
def test_a_task_has_a_kind_of_failure_just_when_it_has_failed(task: Task) -> None:
    assert (failure_of(task) is not None) is (task.status is TaskStatus.FAILED)


@given(st.text())
def test_any_words_have_a_kind(words: str) -> None:
    assert kind_of_failure(words) in FailureKind
