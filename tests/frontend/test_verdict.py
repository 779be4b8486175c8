"""The verdict finds each fault, and demands no line that nobody could keep."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.frontend.standin import Fault, FrontendRecord, History, Identity, Journal, Truth, verdict

NOW = datetime(2026, 3, 12, 1, tzinfo=UTC)
FRONTEND = ("2026-03-12T10:00:00+09:00,Dispatching to scheduler", "2026-03-12T10:00:02+09:00,Scheduler acknowledged")
SCHEDULER = ("2026-03-12T01:00:01.000000+00:00,Accepted", "2026-03-12T01:00:03.000000+00:00,Completed")
ALL = (FRONTEND[0], SCHEDULER[0], FRONTEND[1], SCHEDULER[1])
TRUTH = Truth("completed", SCHEDULER, "Succeeded", "done")
REGISTERED = FrontendRecord(
    identity=Identity("1", "sync", "alice"), parameters={"a": 1.0}, created_at="2026-03-12T10:00:00+09:00"
)


def document(**changes: Any) -> bytes:
    fields: dict[str, Any] = json.loads(REGISTERED.dump())
    result = {"pod_status": "Succeeded", "launcher_output": "done"}
    return json.dumps({**fields, "status": "completed", "logs": ALL, "result": result, **changes}).encode()


def save(journal: Journal, lines: tuple[str, ...], line: str | None, *, ends: bool = True) -> bytes:
    """A frontend's save of a record with these lines, the last of which may be new."""
    record = FrontendRecord.parse(document(logs=lines, status="running"))
    saving = journal.saving(record, record.dump(), line, NOW)
    if ends:
        journal.saved(saving)
    return record.dump()


@pytest.fixture
def journal() -> Journal:
    journal = Journal()
    journal.saved(journal.registering(REGISTERED, REGISTERED.dump(), NOW))
    return journal


@pytest.fixture
def history(journal: Journal) -> History:
    """The frontend wrote both of its lines, the second over what the scheduler had written."""
    save(journal, FRONTEND[:1], FRONTEND[0])
    journal.read("1", document(logs=ALL[:2], status="dispatching"))
    save(journal, ALL[:3], FRONTEND[1])
    return journal.histories["1"]


def faults(found: bytes | None, history: History, truth: Truth | None = TRUTH) -> set[Fault]:
    return {finding.fault for finding in verdict(found, truth, history)}


def test_a_record_that_tells_the_truth_has_no_fault(history: History) -> None:
    assert verdict(document(), TRUTH, history) == []


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"status": "running"}, Fault.STATUS),
        ({"status": "asleep"}, Fault.UNREADABLE),
        ({"result": {"pod_status": None, "launcher_output": None}}, Fault.RESULT),
        ({"result": {"pod_status": "Succeeded", "launcher_output": "half"}}, Fault.RESULT),
        ({"logs": ALL[:3]}, Fault.LOST_LINE),
        ({"logs": ALL[:2] + ALL[3:]}, Fault.LOST_LINE),
        ({"logs": ALL[1:]}, Fault.LOST_LINE),
        ({"logs": (*ALL, ALL[3])}, Fault.DOUBLE_LINE),
        ({"logs": (*ALL, "2026-03-12T02:00:00+00:00,Who wrote this?")}, Fault.INVENTED_LINE),
        ({"logs": (ALL[1], ALL[0], *ALL[2:])}, Fault.ORDER),
        ({"parameters": {"a": 1}}, Fault.REGISTRATION),
        ({"user_id": "bob"}, Fault.REGISTRATION),
        ({"created_at": "2026-03-12T10:00:01+09:00"}, Fault.REGISTRATION),
    ],
)
def test_each_fault_is_found(history: History, changes: dict[str, Any], fault: Fault) -> None:
    assert faults(document(**changes), history) == {fault}


def test_a_record_may_be_gone_only_after_a_delete(journal: Journal, history: History) -> None:
    assert faults(None, history) == {Fault.MISSING}
    journal.deleted("1")
    assert faults(None, history) == set()


def test_a_record_that_came_back_must_tell_the_truth(journal: Journal, history: History) -> None:
    journal.deleted("1")
    assert faults(document(), history) == set()
    assert faults(document(status="cancelled"), history) == {Fault.STATUS}


def test_where_no_scheduler_took_the_task_the_frontend_is_right(history: History) -> None:
    assert faults(document(status="failed", logs=FRONTEND), history, None) == set()
    assert faults(document(status="failed", logs=FRONTEND[1:]), history, None) == {Fault.LOST_LINE}


def test_a_line_that_the_frontend_lost_unseen_is_not_demanded(journal: Journal) -> None:
    save(journal, FRONTEND[:1], FRONTEND[0])
    save(journal, FRONTEND[1:], FRONTEND[1])
    assert journal.histories["1"].demanded(accepted=True) == {FRONTEND[1]}


def test_a_lost_line_is_demanded_if_a_scheduler_wrote_it_too(journal: Journal) -> None:
    save(journal, FRONTEND[:1], FRONTEND[0])
    journal.read("1", document(logs=ALL[:2]))
    save(journal, FRONTEND[1:], FRONTEND[1])
    assert journal.histories["1"].demanded(accepted=True) == set(FRONTEND)


def test_without_a_ledger_nobody_can_keep_a_lost_line(journal: Journal) -> None:
    save(journal, FRONTEND[:1], FRONTEND[0])
    journal.shown_to_scheduler("1", FRONTEND[:1])
    save(journal, FRONTEND[1:], FRONTEND[1])
    assert journal.histories["1"].demanded(accepted=False) == {FRONTEND[1]}


def test_a_lost_line_is_not_demanded_because_a_frontend_read_it(journal: Journal) -> None:
    journal.read("1", save(journal, FRONTEND[:1], FRONTEND[0]))
    save(journal, FRONTEND[1:], FRONTEND[1])
    assert journal.histories["1"].demanded(accepted=True) == {FRONTEND[1]}


def test_a_lost_line_is_demanded_if_a_scheduler_was_seen_to_read_it(journal: Journal) -> None:
    save(journal, FRONTEND[:1], FRONTEND[0])
    journal.shown_to_scheduler("1", FRONTEND[:1])
    save(journal, FRONTEND[1:], FRONTEND[1])
    assert journal.histories["1"].demanded(accepted=True) == set(FRONTEND)


def test_of_saves_that_overlap_either_may_be_the_last(journal: Journal) -> None:
    first = journal.saving(FrontendRecord.parse(document(logs=ALL[:2])), b"1", FRONTEND[0], NOW)
    second = journal.saving(FrontendRecord.parse(document(logs=ALL[1:3])), b"2", FRONTEND[1], NOW)
    journal.saved(second)
    journal.saved(first)
    assert journal.histories["1"].demanded(accepted=True) == set()
    save(journal, ALL[:3], None)
    assert journal.histories["1"].demanded(accepted=True) == set(FRONTEND)


def test_a_save_whose_end_nobody_knows_may_be_the_last(journal: Journal) -> None:
    save(journal, FRONTEND[:1], FRONTEND[0])
    save(journal, FRONTEND, FRONTEND[1], ends=False)
    assert journal.histories["1"].demanded(accepted=True) == {FRONTEND[0]}
    assert journal.histories["1"].lines == FRONTEND[:1]


def test_an_id_that_is_used_again_has_a_new_history(journal: Journal, history: History) -> None:
    journal.registering(REGISTERED, REGISTERED.dump(), NOW)
    assert journal.histories["1"].demanded(accepted=True) == set()
    assert history.demanded(accepted=True) == set(FRONTEND)
