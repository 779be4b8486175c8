"""Removing work that goes on although no task of ours answers for it."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from application.ports import OutlivingWork
from application.surviving import survived
from domain.execution import FoundWork
from domain.ports import Clock, Snapshot, TaskStore

log = logging.getLogger(__name__)

LOOKS_PER_GRACE = 5
LOADED_AT_ONCE = 500
"""Ledgers read in one round trip."""


class RemoveOrphans:
    """Remove work of which the task is gone, has ended, is another one by now, or is at another attempt.

    It is left alone for a grace time, in which a store that was away comes back, and a cancel takes its usual way. In
    a recovery window of the store what is missing may only be lost, so nothing is an orphan then.
    """

    def __init__(self, work: OutlivingWork, store: TaskStore, clock: Clock, grace_s: float) -> None:
        """``grace_s``: how long work must have been seen without a task, in seconds."""
        self._work = work
        self._store = store
        self._clock = clock
        self._grace_s = grace_s
        self._seen: dict[FoundWork, float] = {}
        """Orphans, and when each was first seen to be one."""

    async def run(self) -> None:
        """Look for orphans until cancelled."""
        while True:
            await self._clock.sleep(self._grace_s / LOOKS_PER_GRACE)
            with survived("remove orphans"):
                await self()

    async def __call__(self) -> Sequence[FoundWork]:
        """Remove what has been an orphan for long enough, and return it.

        Raises:
            StoreUnavailable, ExecutorUnavailable: what was to be removed is removed later.
        """
        now = self._clock.monotonic()
        orphans = await self._orphans(await self._work.at_work())
        self._seen = {each: self._seen.get(each, now) for each in orphans}
        due = [each for each, since in self._seen.items() if now - since >= self._grace_s]
        for each in due:
            log.warning("work without a task is removed", extra={"task_id": each.task_id, "job": each.name})
            await self._work.remove(each)
        return due

    async def _orphans(self, found: Sequence[FoundWork]) -> list[FoundWork]:
        orphans: list[FoundWork] = []
        for begin in range(0, len(found), LOADED_AT_ONCE):
            batch = found[begin : begin + LOADED_AT_ONCE]
            ids = list(dict.fromkeys(each.task_id for each in batch))
            ledgers = dict(zip(ids, await self._store.load(ids), strict=True))
            orphans += [each for each in batch if _is_orphan(each, ledgers[each.task_id])]
        return orphans


def _is_orphan(work: FoundWork, snapshot: Snapshot) -> bool:
    task = snapshot.task
    if snapshot.recovering:
        return False
    if task is None or not task.is_attempted or task.attempt != work.attempt:
        return True
    return not task.incarnation.is_same_as(work.incarnation)
