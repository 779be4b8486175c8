"""Writing again what the store lost in a fail-over (design §5)."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence

from application.dispatcher import Dispatcher
from application.leases import KeepLeases
from application.ledger import Ledger
from application.surviving import survived
from application.waiting import happens_within
from domain.ports import Clock, StoreUnavailable, TaskStore
from domain.task import Task

log = logging.getLogger(__name__)

BATCH = 200
"""Tasks read in one round trip."""

STORE_RETRY_S = 0.5
"""Pause before what the store could not take is tried again."""


class RestoreLedgers:
    """After a fail-over, write again what this process committed within the last minute, and what it holds.

    It must be done within the store's recovery window: until that ends nothing is claimed, so no task is given to
    a second owner while the first one's lease is being written again.
    """

    def __init__(
        self, store: TaskStore, ledger: Ledger, dispatcher: Dispatcher, keep_leases: KeepLeases, clock: Clock
    ) -> None:
        self._store = store
        self._ledger = ledger
        self._dispatcher = dispatcher
        self._keep_leases = keep_leases
        self._clock = clock
        self._asked = asyncio.Event()
        self._window_ends = 0.0

    @property
    def window_left_s(self) -> float:
        """How long the store's recovery window may still last, as far as this process knows; 0 outside of one."""
        return max(0.0, self._window_ends - self._clock.monotonic())

    def ask(self, window_s: float) -> None:
        """The store is another server now."""
        self._window_ends = self._clock.monotonic() + window_s
        self._asked.set()

    async def run(self) -> None:
        """Restore whenever asked, and once more in the midst of the window, until cancelled.

        The first time may miss what was committed just before the fail-over: its answer may still be on its way.
        """
        while True:
            await self._asked.wait()
            self._asked.clear()
            await self._restore_for_certain()
            if await happens_within(self._asked, self.window_left_s / 2, self._clock):
                continue
            await self._restore_for_certain()

    async def _restore_for_certain(self) -> None:
        is_done = False
        while not is_done:
            with survived("restore ledgers"):
                restored = await self()
                is_done = True
                log.warning("the store was replaced", extra={"restored": restored, "window_s": self.window_left_s})
            if not is_done:
                await self._clock.sleep(STORE_RETRY_S)

    async def __call__(self) -> int:
        """Restore what is lost, renew the leases, and return how many ledgers were lost. Raises StoreUnavailable."""
        restored = 0
        # What is held comes last: where another replica's older word of a task is known too, the owner's stands.
        kept = [*self._ledger.recent, *(attempt.task for attempt in self._dispatcher.attempts)]
        for first in range(0, len(kept), BATCH):
            restored += await self._restore(kept[first : first + BATCH])
        await self._keep_leases()
        return restored

    async def _restore(self, kept: Sequence[Task]) -> int:
        restored = 0
        snapshots = await self._store.load([task.task_id for task in kept])
        for task, snapshot in zip(kept, snapshots, strict=True):
            try:
                restored += await self._ledger.restore(task, snapshot) is not snapshot
            except StoreUnavailable:
                raise
            except Exception:
                # One ledger that a bug breaks must not keep the others from being restored.
                log.exception("a ledger could not be restored", extra={"task_id": task.task_id})
        return restored
