"""Whether a record tells the truth in the end (contract §4)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from domain.task import Task
from tests.frontend.standin.document import FrontendRecord, UnreadableRecord
from tests.frontend.standin.journal import History


@dataclass(frozen=True, slots=True)
class Truth:
    """What a scheduler did, in its own account."""

    status: str
    lines: tuple[str, ...]
    """At least every line that the scheduler wrote itself."""
    pod_status: str | None = None
    launcher_output: str | None = None


def truth_of(task: Task) -> Truth:
    """The truth in a ledger."""
    return Truth(str(task.status), task.lines, task.result.pod_status, task.result.launcher_output)


class Fault(StrEnum):
    """What can be wrong with a record."""

    MISSING = "the record is gone, though nobody deleted it"
    UNREADABLE = "the frontend cannot parse the record"
    REGISTRATION = "identity, parameters or creation time are not as registered"
    STATUS = "the status is not the scheduler's"
    RESULT = "the result is not the scheduler's"
    LOST_LINE = "a line is missing"
    DOUBLE_LINE = "a line is there twice"
    INVENTED_LINE = "a line is there that nobody wrote"
    ORDER = "lines are not in the order of their times"


@dataclass(frozen=True, slots=True)
class Finding:
    """A fault, and what shows it."""

    fault: Fault
    detail: str

    def __str__(self) -> str:
        return f"{self.fault.value}: {self.detail}"


def verdict(document: bytes | None, truth: Truth | None, history: History) -> list[Finding]:
    """Return what is wrong with the final record; nothing if it is right.

    `truth` is None where no scheduler has taken the task: then the frontend's words stand. A deleted record may stay
    away; if it came back, it must tell the truth as any other.
    """
    if document is None:
        return [] if history.deleted else [Finding(Fault.MISSING, history.registered.identity.task_id)]
    try:
        record = FrontendRecord.parse(document)
    except UnreadableRecord as error:
        return [Finding(Fault.UNREADABLE, str(error))]
    return [*_registration(record, history), *_outcome(record, truth), *_lines(record, truth, history)]


def _registration(record: FrontendRecord, history: History) -> Iterator[Finding]:
    registered = history.registered
    for name in ("identity", "created_at"):
        found, wanted = getattr(record, name), getattr(registered, name)
        if found != wanted:
            yield Finding(Fault.REGISTRATION, f"{name} is {found!r}, registered was {wanted!r}")
    # As text, for to Python the numbers 1 and 1.0 and the value true are equal.
    parameters, sent = (json.dumps(each.parameters, sort_keys=True) for each in (record, registered))
    if parameters != sent:
        yield Finding(Fault.REGISTRATION, f"parameters are {parameters}, registered were {sent}")


def _outcome(record: FrontendRecord, truth: Truth | None) -> Iterator[Finding]:
    if truth is None:
        return
    if record.status != truth.status:
        yield Finding(Fault.STATUS, f"{record.status} stands over {truth.status}")
    found, wanted = (record.pod_status, record.launcher_output), (truth.pod_status, truth.launcher_output)
    if found != wanted:
        yield Finding(Fault.RESULT, f"{found!r} stands over {wanted!r}")


def _lines(record: FrontendRecord, truth: Truth | None, history: History) -> Iterator[Finding]:
    ours = frozenset(truth.lines) if truth else frozenset()
    present = frozenset(record.logs)
    for line in sorted((ours | history.demanded(accepted=truth is not None)) - present):
        yield Finding(Fault.LOST_LINE, line)
    for line in sorted(present):
        if record.logs.count(line) > 1:
            yield Finding(Fault.DOUBLE_LINE, line)
    if truth is not None:
        for line in sorted(present - ours - history.tried_lines):
            yield Finding(Fault.INVENTED_LINE, line)
    moments = [_moment(line) for line in record.logs]
    if moments != sorted(moments):
        yield Finding(Fault.ORDER, repr(record.logs))


def _moment(line: str) -> tuple[datetime, str]:
    """What a line is ordered by: its time up to the first comma, then its text. Both sides write times that parse."""
    return datetime.fromisoformat(line.partition(",")[0]), line
