"""What operators did: one event for each action, with its author, its reason and what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from domain.operators import Decision

DONE = "done"
"""The outcome of an action that was carried out."""


class Action(StrEnum):
    """What operators can do."""

    PRIORITY = "priority"
    CANCEL = "cancel"
    RETRY = "retry"
    BLOCK = "block"
    ENABLE = "enable"


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEvent:
    """One action of an operator."""

    nonce: str
    """Unlike that of any other event, so that one which is written twice is known again."""
    at: datetime
    action: Action
    by: Decision
    outcome: str
    """:data:`DONE`, ``refused: <why>``, or ``unknown: <why>`` where the store did not answer."""
    task_id: str | None = None
    user_id: str | None = None
    """Whom a block concerns; None, where it is not about a task, for everybody."""
    detail: str = ""
    """What else the action says, such as the new priority."""
