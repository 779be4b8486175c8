"""What each process was told by the store: what it must not forget, and what it can restore after a fail-over."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from domain.ports import Snapshot
from domain.task import Task
from domain.values import Incarnation, Lease
from tests.simulation.loop import Life


@dataclass(frozen=True, slots=True, order=True)
class Moment:
    """When the store did something, however late the answer came."""

    at_s: float
    number: int
    """How many operations were done before."""
    servers: int = 0
    """How often the store had failed over."""


class Knowledge:
    """Only what reached a process counts: an answer that got lost told it nothing."""

    def __init__(self) -> None:
        self.written: dict[Life, dict[str, tuple[Moment, Task]]] = defaultdict(dict)
        """The latest state of each ledger that a process wrote or was leased."""
        self.claimed: dict[Life, dict[str, Lease]] = defaultdict(dict)
        """Leases that a process got by a claim and heard of."""
        self.servers = 0
        """How often the store has failed over."""
        self._shown: dict[Life, dict[str, tuple[Incarnation, dict[str, None]]]] = defaultdict(dict)

    def wrote(self, life: Life, moment: Moment, snapshots: Sequence[Snapshot]) -> None:
        """A process heard that these are its own changes, or leased to it."""
        written = self.written[life]
        for snapshot in snapshots:
            known = written.get(snapshot.task_id)
            if snapshot.task is not None and (known is None or known[0] < moment):
                written[snapshot.task_id] = moment, snapshot.task
        self.was_shown(life, moment, snapshots)

    def was_leased(self, life: Life, moment: Moment, snapshots: Sequence[Snapshot]) -> None:
        """A process heard that its claim got it these."""
        for snapshot in snapshots:
            if snapshot.task is not None and snapshot.task.lease is not None:
                self.claimed[life][snapshot.task_id] = snapshot.task.lease
        self.wrote(life, moment, snapshots)

    def was_shown(self, life: Life, moment: Moment, snapshots: Sequence[Snapshot]) -> None:
        """A process has read these.

        Lines that were read while the task had no ledger do not count: there was nothing to keep them in, and a commit
        that makes one compares the record, so it keeps what it read. Nor does what a server showed that is gone.
        """
        if moment.servers != self.servers:
            return
        for snapshot in snapshots:
            if snapshot.record is None or snapshot.own_task is None:
                continue
            incarnation, lines = self._shown[life].get(snapshot.task_id, (snapshot.record.incarnation, {}))
            if incarnation != snapshot.record.incarnation:
                lines = {}
            lines.update(dict.fromkeys(snapshot.record.logs))
            self._shown[life][snapshot.task_id] = snapshot.record.incarnation, lines

    def lines_shown(self, life: Life, task: Task) -> set[str]:
        """Return the lines of this task that a process has read."""
        incarnation, lines = self._shown[life].get(task.task_id, (None, {}))
        return set(lines) if incarnation is not None and task.incarnation.is_same_as(incarnation) else set()

    def failed_over(self) -> None:
        """The store is another server: what was only read may be lost for good."""
        self.servers += 1
        self._shown.clear()
        self.claimed.clear()
