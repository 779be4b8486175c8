"""Records as today's frontend writes them, which nearly all are: parsed in one go, at a third of the cost.

Any other goes through :mod:`adapters.redis.record_codec` field by field, which may find that it is right all the same.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from adapters.redis.record_parameters import UNREADABLE, check_depth
from domain.record import Record
from domain.values import Priority, TaskResult

Fields = Mapping[str, msgspec.Raw]


class UsualResult(msgspec.Struct, forbid_unknown_fields=True):
    """A record's result as today's frontend writes it."""

    pod_status: str | None
    launcher_output: str | None


class UsualRecord(msgspec.Struct, forbid_unknown_fields=True):
    """A record as today's frontend writes it: all fields that we know, none that we don't, and none broken."""

    task_id: str
    service: str
    user_id: str
    status: str
    parameters: dict[str, object]
    active_jobs: tuple[str, ...]
    created_at: str
    updated_at: str
    logs: tuple[str, ...]
    result: UsualResult
    priority: Priority


READ = frozenset(UsualRecord.__struct_fields__)
"""The fields of a record that we know."""

RESULT_READ = frozenset(UsualResult.__struct_fields__)
"""Those of its result."""

_decode_usual = msgspec.json.Decoder(UsualRecord).decode


def read_usual(raw: bytes, fields: Fields) -> Record | None:
    """Return the record that these bytes hold, None for one that today's frontend would not write.

    ``fields`` are those of the same bytes. Raises UnreadableRecord for parameters that are nested too deep.
    """
    if len(fields) != len(READ):
        return None
    try:
        found = _decode_usual(raw)
    except UNREADABLE:
        return None
    check_depth(fields["parameters"], found.parameters)
    return Record(
        task_id=found.task_id,
        service=found.service,
        user_id=found.user_id,
        status=found.status,
        parameters=found.parameters,
        active_jobs=found.active_jobs,
        created_at=found.created_at,
        updated_at=found.updated_at,
        logs=found.logs,
        result=TaskResult(found.result.pod_status, found.result.launcher_output),
        priority=found.priority,
    )
