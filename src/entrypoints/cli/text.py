"""Texts for people: what users and movers wrote may not move the cursor of a terminal."""

from __future__ import annotations

import json

from domain.record import Record


def printable(text: str) -> str:
    """Return ``text`` with everything but line breaks and printable characters escaped."""
    return "".join(each if each == "\n" or each.isprintable() else ascii(each)[1:-1] for each in text)


def record_text(record: Record) -> str:
    """Return a record as the frontend shows it (contract §2), in indented JSON."""
    document = {
        "task_id": record.task_id,
        "service": record.service,
        "user_id": record.user_id,
        "status": record.status,
        "parameters": dict(record.parameters),
        "active_jobs": list(record.active_jobs),
        "created_at": record.created_at,
        "updated_at": record.updated_at,
        "logs": list(record.logs),
        "result": {"pod_status": record.result.pod_status, "launcher_output": record.result.launcher_output},
        "priority": record.priority,
    }
    return json.dumps(document, indent=2)


def one_line(text: str) -> str:
    """Return ``text`` as one line of printable characters."""
    return printable(text).replace("\n", r"\n")
