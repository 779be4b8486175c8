"""docs/state-machine.md says what `domain.task` does: every step is tried in every state, and compared row by row."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from inspect import isfunction
from typing import NamedTuple

from domain.errors import DomainError
from domain.record import Record
from domain.task import Task
from domain.values import Lease, Priority, TaskResult
from tests.docs.markdown import DOCS, blocks, quoted, table

PAGE = DOCS / "state-machine.md"
AT = datetime(2026, 3, 12, 10, tzinfo=UTC)
LEASE = Lease("replica", 1, "a")
TOKEN = LEASE.token
RECORD = Record(task_id="1", service="sync", user_id="alice", status="pending", created_at=AT.isoformat())
BIRTHS: dict[str, Callable[[], Task]] = {
    "accept": lambda: Task.accept(RECORD, AT),
    "refuse": lambda: Task.refuse(RECORD, "<reason>", AT),
    "cancel_unsubmitted": lambda: Task.cancel_unsubmitted(RECORD, AT),
}
STEPS: dict[str, Callable[[Task], Task]] = {
    "claim": lambda task: task.claim(LEASE),
    "take_over": lambda task: task.take_over(Lease("other", 2, "b")),
    "dispatch": lambda task: task.dispatch(TOKEN, AT),
    "start": lambda task: task.start(TOKEN, "<job>", AT),
    "report": lambda task: task.report(TOKEN, AT, None, TaskResult("x", "y")),
    "complete": lambda task: task.complete(TOKEN, TaskResult(), AT),
    "fail": lambda task: task.fail(TOKEN, "<reason>", AT),
    "request_cancel": lambda task: task.request_cancel(AT),
    "confirm_cancel": lambda task: task.confirm_cancel(TOKEN, AT),
    "retry_later": lambda task: task.retry_later(TOKEN, "<reason>", AT + timedelta(minutes=1), AT),
    "hand_back": lambda task: task.hand_back(TOKEN, AT, "<reason>"),
    "lose_owner": lambda task: task.lose_owner(TOKEN, AT, "<reason>"),
    "reopen": lambda task: task.reopen(AT),
    "refuse_retry": lambda task: task.refuse_retry("<reason>", AT),
    "change_priority": lambda task: task.change_priority(Priority.HIGH, AT),
}
NO_STEP = {"learn", "lose_record", "find_record"}
"""These move nothing in any status, as the page says."""
ASKS = {"is_held_under"}
"""These change nothing at all."""


class Row(NamedTuple):
    """One line of the page's table."""

    step: str
    before: str
    after: str
    lines: tuple[str, ...]


def test_the_table_has_exactly_the_steps_that_the_code_has() -> None:
    written = {
        Row(quoted(step)[0], before, after, tuple(quoted(line))) for step, before, after, _, line in table(PAGE, "step")
    }
    assert written == set(walked())


def test_every_public_method_that_changes_a_task_is_on_the_page() -> None:
    methods = {name for name, member in vars(Task).items() if isfunction(member) and not name.startswith("_")}
    births = {name for name, member in vars(Task).items() if isinstance(member, classmethod)}
    assert methods - NO_STEP - ASKS == STEPS.keys()
    assert births == BIRTHS.keys()


def test_the_picture_shows_the_same_moves() -> None:
    drawn = {
        (before, after, name)
        for before, after, names in re.findall(r"^ *(\S+) --> (\S+): (.*)$", blocks(PAGE, "mermaid")[0], re.MULTILINE)
        for name in re.sub(r" \(.*?\)", "", names).split(", ")
    }
    moves = {(status(row.before), status(row.after), row.step) for row in walked()}
    assert drawn == {(before, after, step) for before, after, step in moves if before != after}


def status(state: str) -> str:
    """The state's status, as the picture names it."""
    return "[*]" if state == "(none)" else state.partition(",")[0]


def walked() -> Iterator[Row]:
    """Every step that some state allows."""
    for name, birth in BIRTHS.items():
        born = birth()
        yield Row(name, "(none)", state(born), tuple(map(message, born.lines)))
    for task in states():
        for name, step in STEPS.items():
            try:
                moved = step(task)
            except DomainError:
                continue
            yield Row(name, state(task), state(moved), tuple(map(message, moved.lines[len(task.lines) :])))


def states() -> list[Task]:
    """A task in each state that a table may name, and in each form that a step may tell apart."""
    waiting = Task.accept(RECORD, AT)
    leased = waiting.claim(LEASE)
    dispatching = leased.dispatch(TOKEN, AT)
    running = dispatching.start(TOKEN, "job", AT)
    stopping = [task.request_cancel(AT) for task in (leased, dispatching, running)]
    ended = [running.complete(TOKEN, TaskResult(), AT), running.fail(TOKEN, "x", AT), waiting.request_cancel(AT)]
    return [waiting, leased, dispatching, running, *stopping, *ended]


def state(task: Task) -> str:
    """The task's state, as the table names it."""
    if task.status != "pending":
        return str(task.status)
    return "pending, leased" if task.lease else "pending, waiting"


def message(line: str) -> str:
    """A line without its time, and with what differs from task to task replaced by its name."""
    text = line.partition(",")[2]
    text = re.sub(r"ttempt \d+", "ttempt <n>", text)
    text = re.sub(r"\d{4}-\d\d-\d\dT[0-9:+]+(?=:)", "<time>", text)
    return re.sub(r"Priority changed to \w+", "Priority changed to <priority>", text)
