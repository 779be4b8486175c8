"""The record as dms-frontend reads and writes it (contract §2): strictly, and without fields that it doesn't know."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import Enum
from functools import lru_cache

STATUSES = frozenset({"pending", "dispatching", "running", "completed", "failed", "cancel_requested", "cancelled"})
TERMINAL = frozenset({"completed", "failed", "cancelled"})
PRIORITIES = frozenset({"high", "low"})


class Dialect(Enum):
    """Which frontend writes: older ones know neither `active_jobs` nor `priority`, so their saves drop them."""

    TODAY = "today"
    OLD = "old"


class UnreadableRecord(Exception):
    """The frontend can't parse the record: every read of that task, and every listing that holds it, fails."""


@dataclass(frozen=True, slots=True)
class Identity:
    """What the frontend keeps of a task outside its record: in the metadata, in the indexes, in its calls."""

    task_id: str
    service: str
    user_id: str

    def body(self) -> dict[str, object]:
        """The fields that every call to the scheduler carries."""
        return {"task_id": self.task_id, "service": self.service, "user_id": self.user_id}


@dataclass(frozen=True, slots=True, kw_only=True)
class FrontendRecord:
    """A record in the frontend's memory. It holds the fields that the frontend knows, and so no others."""

    identity: Identity
    status: str = "pending"
    parameters: Mapping[str, object] = field(default_factory=dict)
    active_jobs: tuple[str, ...] = ()
    created_at: str = ""
    updated_at: str = ""
    logs: tuple[str, ...] = ()
    pod_status: str | None = None
    launcher_output: str | None = None
    priority: str = "low"

    @classmethod
    @lru_cache(maxsize=10_000)
    def parse(cls, document: bytes) -> FrontendRecord:
        """Read a record. Raises UnreadableRecord where the frontend would fail."""
        try:
            fields = json.loads(document)
        except ValueError as error:
            raise UnreadableRecord(f"no JSON: {error}") from error
        if not isinstance(fields, dict):
            raise UnreadableRecord("no JSON object")
        result = _object(fields, "result")
        return cls(
            identity=Identity(_text(fields, "task_id"), _text(fields, "service"), _text(fields, "user_id")),
            status=_one_of(STATUSES, _text(fields, "status")),
            parameters=_object(fields, "parameters"),
            active_jobs=_texts(fields, "active_jobs"),
            created_at=_text(fields, "created_at", ""),
            updated_at=_text(fields, "updated_at", ""),
            logs=_texts(fields, "logs"),
            pod_status=_text_or_null(result, "pod_status"),
            launcher_output=_text_or_null(result, "launcher_output"),
            priority=_one_of(PRIORITIES, _text(fields, "priority", "low")),
        )

    def dump(self, dialect: Dialect = Dialect.TODAY) -> bytes:
        """Write the whole record, in the order of the contract's example."""
        fields: dict[str, object] = {
            **self.identity.body(),
            "status": self.status,
            "parameters": self.parameters,
            "active_jobs": self.active_jobs,
            "created_at": self.created_at,
            "updated_at": self.updated_at,
            "logs": self.logs,
            "result": {"pod_status": self.pod_status, "launcher_output": self.launcher_output},
            "priority": self.priority,
        }
        if dialect is Dialect.OLD:
            del fields["active_jobs"], fields["priority"]
        return json.dumps(fields).encode()

    def changed(self, at: datetime, status: str | None, line: str | None) -> FrontendRecord:
        """The record with another status, one more line, or both, saved at the moment `at`."""
        return replace(
            self,
            status=status or self.status,
            logs=self.logs if line is None else (*self.logs, line),
            updated_at=at.isoformat(),
        )


def log_line(at: datetime, message: str) -> str:
    """A line as the frontend writes it: `isoformat()` leaves a fraction of zero away."""
    return f"{at.isoformat()},{message}"


_MISSING = object()


def _text(fields: Mapping[str, object], name: str, default: object = _MISSING) -> str:
    value = fields.get(name, default)
    if not isinstance(value, str):
        raise UnreadableRecord(f"{name} is missing" if value is _MISSING else f"{name} is no string: {value!r}")
    return value


def _text_or_null(fields: Mapping[str, object], name: str) -> str | None:
    return None if fields.get(name) is None else _text(fields, name)


def _texts(fields: Mapping[str, object], name: str) -> tuple[str, ...]:
    value = fields.get(name, [])
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise UnreadableRecord(f"{name} is no list of strings: {value!r}")
    return tuple(value)


def _object(fields: Mapping[str, object], name: str) -> Mapping[str, object]:
    value = fields.get(name, {})
    if not isinstance(value, dict):
        raise UnreadableRecord(f"{name} is no object: {value!r}")
    return value


def _one_of(accepted: frozenset[str], value: str) -> str:
    if value not in accepted:
        raise UnreadableRecord(f"{value!r} is none of {sorted(accepted)}")
    return value
