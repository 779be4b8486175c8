"""Claims and leases in this process's memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from adapters.memory.calls import LastCalls
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
        calls = self._database.claims
        repeated = self._repeated(calls, owner, nonces, lease_s)
        if repeated is not None:
            return repeated
        claimed = [] if self._database.is_recovering else self._claim(owner, nonces, limits, lease_s)
        self._note(calls, owner, nonces, claimed)
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
        calls = self._database.take_overs
        repeated = self._repeated(calls, owner, nonces, lease_s)
        if repeated is not None:
            return repeated
        taken = [] if self._database.is_recovering else self._take_over(owner, nonces, lease_s)
        self._note(calls, owner, nonces, taken)
        return taken

    async def overview(self, heads_per_lane: int = 3) -> QueueOverview:
        queue = self._ledgers.queue
        queue.release_due(self._database.clock.now())
        return QueueOverview(queue.waiting(), queue.delayed(), queue.at_work(), queue.heads(heads_per_lane))

    # --- steps -------------------------------------------------------------------------------------------------

    def _claim(self, owner: str, nonces: Sequence[str], limits: Limits, lease_s: float) -> list[Snapshot]:
        queue = self._ledgers.queue
        queue.release_due(self._database.clock.now())
        claimed: list[Snapshot] = []
        for nonce in nonces:
            queued = queue.next_task(limits)
            if queued is None:
                break
            ledger = self._ledger(queued.task_id)
            lease = Lease(owner, ledger.epoch + 1, nonce)
            claimed.append(self._lease(ledger.task.claim(lease), lease_s, is_turn=True))
        return claimed

    def _take_over(self, owner: str, nonces: Sequence[str], lease_s: float) -> list[Snapshot]:
        taken: list[Snapshot] = []
        for nonce in nonces:
            oldest = self._ledgers.lease_ends.first()
            if oldest is None or oldest[1] > self._database.monotonic():
                break
            ledger = self._ledger(oldest[0])
            lease = Lease(owner, ledger.epoch + 1, nonce)
            taken.append(self._lease(ledger.task.take_over(lease), lease_s))
        return taken

    def _repeated(
        self, calls: LastCalls, owner: str, nonces: Sequence[str], lease_s: float
    ) -> Sequence[Snapshot] | None:
        """Return what a call that is made again has leased and still holds; None where it is made for the first time.

        One that leased nothing is made anew, as if it had never arrived.
        """
        task_ids = calls.leased_by(owner, nonces)
        if task_ids is None:
            return None
        held = [task_id for task_id in task_ids if self._is_held(task_id, owner, nonces)]
        for task_id in held:
            self._extend(task_id, lease_s)
        return [self._database.snapshot(task_id) for task_id in held]

    def _is_held(self, task_id: str, owner: str, nonces: Sequence[str]) -> bool:
        ledger = self._ledgers.get(task_id)
        lease = None if ledger is None else ledger.task.lease
        return lease is not None and lease.owner == owner and lease.nonce in nonces

    def _note(self, calls: LastCalls, owner: str, nonces: Sequence[str], leased: Sequence[Snapshot]) -> None:
        if leased:
            calls.note(owner, nonces, [snapshot.task_id for snapshot in leased], self._database.monotonic())

    def _ledger(self, task_id: str) -> Ledger:
        ledger = self._ledgers.get(task_id)
        assert ledger is not None, "only live tasks wait or are leased, and their ledgers do not expire"
        return ledger

    def _lease(self, leased: Task, lease_s: float, *, is_turn: bool = False) -> Snapshot:
        self._ledgers.put(leased, is_turn=is_turn)
        self._extend(leased.task_id, lease_s)
        return self._database.snapshot(leased.task_id)

    def _extend(self, task_id: str, lease_s: float) -> None:
        self._ledgers.lease_ends.set(task_id, self._database.monotonic() + lease_s)
