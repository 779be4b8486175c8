"""Keeping records true: whatever somebody else wrote, the ledger's truth is put back (contract §4)."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from application.ledger import Ledger
from application.meter import UNMETERED, Meter
from domain.ports import Snapshot, StoreUnavailable, TaskStore
from domain.task import Task

log = logging.getLogger(__name__)

BATCH = 200
"""Tasks read in one round trip."""


class ReconcileTasks:
    """Compare ledgers with records and repair what differs.

    A live task whose record disappeared was deleted by its user, and one whose id another task got is over: both are
    stopped. A record that a fail-over of the store has lost, or may have lost, is no deletion. ``on_seen`` is told
    every ledger that was read, for the owner of its work may be in this process.
    """

    def __init__(
        self,
        store: TaskStore,
        ledger: Ledger,
        on_seen: Callable[[str, Task | None], None],
        meter: Meter = UNMETERED,
    ) -> None:
        self._store = store
        self._ledger = ledger
        self._on_seen = on_seen
        self._meter = meter

    async def __call__(self, task_ids: Iterable[str]) -> int:
        """Return how many records or ledgers had to be changed. Raises StoreUnavailable."""
        ids = list(dict.fromkeys(task_ids))
        repaired = 0
        for first in range(0, len(ids), BATCH):
            repaired += await self._reconcile(ids[first : first + BATCH])
        return repaired

    async def _reconcile(self, ids: Sequence[str]) -> int:
        repaired = 0
        snapshots = await self._store.load_unsettled(ids)
        for place, snapshot in enumerate(snapshots):
            try:
                repaired += await self._reconcile_one(snapshot)
            except StoreUnavailable:
                self._ledger.keep_later(snapshots[place + 1 :])
                raise
            except Exception:
                # One task that a bug or a strange record breaks must not keep the others from being true.
                log.exception("task not reconciled", extra={"task_id": snapshot.task_id})
        return repaired

    async def _reconcile_one(self, snapshot: Snapshot) -> bool:
        if snapshot.malformed:
            log.warning("record cannot be read", extra={"task_id": snapshot.task_id, "reason": snapshot.malformed})
        if snapshot.task is None:
            settled = await self._ledger.recovered(snapshot)  # we may know one that a fail-over lost
        else:
            settled = await self._compare(snapshot)
        self._on_seen(snapshot.task_id, settled.task)
        return settled is not snapshot

    async def _compare(self, snapshot: Snapshot) -> Snapshot:
        latest = snapshot

        def rule(found: Snapshot, at: datetime) -> Task | None:
            nonlocal latest
            latest = found
            return _rule(found, at)

        settled = await self._ledger.change(snapshot, rule)
        if settled is not snapshot and _is_repair(latest, settled):
            self._meter.record_repaired()
        return settled


def _is_repair(found: Snapshot, settled: Snapshot) -> bool:
    """Whether the record was put right, rather than a cancel taken from it, or a line of it into the ledger."""
    if found.record is None or found.task is None or settled.task is None:
        return False
    return found.record != settled.record and found.task.status is settled.task.status


def _rule(snapshot: Snapshot, at: datetime) -> Task | None:
    task = snapshot.task
    if task is None or snapshot.own_task is not None or task.is_terminal or snapshot.malformed:
        return task
    if snapshot.record is None and (snapshot.recovering or task.record_lost):
        return task
    gone = "Its record was deleted" if snapshot.record is None else "Its id was given to another task"
    return task.request_cancel(at, f"{gone}: the work is stopped")
