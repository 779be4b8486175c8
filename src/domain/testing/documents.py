"""Records: as JSON documents, the way clients write them, and as the domain holds them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import strategies as st

from domain.record import Record
from domain.testing.identity import incarnations, priorities, task_ids
from domain.testing.lines import logs
from domain.testing.moments import instant_texts
from domain.values import Incarnation, Priority, TaskResult, TaskStatus

Document = dict[str, Any]

_KNOWN = frozenset(Record.__dataclass_fields__) - {"extra", "result_extra"}
_KNOWN_OF_RESULT = frozenset(TaskResult.__dataclass_fields__)
_STATUSES = st.sampled_from([str(status) for status in TaskStatus])
_PATHS = ("/pvs/a", "/pvs/b", "/home/gpu1/c d", "/", "/pvs/../etc", "relative")


def json_values() -> st.SearchStrategy[object]:
    """Any JSON value: empty arrays and objects, integers of 64 bits, floats without a fraction.

    Example: ``{"a": [], "b": {}, "c": 18446744073709551615, "d": 1.0}``.
    """
    numbers = st.integers(-(2**63), 2**64 - 1) | st.floats(allow_nan=False, allow_infinity=False)
    telling = st.sampled_from((2**53 + 1, 2**64 - 1, -(2**63), 1.0, 1))
    scalars = st.none() | st.booleans() | telling | numbers | st.text(max_size=8)
    return st.recursive(scalars, lambda inner: st.lists(inner, max_size=3) | _objects(inner), max_leaves=6)


def parameters() -> st.SearchStrategy[dict[str, object]]:
    """Parameters of a task: usually those of a mover, else any JSON object.

    Example: ``{"src": "/pvs/a", "dst": "/pvs/b", "options": "--delete"}``.
    """
    paths: st.SearchStrategy[object] = st.sampled_from(_PATHS)
    usual = st.fixed_dictionaries({"src": paths, "dst": paths}, optional={"options": st.just("--delete --contents")})
    return usual | _objects(json_values())


def results() -> st.SearchStrategy[TaskResult]:
    """What the frontend shows of the work.

    Example: ``TaskResult("local: Running", "12 files")``.
    """
    texts = st.none() | st.text(max_size=10)
    return st.builds(TaskResult, texts, texts)


def record_documents(status: st.SearchStrategy[str] = _STATUSES) -> st.SearchStrategy[Document]:
    """Records as they stand in Redis: perhaps without ``priority`` and ``active_jobs``, perhaps with unknown fields.

    Example: ``{"task_id": "10", "service": "sync", "user_id": "alice", "status": "pending", "parameters": {},
    "created_at": "2026-03-12T10:00:00+09:00", "updated_at": "2026-03-12T10:00:00+09:00", "logs": [],
    "result": {"pod_status": None, "launcher_output": None}, "x_newer": []}``.
    """
    result = st.builds(
        lambda result, unknown: {"pod_status": result[0], "launcher_output": result[1], **unknown},
        results().map(lambda result: (result.pod_status, result.launcher_output)),
        _unknown_fields(),
    )
    fields = st.fixed_dictionaries(
        {
            "task_id": task_ids(),
            "status": status,
            "parameters": parameters(),
            "updated_at": instant_texts(),
            "logs": logs().map(list),
            "result": result,
        },
        optional={
            "priority": priorities().map(str),
            "active_jobs": st.lists(st.text(min_size=1, max_size=8), max_size=2),
        },
    )
    return st.builds(_document, fields, incarnations(), _unknown_fields())


def records(status: st.SearchStrategy[str] = _STATUSES) -> st.SearchStrategy[Record]:
    """Records in memory, of any status or of those that ``status`` yields.

    Example: ``record_of(document)`` for a document of :func:`record_documents`.
    """
    return record_documents(status).map(record_of)


def registered_records() -> st.SearchStrategy[Record]:
    """Records of tasks that a scheduler may accept, as the frontend registers them: ``pending`` and without a result.

    Example: ``Record(task_id="10", service="sync", user_id="alice", status="pending")``.
    """
    return records(st.just("pending")).map(_fresh)


def record_of(document: Document) -> Record:
    """Read a document as the contract (§2) says."""
    result = document.get("result", {})
    return Record(
        task_id=document["task_id"],
        service=document["service"],
        user_id=document["user_id"],
        status=document["status"],
        parameters=document.get("parameters", {}),
        active_jobs=tuple(document.get("active_jobs", ())),
        created_at=document.get("created_at", ""),
        updated_at=document.get("updated_at", ""),
        logs=tuple(document.get("logs", ())),
        result=TaskResult(result.get("pod_status"), result.get("launcher_output")),
        priority=Priority(document.get("priority", "low")),
        extra={name: value for name, value in document.items() if name not in _KNOWN},
        result_extra={name: value for name, value in result.items() if name not in _KNOWN_OF_RESULT},
    )


def _objects(values: st.SearchStrategy[object]) -> st.SearchStrategy[dict[str, object]]:
    return st.dictionaries(st.text(max_size=6), values, max_size=3)


def _unknown_fields() -> st.SearchStrategy[dict[str, object]]:
    names = st.sampled_from(("x_newer", "labels", "schema"))
    return st.dictionaries(names, json_values(), max_size=2)


def _document(fields: Document, incarnation: Incarnation, unknown: Document) -> Document:
    identity = {
        "service": incarnation.service,
        "user_id": incarnation.user_id,
        "created_at": incarnation.created_at,
    }
    return {**fields, **identity, **unknown}


def _fresh(record: Record) -> Record:
    return replace(record, active_jobs=(), result=TaskResult())
