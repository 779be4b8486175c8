"""Noticing what others wrote, and sweeping where something may have been missed (design §1)."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence

from application.meter import UNMETERED, Meter
from application.ports import Claims
from application.reconciling import ReconcileTasks
from application.restoring import RestoreLedgers
from application.settings import Lifetimes
from application.waiting import happens_within
from domain.ports import (
    Clock,
    RecordsChanged,
    RecordWatch,
    StoreReplaced,
    StoreUnavailable,
    TaskStore,
    WatchLost,
    WatchProved,
    WorkWaits,
)

log = logging.getLogger(__name__)

SWEPT_AT_ONCE = 2000
"""Live tasks that one sweep beside a healthy watch compares. Parsing a task and its record takes about 50 us."""


class WatchRecords:
    """Reconcile each record soon after somebody wrote it; sweep all of them often while the watch is blind."""

    def __init__(
        self,
        watch: RecordWatch,
        store: TaskStore,
        reconcile: ReconcileTasks,
        restore: RestoreLedgers,
        claims: Claims,
        clock: Clock,
        times: Lifetimes,
        meter: Meter = UNMETERED,
    ) -> None:
        self._watch = watch
        self._store = store
        self._reconcile = reconcile
        self._restore = restore
        self._claims = claims
        self._clock = clock
        self._times = times
        self._meter = meter
        self._changed: set[str] = set()
        self._something = asyncio.Event()
        self._sweep_now = asyncio.Event()
        self._proved = False
        self._rest_of_live: AsyncIterator[Sequence[str]] | None = None
        """What the sweeps that compare a part have not come to yet."""

    @property
    def is_proved(self) -> bool:
        """Whether changes by others are seen as they happen."""
        return self._proved

    async def run(self, sweep_when: asyncio.Event | None = None) -> None:
        """Watch and settle until cancelled, and sweep, from the moment ``sweep_when`` is set where it is given."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._listen())
            group.create_task(self._settle())
            if sweep_when is not None:
                await sweep_when.wait()
            group.create_task(self._sweep_regularly())

    async def _listen(self) -> None:
        async for notice in self._watch.notices():
            match notice:
                case RecordsChanged(task_ids):
                    self._changed |= task_ids
                    self._something.set()
                case WorkWaits():
                    self._claims.wake()
                case StoreReplaced(window_s):
                    self._restore.ask(window_s)
                case WatchLost():
                    log.warning("the watch on records is blind, sweeping")
                    self._proved = False
                    self._meter.watch_proved(False)
                case WatchProved():
                    # What was missed while it was blind is found by one more sweep. Not here: a long sweep would
                    # keep the next notices waiting.
                    self._proved = True
                    self._meter.watch_proved(True)
                    self._sweep_now.set()

    async def _settle(self) -> None:
        while True:
            await self._something.wait()
            await self._clock.sleep(self._times.settle_s)
            self._something.clear()
            ids, self._changed = self._changed, set()
            try:
                # Sorted, for the order of a set of strings differs from process to process: no run could be repeated.
                await self._reconcile(sorted(ids))
            except StoreUnavailable as error:
                log.warning("records not reconciled yet", extra={"count": len(ids), "reason": str(error)})
                self._changed |= ids
                self._something.set()

    async def _sweep_regularly(self) -> None:
        waited = 0.0
        owed = False
        while True:
            asked = await happens_within(self._sweep_now, self._times.lost_sweep_s, self._clock)
            self._sweep_now.clear()
            waited += self._times.lost_sweep_s
            if asked or owed or not self._proved or waited >= self._times.sweep_s:
                missed_something = asked or owed or not self._proved
                waited = 0.0
                owed = not await self._sweep_safely(missed_something) and missed_something

    async def _sweep_safely(self, missed_something: bool) -> bool:
        """Return whether it came to its end: what was missed while the watch was blind is found by nothing else."""
        try:
            await (self.sweep() if missed_something else self.sweep_some())
        except StoreUnavailable as error:
            log.warning("sweep broken off", extra={"reason": str(error)})
            return False
        return True

    async def sweep_some(self) -> int:
        """Compare what ended since the last but one sweep, and the next part of what lives, and return the repaired.

        With a healthy watch nothing should be found. So its cost is bounded, however much waits: sweeps take turns.
        """
        repaired = await self._reconcile(await self._store.recently_ended_ids(2 * self._times.sweep_s))
        self._rest_of_live = self._rest_of_live or self._store.live_ids()
        compared = 0
        while compared < SWEPT_AT_ONCE:
            ids = await anext(self._rest_of_live, None)
            if ids is None:  # all had their turn, or the store broke it off
                self._rest_of_live = None
                break
            compared += len(ids)
            repaired += await self._reconcile(ids)
        return repaired

    async def sweep(self) -> int:
        """Compare every live and recently ended task with its record, and return how many had to be repaired."""
        repaired = await self._reconcile(await self._store.recently_ended_ids(self._times.recent_s))
        async for ids in self._store.live_ids():
            repaired += await self._reconcile(ids)
        return repaired
