"""How operators see what operators did."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

from msgspec import Struct

from domain.audit import Action
from entrypoints.http.schemas.fields import Cursor, described


class AuditEntry(Struct, frozen=True):
    """One action of an operator."""

    at: datetime
    operator: Annotated[str, described("The name that belongs to the operator's token.", "kim")]
    address: Annotated[str, described("Where the call came from.", "10.0.0.7")]
    action: Action
    task_id: Annotated[str | None, described("The task that it was about, if any.", "10")]
    user_id: Annotated[
        str | None,
        described("Whom a block was about; `null`, where no task is named, for everybody.", "alice"),
    ]
    detail: Annotated[str, described("What else the action said, such as the new priority.", "high")]
    reason: Annotated[str, described("Why, in the operator's words.", "the source is being repaired")]
    outcome: Annotated[str, described("`done`, `refused: …`, or `unknown: …` where the store did not answer.", "done")]


class AuditView(Struct, frozen=True):
    """Part of the audit, the latest action first."""

    events: Sequence[AuditEntry]
    cursor: Cursor
