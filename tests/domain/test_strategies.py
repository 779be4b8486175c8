"""The strategies of domain.testing keep what their docstrings promise, and reach what tests rely on."""

import inspect
import json
from collections.abc import Callable
from typing import Any, TypeVar

import pytest
from hypothesis import Phase, find, given, settings
from hypothesis import strategies as st

from domain import testing
from domain.logs import line_instant
from domain.record import Record
from domain.task import Task
from domain.testing import (
    COMMANDS,
    Document,
    FrontendWrite,
    History,
    Player,
    frontend_writes,
    histories,
    instant_texts,
    legal_commands,
    races,
    record_documents,
    record_of,
    records,
    tasks,
    timed_lines,
)
from domain.values import TaskStatus

T = TypeVar("T")


def reaches(strategy: st.SearchStrategy[T], *conditions: Callable[[T], Any]) -> None:
    """Look at examples until each condition was met by one; raises where none is found for some."""
    missing = list(conditions)

    def all_met(example: T) -> bool:
        missing[:] = [condition for condition in missing if not condition(example)]
        return not missing

    search = settings(max_examples=3_000, database=None, derandomize=True, phases=[Phase.generate])
    find(strategy.map(all_met), bool, settings=search)


def values(document: Document) -> list[object]:
    return list(document["parameters"].values())


@pytest.mark.slow
def test_documents_hold_what_clients_write() -> None:
    reaches(
        record_documents(),
        lambda document: "priority" not in document and "active_jobs" not in document,
        lambda document: "x_newer" in document,
        lambda document: len(document["result"]) > 2,
        lambda document: document["parameters"].get("src"),
        lambda document: [] in values(document),
        lambda document: {} in values(document),
        lambda document: any(type(value) is int and abs(value) > 2**53 for value in values(document)),
        lambda document: any(type(value) is float for value in values(document)),
        lambda document: any(line_instant(line) is None for line in document["logs"]),
    )


@given(record_documents())
def test_documents_are_json_and_are_read_as_they_stand(document: Document) -> None:
    assert json.loads(json.dumps(document)) == document
    record = record_of(document)
    assert record.parameters == document["parameters"]
    assert {**document, **record.extra} == document
    assert record.priority == document.get("priority", "low")


def test_the_contracts_example_is_read() -> None:
    text = """{"task_id": "10", "service": "sync", "user_id": "alice", "status": "pending",
     "parameters": {"src": "/home/gpu1/a", "dst": "/pvs/b", "options": "--delete"},
     "active_jobs": [], "created_at": "2026-03-12T10:00:00.123456+09:00", "updated_at": "",
     "logs": ["2026-03-12T10:00:00.200000+09:00,Dispatching to scheduler"],
     "result": {"pod_status": null, "launcher_output": null, "newer": 1}, "priority": "low", "x": []}"""
    record = record_of(json.loads(text))
    assert (record.task_id, record.incarnation.created_at) == ("10", "2026-03-12T10:00:00.123456+09:00")
    assert (record.extra, record.result_extra) == ({"x": []}, {"newer": 1})


@pytest.mark.slow
@pytest.mark.parametrize("status", TaskStatus)
def test_tasks_of_each_status_have_all_kinds_of_past(status: TaskStatus) -> None:
    reaches(
        tasks(status),
        lambda task: task.status is status,
        lambda task: task.generation == 2,
        lambda task: len(task.attempts) > 1,
        lambda task: any(line_instant(line) is None for line in task.lines),
    )


def test_waiting_tasks_are_claimed_or_not_and_delayed_or_not() -> None:
    reaches(
        tasks(TaskStatus.PENDING),
        lambda task: task.lease is not None,
        lambda task: task.lease is None and task.retry_at is None,
        lambda task: task.lease is None and task.retry_at is not None,
    )


@pytest.mark.slow
def test_histories_hold_every_command_obeyed_and_refused() -> None:
    def played(name: str, refused: bool) -> Callable[[History], bool]:
        return lambda history: any(
            (step.refusal is not None) is refused for step in history.play() if step.step.command.name == name
        )

    reaches(histories(), *(played(name, refused) for name in COMMANDS for refused in (False, True)))


def test_every_transition_of_a_task_is_a_command() -> None:
    methods = {name for name, member in vars(Task).items() if inspect.isfunction(member) and name[0] != "_"}
    no_transitions = {"learn", "lose_record", "find_record", "is_held_under"}
    assert methods - no_transitions == set(COMMANDS), "what is no transition is named here"


@given(histories())
def test_a_history_plays_the_same_every_time(history: History) -> None:
    assert list(history.play()) == list(history.play())
    assert history.tasks[1:] == tuple(played.after for played in history.play())


@given(records(), frontend_writes(), frontend_writes(keeps_unknown=True))
def test_a_save_is_a_whole_record(read: Record, write: FrontendWrite, newer: FrontendWrite) -> None:
    saved = write(read)
    assert saved.logs[: len(read.logs)] == read.logs
    assert saved.logs[len(read.logs) :] == (() if write.line is None else (write.line,))
    assert saved.status == (write.status or read.status)
    assert (saved.extra, saved.result_extra, saved.result) == ({}, {}, read.result)
    assert newer(read).extra is read.extra


@pytest.mark.slow
def test_races_lose_lines_and_status_as_the_contract_says() -> None:
    reaches(
        races(),
        lambda race: not set(race.task.lines) <= set(race.record.logs),
        lambda race: race.task.status == "completed" and race.record.status == "running",
        lambda race: race.task.status == "completed" and race.record.status == "cancelled",
        lambda race: race.task.generation > 1 and race.record.status == "cancelled",
    )


@given(timed_lines())
def test_timed_lines_have_a_time(line: str) -> None:
    assert line_instant(line) is not None


def test_texts_of_moments_leave_out_a_fraction_of_zero_and_differ_in_offset() -> None:
    reaches(instant_texts(), lambda text: "." not in text and text.endswith("+09:00"), lambda text: text.endswith("Z"))


def test_all_that_is_promised_can_be_imported_and_says_what_it_is() -> None:
    for name in testing.__all__:
        assert name in ("COMMANDS", "EPOCH", "NEVER_GIVEN", "SERVICES", "USERS", "Document") or (
            getattr(testing, name).__doc__
        )
    assert Player.__module__.startswith("domain.testing.")
    assert legal_commands.__doc__
