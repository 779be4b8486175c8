"""The judge finds each kind of wrong, and nothing where all is right."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from domain.task import Task
from domain.values import Incarnation, Lease, Priority, TaskResult
from tests.chaos.evidence import Run, boot_time
from tests.chaos.judge import Case, Wrong
from tests.chaos.light import result_of
from tests.frontend.standin import Answer, FrontendRecord, Identity, Journal

NOW = datetime.now(UTC)
LATER = NOW + timedelta(seconds=5)
AT = boot_time()
LEASE = Lease("r1", 1, "abc")
RUN = Run("dms-1-1@7", AT, AT + 5, done=True)
ACCEPTED = Answer(202, json.dumps({"task_id": "1", "status": "dispatching"}))


def case(
    task: Task | None,
    runs: tuple[Run, ...] = (RUN,),
    *,
    service: str = "hotcold",
    parameters: dict[str, str] | None = None,
    calls: tuple[tuple[str, Answer | None], ...] = (("submit", ACCEPTED),),
) -> Case:
    """A task whose record tells just what its ledger tells."""
    identity = Identity("1", service, "alice")
    given = parameters or {"path": "/hot/1", "seconds": "5", "fate": "is done"}
    registered = FrontendRecord(identity=identity, parameters=given, created_at=NOW.isoformat())
    journal = Journal()
    journal.saved(journal.registering(registered, registered.dump(), NOW))
    for what, answer in calls:
        journal.called(identity, what, answer)
    told = registered
    if task is not None:
        result = task.result
        told = replace(registered, status=str(task.status), logs=task.lines, priority=str(task.priority))
        told = replace(told, pod_status=result.pod_status, launcher_output=result.launcher_output)
    return Case("1", told.dump(), task, journal.histories["1"], runs)


def begun(service: str = "hotcold") -> Task:
    incarnation = Incarnation(service, "alice", NOW.isoformat())
    accepted = Task(task_id="1", incarnation=incarnation, accepted_at=NOW, updated_at=NOW, generation_at=NOW)
    claimed = accepted.change_priority(Priority.HIGH, NOW).claim(LEASE)
    return claimed.dispatch(LEASE.token, NOW).start(LEASE.token, "dms-1-1", NOW)


def completed(result: TaskResult | None = None, service: str = "hotcold") -> Task:
    return begun(service).complete(LEASE.token, result or result_of(RUN.name), LATER)


def cancelled() -> Task:
    return begun().request_cancel(NOW).confirm_cancel(LEASE.token, LATER)


def failed(reason: str = "no such thing") -> Task:
    return begun().fail(LEASE.token, reason, LATER)


def cancel(status: str) -> tuple[tuple[str, Answer | None], ...]:
    return (("submit", ACCEPTED), ("cancel", Answer(202, json.dumps({"task_id": "1", "status": status}))))


def test_a_task_that_ran_once_is_right() -> None:
    assert case(completed()).findings() == []
    assert case(completed(), calls=cancel("cancel_requested")).findings() == []
    assert case(cancelled(), calls=cancel("cancel_requested")).findings() == []
    assert replace(case(completed()), priority=Priority.HIGH).findings() == []


def test_a_task_that_nobody_accepted_is_right_without_a_ledger() -> None:
    unheard = (("submit", None),)
    assert case(None, (), calls=unheard).findings() == []
    assert case(None, (), calls=(("submit", Answer(503)),)).findings() == []


def test_an_attempt_counts_of_which_the_ledger_knows_the_line_alone() -> None:
    ended = replace(cancelled(), attempts=())
    assert case(ended, calls=cancel("cancelled")).findings() == []


def test_work_may_fail_that_was_to_fail_or_may_not_be_repeated() -> None:
    told = {"path": "/hot/1", "seconds": "5", "fate": "fails"}
    assert case(failed(), parameters=told).findings() == []
    lost = "the scheduler that ran it was lost, and chmod may not be repeated"
    unrepeated = begun("chmod").fail(LEASE.token, lost, LATER)
    assert case(unrepeated, service="chmod").findings() == []


Change = Callable[[], Case]


@pytest.mark.parametrize(
    ("wrong", "found"),
    [
        (Wrong.LOST, lambda: case(None, ())),
        (Wrong.WORK, lambda: case(None, calls=(("submit", None),))),
        (Wrong.TWICE, lambda: case(completed(), (Run("a", AT, AT + 2), replace(RUN, began=AT + 1)))),
        (Wrong.AGAIN, lambda: case(completed(), (RUN, Run("b", AT + 60, AT + 61)))),
        (Wrong.WORK, lambda: case(completed(), (Run("a", AT - 2, AT - 1), RUN))),
        (Wrong.WORK, lambda: case(completed(), ())),
        (Wrong.WORK, lambda: case(completed(), (replace(RUN, done=False),))),
        (Wrong.WORK, lambda: case(completed(result_of("another")))),
        (Wrong.STUCK, lambda: case(begun())),
        (Wrong.RECORD, lambda: replace(case(completed()), document=case(begun()).document)),
        (Wrong.RECORD, lambda: replace(case(completed()), document=None)),
        (Wrong.LEDGER, lambda: case(cancelled())),
        (Wrong.LEDGER, lambda: case(completed(), calls=cancel("cancelled"))),
        (Wrong.LEDGER, lambda: case(failed())),
        (Wrong.LEDGER, lambda: case(failed("no such path"))),
        (Wrong.LEDGER, lambda: replace(case(completed()), priority=Priority.LOW)),
        (Wrong.LEDGER, lambda: replace(case(completed()), blocked=True)),
    ],
)
def test_what_is_wrong_is_found(wrong: Wrong, found: Change) -> None:
    assert wrong in {finding.wrong for finding in found().findings()}
    assert any("task 1" in line for line in found().story())


def test_a_copy_must_be_there_and_what_was_removed_must_not(tmp_path: Path) -> None:
    source, target = tmp_path / "source", tmp_path / "target"
    source.mkdir()
    (source / "f1").write_text("1")
    copy = {"src": str(source), "dst": str(target)}
    (missing,) = case(completed(TaskResult(), "cp"), service="cp", parameters=copy).findings()
    assert missing.wrong is Wrong.WORK
    target.mkdir()
    (target / "f1").write_text("1")
    assert case(completed(TaskResult(), "cp"), service="cp", parameters=copy).findings() == []
    removal = {"path": str(target)}
    (there,) = case(completed(TaskResult(), "rm"), service="rm", parameters=removal).findings()
    assert there.wrong is Wrong.WORK
