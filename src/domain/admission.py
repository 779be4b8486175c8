"""Who may submit and cancel what: requests are held against the registered record (issue: HTTP table, contract §3)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from domain.blocks import BlockFlags
from domain.errors import AlreadyEnded, IdentityMismatch, NotRegistered
from domain.record import Record
from domain.task import Task
from domain.values import Parameters


@dataclass(frozen=True, slots=True)
class Submission:
    """What the frontend asks us to run."""

    task_id: str
    service: str
    user_id: str
    parameters: Parameters
    traceparent: str | None = None
    """The trace that the call belongs to (:mod:`domain.traces`). It decides nothing."""


def admit(request: Submission, task: Task | None, record: Record | None, blocks: BlockFlags) -> Task | Record:
    """Return the live task that was accepted before, or else the record that may be accepted now.

    The checks stand in the order that callers rely on: not registered, not as registered, already ended, blocked.
    ``task`` is the ledger's, of whichever incarnation.

    Raises:
        NotRegistered, IdentityMismatch, AlreadyEnded, Blocked: nothing may change then.
    """
    if record is None:
        raise NotRegistered(request.task_id)
    check_identity(request.task_id, request.service, request.user_id, record)
    if not same_json(request.parameters, record.parameters):
        raise IdentityMismatch(request.task_id, ("parameters",))
    if task is not None and task.incarnation.is_same_as(record):
        if task.is_terminal:
            raise AlreadyEnded(task.task_id, task.status)
        return task
    if record.is_terminal:
        raise AlreadyEnded(record.task_id, record.status)
    blocks.admit(record.user_id)
    return record


def check_identity(task_id: str, service: str, user_id: str, registered: Record | Task) -> None:
    """Raise :class:`IdentityMismatch` naming each field that differs from what is registered."""
    pairs = (("service", service, registered.service), ("user_id", user_id, registered.user_id))
    differing = tuple(name for name, told, known in pairs if told != known)
    if differing:
        raise IdentityMismatch(task_id, differing)


def same_json(left: object, right: object) -> bool:
    """Whether two JSON values are equal; unlike Python, ``true`` is not ``1``."""
    pairs = [(left, right)]
    while pairs:  # and no recursion: a request may be nested as deep as its parser allows
        a, b = pairs.pop()
        if isinstance(a, str):  # nearly all that a request holds
            if a != b:
                return False
        elif isinstance(a, Mapping) and isinstance(b, Mapping):
            if a.keys() != b.keys():
                return False
            pairs.extend((a[key], b[key]) for key in a)
        elif isinstance(a, list | tuple) and isinstance(b, list | tuple):
            if len(a) != len(b):
                return False
            pairs.extend(zip(a, b, strict=True))
        elif isinstance(a, bool) or isinstance(b, bool):
            if a is not b:
                return False
        elif a != b:
            return False
    return True
