"""The shared record as bytes: what we don't know or don't change goes back exactly as it came (contract §2)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import msgspec

from adapters.redis.record_parameters import UNREADABLE, UnreadableRecord, decode_parameters
from adapters.redis.usual_record import READ, RESULT_READ, Fields, decode_fields, read_usual
from domain.record import Record
from domain.values import Priority, TaskResult

T = TypeVar("T")


_decode_text = msgspec.json.Decoder(str).decode
_decode_texts = msgspec.json.Decoder(list[str]).decode
_decode_items = msgspec.json.Decoder(list[msgspec.Raw]).decode
_encode = msgspec.json.Encoder().encode

_PRIORITIES = frozenset(Priority)


class DecodedRecord(msgspec.Struct, frozen=True):
    """A record and the raw fields that it came from, which writing it back starts from."""

    record: Record
    fields: Fields
    updated_at: str
    """As the document tells it, which ``record`` does not where the document is to be written anew."""


def decode_record(raw: bytes, task_id: str) -> DecodedRecord:
    """Parse a record. What the contract forbids in a field of ours is repaired; identity must be readable.

    Raises:
        UnreadableRecord: not a JSON object, or ``task_id``, ``service``, ``user_id``, ``status`` or ``parameters`` is
            missing or of the wrong type, or ``parameters`` is nested too deep.
    """
    try:
        fields = decode_fields(raw)
    except UNREADABLE as error:
        raise UnreadableRecord(str(error)) from None
    usual = read_usual(raw, fields)
    decoded = _decode_one_by_one(fields) if usual is None else DecodedRecord(usual, fields, usual.updated_at)
    if decoded.record.task_id != task_id:
        raise UnreadableRecord(f"it says that its task_id is {decoded.record.task_id!r}")
    return decoded


def _decode_one_by_one(fields: Fields) -> DecodedRecord:
    try:
        told_id, service, user_id, status = (
            _decode_text(fields[name]) for name in ("task_id", "service", "user_id", "status")
        )
        parameters = decode_parameters(fields.get("parameters"))
    except KeyError as missing:
        raise UnreadableRecord(f"it has no {missing.args[0]}") from None
    except UNREADABLE as error:
        raise UnreadableRecord(str(error)) from None
    logs = _or_none(_decode_texts, fields.get("logs"))
    result = _or_none(decode_fields, fields.get("result"))
    active_jobs = _or_none(_decode_texts, fields.get("active_jobs"))
    updated_at = _or_none(_decode_text, fields.get("updated_at")) or ""
    # A field that breaks the frontend's reads must be written anew even where the task has nothing new to say.
    # So such a record reads as one that was never updated: reconciling always finds something to change.
    broken = (
        logs is None
        or result is None
        or not all(_is_text_or_null(result.get(name)) for name in RESULT_READ)
        or (active_jobs is None and "active_jobs" in fields)
        or not _is_priority(fields.get("priority"))
    )
    record = Record(
        task_id=told_id,
        service=service,
        user_id=user_id,
        status=status,
        parameters=parameters,
        active_jobs=tuple(active_jobs or ()),
        created_at=_or_none(_decode_text, fields.get("created_at")) or "",
        updated_at="" if broken else updated_at,
        logs=tuple(_repaired_logs(fields.get("logs")) if logs is None else logs),
        result=_decode_result(result or {}),
        priority=_decode_priority(fields.get("priority")),
        extra={name: bytes(value) for name, value in fields.items() if name not in READ},
        result_extra={name: bytes(value) for name, value in (result or {}).items() if name not in RESULT_READ},
    )
    return DecodedRecord(record, fields, updated_at)


def encode_record(record: Record, original: Fields) -> bytes:
    """Write ``record`` over the document that it was read from, in that document's order of fields."""
    result: dict[str, object] = dict(_or_none(decode_fields, original.get("result")) or {})
    result |= {"pod_status": record.result.pod_status, "launcher_output": record.result.launcher_output}
    document: dict[str, object] = dict(original)
    document |= {
        "status": record.status,
        "priority": record.priority,
        "active_jobs": record.active_jobs,
        "result": result,
        "logs": record.logs,
        "updated_at": record.updated_at,
    }
    return _encode(document)


def _or_none(decode: Callable[[msgspec.Raw], T], raw: msgspec.Raw | None) -> T | None:
    if raw is None:
        return None
    try:
        return decode(raw)
    except UNREADABLE:
        return None


def _is_text_or_null(raw: msgspec.Raw | None) -> bool:
    return raw is None or bytes(raw) == b"null" or _or_none(_decode_text, raw) is not None


def _decode_result(fields: Fields) -> TaskResult:
    return TaskResult(
        _or_none(_decode_text, fields.get("pod_status")), _or_none(_decode_text, fields.get("launcher_output"))
    )


def _decode_priority(raw: msgspec.Raw | None) -> Priority:
    return Priority.HIGH if _or_none(_decode_text, raw) == Priority.HIGH else Priority.LOW


def _is_priority(raw: msgspec.Raw | None) -> bool:
    return raw is None or _or_none(_decode_text, raw) in _PRIORITIES


def _repaired_logs(raw: msgspec.Raw | None) -> list[str]:
    """Keep every entry of a broken list of lines; what is no string becomes one."""
    items = _or_none(_decode_items, raw) or []
    texts = (_or_none(_decode_text, item) for item in items)
    return [
        bytes(item).decode(errors="replace") if text is None else text for item, text in zip(items, texts, strict=True)
    ]
