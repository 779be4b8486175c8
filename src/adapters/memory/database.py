"""The state that the memory adapters of one process share."""

from __future__ import annotations

import time
from collections.abc import Callable

from adapters.memory.block_list import BlockList
from adapters.memory.changes import Changes
from adapters.memory.ledgers import Ledgers
from adapters.memory.records import Records
from domain.ports import Clock, Snapshot


class MemoryDatabase:
    """What Redis is to the other adapters. It lives in one event loop: between two awaits nobody else changes it.

    Leases and times to live are measured by ``monotonic`` (seconds), the moment of a retry by ``clock``, so that a
    virtual clock can drive both. What is due happens when somebody looks, never by itself.
    """

    def __init__(self, clock: Clock, monotonic: Callable[[], float] = time.monotonic) -> None:
        self.clock = clock
        self.monotonic = monotonic
        self.changes = Changes()
        self.records = Records(self.changes, monotonic)
        self.ledgers = Ledgers(self.changes, monotonic)
        self.blocks = BlockList()

    def snapshot(self, task_id: str) -> Snapshot:
        """Return a task's ledger and record as they stand now."""
        ledger = self.ledgers.get(task_id)
        record = self.records.get(task_id)
        if ledger is None:
            return Snapshot(task_id, None, record)
        return Snapshot(task_id, ledger.task, record, revision=ledger.revision)
