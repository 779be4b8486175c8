"""What the frontend does to a record (contract §3): a change in memory to whatever it had read, saved as a whole."""

from __future__ import annotations

from dataclasses import dataclass, replace

from hypothesis import strategies as st

from domain.reconcile import FRONTEND_CANCEL_MESSAGE
from domain.record import Record
from domain.testing.moments import instant_texts
from domain.values import TaskStatus

_UNAVAILABLE = "Scheduler unavailable at http://dms-scheduler"

_SAVES: tuple[tuple[str | None, str | None], ...] = (
    ("dispatching", "Dispatching to scheduler"),
    (None, "Scheduler acknowledged submission"),
    ("running", None),
    ("failed", 'Scheduler returned 403: {"detail": "blocked"}'),
    ("failed", _UNAVAILABLE),
    ("failed", "Connection reset by peer,\nwhile reading"),
    (None, FRONTEND_CANCEL_MESSAGE),
    ("cancelled", "Cancellation acknowledged by scheduler"),
    (None, _UNAVAILABLE),
    (None, "Cancellation error: ReadError('')"),
)
"""Status and message of each kind of save; None leaves the status, or writes no line."""


@dataclass(frozen=True, slots=True)
class FrontendWrite:
    """One save, as a function of the version that the frontend had read, which may be older than our last write."""

    at: str
    """By the frontend's clock, as it stands in the record."""
    status: str | None
    message: str | None
    keeps_unknown: bool = False
    """Today's frontend drops fields that it doesn't know; a newer one may keep more."""

    @property
    def line(self) -> str | None:
        """The log line that the save appends."""
        return None if self.message is None else f"{self.at},{self.message}"

    @property
    def says_cancelled(self) -> bool:
        """Whether the record says ``cancelled`` after this save."""
        return self.status == TaskStatus.CANCELLED

    def __call__(self, read: Record) -> Record:
        """Return the record that is saved."""
        line = self.line
        logs = read.logs if line is None else (*read.logs, line)
        saved = replace(read, status=self.status or read.status, logs=logs, updated_at=self.at)
        return saved if self.keeps_unknown else replace(saved, extra={}, result_extra={})


def frontend_writes(keeps_unknown: bool = False) -> st.SearchStrategy[FrontendWrite]:
    """Saves of every kind that the frontend makes while it submits and cancels a task.

    Example: ``FrontendWrite("2026-03-12T10:00:00+09:00", "running", None)(record)`` sets ``running``, whatever the
    version ``record`` said.
    """
    saves = st.sampled_from(_SAVES)
    return st.builds(lambda at, save: FrontendWrite(at, save[0], save[1], keeps_unknown), instant_texts(), saves)
