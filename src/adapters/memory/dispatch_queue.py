"""Claims and leases in this process's memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from adapters.memory.database import MemoryDatabase
from adapters.memory.ledgers import Ledger
from domain.dispatch import Limits
from domain.ports import QueueOverview, Snapshot
from domain.task import Task
from domain.values import Lease


class MemoryDispatchQueue:
    """Implements :class:`domain.ports.DispatchQueue`."""

    def __init__(self, database: MemoryDatabase) -> None:
        self._database = database
        self._ledgers = database.ledgers

    async def claim(self, owner: str, nonces: Sequence[str], limits: Limits, lease_s: float) -> Sequence[Snapshot]:
        queue = self._ledgers.queue
        queue.release_due(self._database.clock.now())
        claimed: list[Snapshot] = []
        for nonce in nonces:
            queued = queue.next_task(limits)
            if queued is None:
                break
            ledger = self._ledger(queued.task_id)
            lease = Lease(owner, ledger.epoch + 1, nonce)
            claimed.append(self._lease(ledger.task.claim(lease), lease_s))
        return claimed

    async def renew(self, leases: Mapping[str, Lease], lease_s: float) -> frozenset[str]:
        lost: set[str] = set()
        for task_id, lease in leases.items():
            ledger = self._ledgers.get(task_id)
            if ledger is None or ledger.task.lease != lease:
                lost.add(task_id)
            else:
                self._extend(task_id, lease_s)
        return frozenset(lost)

    async def take_over(self, owner: str, nonces: Sequence[str], lease_s: float) -> Sequence[Snapshot]:
        taken: list[Snapshot] = []
        for nonce in nonces:
            oldest = self._ledgers.lease_ends.first()
            if oldest is None or oldest[1] > self._database.monotonic():
                break
            ledger = self._ledger(oldest[0])
            lease = Lease(owner, ledger.epoch + 1, nonce)
            taken.append(self._lease(ledger.task.take_over(lease), lease_s))
        return taken

    async def overview(self, heads_per_lane: int = 3) -> QueueOverview:
        queue = self._ledgers.queue
        queue.release_due(self._database.clock.now())
        return QueueOverview(queue.waiting(), queue.delayed(), queue.at_work(), queue.heads(heads_per_lane))

    def _ledger(self, task_id: str) -> Ledger:
        ledger = self._ledgers.get(task_id)
        assert ledger is not None, "only live tasks wait or are leased, and their ledgers do not expire"
        return ledger

    def _lease(self, leased: Task, lease_s: float) -> Snapshot:
        self._ledgers.put(leased)
        self._extend(leased.task_id, lease_s)
        return self._database.snapshot(leased.task_id)

    def _extend(self, task_id: str, lease_s: float) -> None:
        self._ledgers.lease_ends.set(task_id, self._database.monotonic() + lease_s)
