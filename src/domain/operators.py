"""Operators: who decided something about a task or a user, from where, and why."""

from __future__ import annotations

from dataclasses import dataclass

from domain.errors import Refused

SHARED_NAME = "operator"
"""Whoever uses the token that all operators share."""

LONGEST_REASON = 500
"""Characters: a reason is one line of a log that users read."""


class InvalidReason(Refused):
    """The reason does not fit on one line of a log."""

    def __init__(self) -> None:
        super().__init__(f"a reason is one line of at most {LONGEST_REASON} printable characters")


@dataclass(frozen=True, slots=True)
class Decision:
    """What an operator answers for."""

    operator: str
    """The name that belongs to the operator's token."""
    address: str = ""
    """Where the call came from; empty where that is not known."""
    reason: str = ""
    """In the operator's own words, for users too; empty where none was given."""

    @property
    def words(self) -> str:
        """For a log line, such as ``by operator kim: the source is being repaired``."""
        who = "operator" if self.operator == SHARED_NAME else f"operator {self.operator}"
        return f"by {who}: {self.reason}" if self.reason else f"by {who}"


def valid_reason(text: str) -> str:
    """Return ``text`` without the space around it, or raise :class:`InvalidReason`."""
    reason = text.strip()
    if len(reason) > LONGEST_REASON or not reason.isprintable():
        raise InvalidReason
    return reason
