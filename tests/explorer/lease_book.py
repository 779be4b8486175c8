"""When each lease expires, as whoever reads the ports' descriptions would reckon it."""

from __future__ import annotations

from domain.ports import Snapshot
from tests.explorer.operations import Claim, Commit, Renew, TakeOver
from tests.explorer.player import snapshots_in
from tests.explorer.stores import Operation


class LeaseBook:
    """Kept from what a store is asked and answers. Times are instants of the explorer's clock."""

    def __init__(self) -> None:
        self._ends: dict[str, float] = {}

    def note(self, operation: Operation, answer: object, now: float) -> None:
        """Take in an operation that the store did."""
        match operation:
            case Claim(lease_s=lease_s) | TakeOver(lease_s=lease_s):
                self._ends |= {snapshot.task_id: now + lease_s for snapshot in snapshots_in(answer)}
            case Renew(leases, lease_s):
                lost = answer if isinstance(answer, frozenset) else frozenset()
                self._ends |= {task_id: now + lease_s for task_id in leases if task_id not in lost}
            case Commit():
                if isinstance(answer, Snapshot) and (answer.task is None or answer.task.lease is None):
                    self._ends.pop(answer.task_id, None)

    def has_expired(self, task_id: str, now: float) -> bool:
        """Whether the task may be taken over."""
        return self._ends.get(task_id, float("inf")) <= now

    def expired(self, now: float) -> tuple[str, ...]:
        """Return the tasks whose lease is over, longest over first."""
        return tuple(task_id for end, task_id in sorted((end, id_) for id_, end in self._ends.items()) if end <= now)
