"""What names a workload and says whose it is, on the cluster."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from domain.execution import WorkOrder
from domain.instants import as_utc, parse_instant
from domain.values import Incarnation

TASK_LABEL = "dms/task-id"
ATTEMPT_LABEL = "dms/attempt"
SELECTOR = TASK_LABEL
"""Selects whatever carries the label, with any value."""

CREATED_AT = "dms/created-at"
SERVICE = "dms/service"
USER = "dms/user"
ATTEMPT = "dms/attempt"

LONGEST_NAME = 52
"""A name may have 63 characters, and the workload's is part of its pods' names, such as ``…-worker-100``."""

_NOT_IN_A_NAME = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True, slots=True)
class WorkKey:
    """One attempt at one task, whatever its id stood for before."""

    task_id: str
    attempt: int
    created_at: str


def key_of(order: WorkOrder) -> WorkKey:
    """Return the key of an order's work."""
    return WorkKey(order.task_id, order.attempt, _instant(order.created_at))


def read_key(metadata: Mapping[str, object]) -> WorkKey | None:
    """Return whose an object is; None where it does not say so in our words."""
    labels, annotations = _texts(metadata.get("labels")), _texts(metadata.get("annotations"))
    attempt = labels.get(ATTEMPT_LABEL, "")
    if not labels.get(TASK_LABEL) or not (attempt.isascii() and attempt.isdigit()):
        return None
    return WorkKey(labels[TASK_LABEL], int(attempt), _instant(annotations.get(CREATED_AT, "")))


def read_incarnation(metadata: Mapping[str, object]) -> Incarnation:
    """Return the task that an object says it works for."""
    annotations = _texts(metadata.get("annotations"))
    return Incarnation(annotations.get(SERVICE, ""), annotations.get(USER, ""), annotations.get(CREATED_AT, ""))


def belongs_to(metadata: Mapping[str, object], order: WorkOrder) -> bool:
    """Whether an object is this very attempt's: labels, and annotations that tell the task from another of its id."""
    return read_key(metadata) == key_of(order) and read_incarnation(metadata).is_same_as(order.incarnation)


def workload_name(order: WorkOrder) -> str:
    """Return the DNS-safe name that every scheduler derives for this attempt."""
    service = _NOT_IN_A_NAME.sub("-", order.service.lower()).strip("-")
    return f"{order.name}-{service}"[:LONGEST_NAME].rstrip("-")


def labels_of(order: WorkOrder) -> dict[str, str]:
    """Return the labels by which work is found again."""
    return {TASK_LABEL: order.task_id, ATTEMPT_LABEL: str(order.attempt)}


def annotations_of(order: WorkOrder) -> dict[str, str]:
    """Return the annotations that say which task the work belongs to, for a task's id may be used again."""
    return {
        CREATED_AT: order.created_at,
        SERVICE: order.service,
        USER: order.user_id,
        ATTEMPT: str(order.attempt),
    }


def _instant(created_at: str) -> str:
    # Two texts name the same moment where only their offsets differ.
    instant = parse_instant(created_at)
    return created_at if instant is None else as_utc(instant).isoformat()


def _texts(found: object) -> dict[str, str]:
    return {str(key): str(value) for key, value in found.items()} if isinstance(found, dict) else {}
