"""The state that the memory adapters of one process share."""

from __future__ import annotations

import time
from collections.abc import Callable

from adapters.memory.audit_events import AuditEvents
from adapters.memory.block_list import BlockList
from adapters.memory.calls import LastCalls
from adapters.memory.changes import Changes
from adapters.memory.counts import Counts
from adapters.memory.ledgers import Ledgers
from adapters.memory.outbox_words import OutboxWords
from adapters.memory.records import Records
from adapters.memory.replica_list import ReplicaList
from domain.ports import Clock, Snapshot


class MemoryDatabase:
    """What Redis is to the other adapters. It lives in one event loop: between two awaits nobody else changes it.

    Leases, times to live and recovery windows are measured by ``monotonic`` (seconds), the moment of a retry by
    ``clock``, so that a virtual clock can drive both. What is due happens when somebody looks, never by itself.
    """

    def __init__(self, clock: Clock, monotonic: Callable[[], float] = time.monotonic) -> None:
        self.clock = clock
        self.monotonic = monotonic
        self.changes = Changes()
        self.records = Records(self.changes, monotonic)
        self.ledgers = Ledgers(self.changes, monotonic)
        self.blocks = BlockList()
        self.replicas = ReplicaList(monotonic)
        self.audit = AuditEvents()
        self.counts = Counts()
        self.outbox = OutboxWords(monotonic)
        self.claims = LastCalls()
        self.take_overs = LastCalls()
        self._window_ends = monotonic()

    @property
    def window_left_s(self) -> float:
        """How long the recovery window still lasts, in seconds; 0 outside of one."""
        return max(0.0, self._window_ends - self.monotonic())

    @property
    def is_recovering(self) -> bool:
        """Whether nothing may be claimed or taken over, since a fail-over may have lost who holds what."""
        return self.window_left_s > 0

    def snapshot(self, task_id: str) -> Snapshot:
        """Return a task's ledger and record as they stand now."""
        ledger, record, recovering = self.ledgers.get(task_id), self.records.get(task_id), self.is_recovering
        if ledger is None:
            return Snapshot(task_id, None, record, recovering=recovering)
        return Snapshot(task_id, ledger.task, record, revision=ledger.revision, recovering=recovering)

    # --- simulated fail-overs ----------------------------------------------------------------------------------

    def save(self) -> MemoryDatabase:
        """Return a database of its own with the present state, as a replica of this server would have it.

        It costs O(n) in what stands: tasks and records are values, and shared.
        """
        saved = MemoryDatabase(self.clock, self.monotonic)
        saved._become(self)
        return saved

    def fail_over(self, saved: MemoryDatabase, window_s: float) -> None:
        """Let the server be another one, which has what was saved and lacks all later writes.

        A recovery window of ``window_s`` seconds begins, and every watch is told. Time goes on: leases and times to
        live end when they ended before. ``saved`` stays as it is, and may be used again; a new database has lost all.
        """
        self._become(saved)
        self._window_ends = self.monotonic() + window_s
        self.changes.replaced(window_s)

    def _become(self, other: MemoryDatabase) -> None:
        # In place, for adapters hold these parts.
        self.records.become(other.records)
        self.ledgers.become(other.ledgers)
        self.blocks.become(other.blocks)
        self.replicas.become(other.replicas)
        self.audit.become(other.audit)
        self.counts.become(other.counts)
        self.outbox.become(other.outbox)
        self.claims.become(other.claims)
        self.take_overs.become(other.take_overs)
