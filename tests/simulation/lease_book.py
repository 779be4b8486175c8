"""The judge's own account of leases, by the true time: when each ends, and whether its owner could have kept it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from domain.task import Task
from domain.values import Lease
from tests.simulation.fates import CLIENT_TIMEOUT_S
from tests.simulation.knowledge import Knowledge
from tests.simulation.loop import Life
from tests.simulation.shape import LIFETIMES

RENEWED_WITHIN_S = CLIENT_TIMEOUT_S + LIFETIMES.renew_s + 0.5
"""A renewal comes within this time, though a call before it got no answer."""


class LeaseBook:
    """Times are in seconds since the run began."""

    def __init__(self, knowledge: Knowledge, lives: Mapping[str, Life]) -> None:
        self._knowledge = knowledge
        self._lives = lives
        self._ends: dict[str, tuple[Lease, float]] = {}

    def begins(self, task_id: str, lease: Lease, ends_s: float) -> None:
        """A lease was given or renewed."""
        self._ends[task_id] = lease, ends_s

    def see(self, task: Task, now_s: float) -> None:
        """A ledger was written. A lease that a commit brought along counts as ended until it is renewed."""
        known = self._ends.get(task.task_id)
        if task.lease is None:
            self._ends.pop(task.task_id, None)
        elif known is None or known[0] != task.lease:
            self._ends[task.task_id] = task.lease, now_s

    def failed_over(self, tasks: Iterable[Task], now_s: float) -> None:
        """These are the ledgers now. Until the window ends none is taken over, so no end later than now counts."""
        self._ends.clear()
        for task in tasks:
            self.see(task, now_s)

    def wrong_of_take_over(self, task_id: str, new: Lease | None, now_s: float) -> tuple[str, str] | None:
        """Return the rule that a take-over broke, if it broke one, and what shows it."""
        lease, ends_s = self._ends[task_id]
        if lease == new:
            return None  # a repeated call
        if now_s < ends_s:
            return "a lease was taken over before its end", f"task {task_id}: {lease} ends at {ends_s}"
        if self._was_kept_well(task_id, lease, now_s):
            return "an owner that was well lost its lease", f"task {task_id}: {lease}"
        return None

    def _was_kept_well(self, task_id: str, lease: Lease, now_s: float) -> bool:
        """Whether the owner knew of its claim, and nothing kept it from renewing it."""
        life = self._lives[lease.owner]
        known = self._knowledge.claimed[life].get(task_id)
        well_since = max(life.troubled_at, default=-RENEWED_WITHIN_S)
        return known == lease and life.goes_on and well_since <= now_s - RENEWED_WITHIN_S
