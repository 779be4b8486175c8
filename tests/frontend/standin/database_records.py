"""The frontend's side of the memory adapters' database."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from adapters.memory import MemoryDatabase, MemoryFrontendRecords
from domain.record import Record
from domain.values import Priority, TaskResult
from tests.frontend.standin.document import Identity
from tests.frontend.standin.lag import Versions
from tests.frontend.standin.redis_records import RECORD_TTL_S

_KNOWN = frozenset(
    {"task_id", "service", "user_id", "status", "parameters", "active_jobs", "created_at", "updated_at", "logs"}
    | {"result", "priority"}
)
_KNOWN_OF_RESULT = frozenset({"pod_status", "launcher_output"})


class DatabaseRecords:
    """Turns the database's records into documents and back, so that the stand-in sees what it would see in Redis.

    `versions` holds what stands after each write of the frontend's; have a `SteppedStore` call `note` after each
    operation of the scheduler, and it holds every version.
    """

    def __init__(self, database: MemoryDatabase, *, ttl_s: float = RECORD_TTL_S) -> None:
        self.versions = Versions()
        self._database = database
        self._records = MemoryFrontendRecords(database)
        self._ttl_s = ttl_s

    async def next_id(self) -> str:
        return await self._records.next_id()

    async def read(self, task_id: str) -> bytes | None:
        return self.peek(task_id)

    async def write(self, identity: Identity, document: bytes) -> None:
        await self._records.write(record_from(document), self._ttl_s)
        self.note(identity.task_id)

    async def delete(self, identity: Identity) -> None:
        await self._records.delete(identity.task_id)
        self.note(identity.task_id)

    def peek(self, task_id: str) -> bytes | None:
        """The newest version, seen from outside."""
        record = self._database.records.get(task_id)
        return None if record is None else document_of(record)

    def note(self, task_id: str) -> None:
        """Remember the version that stands now."""
        self.versions.note(task_id, self.peek(task_id))


def document_of(record: Record) -> bytes:
    """The record as the JSON document that Redis would hold."""
    result = {"pod_status": record.result.pod_status, "launcher_output": record.result.launcher_output}
    fields = {
        "task_id": record.task_id,
        "service": record.service,
        "user_id": record.user_id,
        "status": record.status,
        "parameters": record.parameters,
        "active_jobs": record.active_jobs,
        "created_at": record.created_at,
        "updated_at": record.updated_at,
        "logs": record.logs,
        "result": {**result, **record.result_extra},
        "priority": str(record.priority),
        **record.extra,
    }
    return json.dumps(fields).encode()


def record_from(document: bytes) -> Record:
    """The record in a document that the frontend wrote."""
    fields: Mapping[str, Any] = json.loads(document)
    result = fields.get("result", {})
    return Record(
        task_id=fields["task_id"],
        service=fields["service"],
        user_id=fields["user_id"],
        status=fields["status"],
        parameters=fields.get("parameters", {}),
        active_jobs=tuple(fields.get("active_jobs", ())),
        created_at=fields.get("created_at", ""),
        updated_at=fields.get("updated_at", ""),
        logs=tuple(fields.get("logs", ())),
        result=TaskResult(result.get("pod_status"), result.get("launcher_output")),
        priority=Priority(fields.get("priority", "low")),
        extra={name: value for name, value in fields.items() if name not in _KNOWN},
        result_extra={name: value for name, value in result.items() if name not in _KNOWN_OF_RESULT},
    )
