"""One replica at work: recovery first, then the loops, then an orderly shutdown."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from application.blocks import SettleEndedBlocks
from application.dispatcher import Dispatcher
from application.ending import end_all
from application.leases import KeepLeases, TakeOver
from application.orphans import RemoveOrphans
from application.presence import KeepPresence
from application.restoring import RestoreLedgers
from application.unsettled import Unsettled
from application.watching import WatchRecords
from domain.ports import BlockStore, StoreUnavailable

log = logging.getLogger(__name__)

STORE_RETRY_S = 1.0
"""Pause between tries to recover while the store is away."""


class Scheduler:
    """Runs the loops of one replica. The first claim comes after expired leases were taken over."""

    def __init__(
        self,
        dispatcher: Dispatcher,
        keep_leases: KeepLeases,
        take_over: TakeOver,
        watch: WatchRecords,
        restore: RestoreLedgers,
        unsettled: Unsettled,
        blocks: BlockStore,
        settle_blocks: SettleEndedBlocks,
        presence: KeepPresence,
        orphans: RemoveOrphans | None = None,
    ) -> None:
        """``orphans``: None where no work outlives this process."""
        self._dispatcher = dispatcher
        self._keep_leases = keep_leases
        self._take_over = take_over
        self._watch = watch
        self._restore = restore
        self._unsettled = unsettled
        self._blocks = blocks
        self._settle_blocks = settle_blocks
        self._presence = presence
        self._orphans = orphans
        self._recovered = asyncio.Event()
        self._loops: list[asyncio.Task[None]] = []

    @property
    def missing(self) -> tuple[str, ...]:
        """What this replica lacks to do its work; empty when it is ready."""
        missing = [] if self._recovered.is_set() else ["recovery after the start has not ended"]
        missing += [f"the loop '{loop.get_name()}' has died; see the log" for loop in self._loops if loop.done()]
        return tuple(missing)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Run beside the caller's block; leaving it shuts down in order."""
        self._loops = [
            # The first sweep compares all that lives. It would take every second turn from the recovery.
            asyncio.create_task(self._watch.run(sweep_when=self._recovered), name="watch records"),
            asyncio.create_task(self._keep_leases.run(), name="keep leases"),
            asyncio.create_task(self._restore.run(), name="restore ledgers"),
            asyncio.create_task(self._unsettled.run(), name="settle what was answered 503"),
            asyncio.create_task(self._settle_blocks.run(), name="settle blocks that have ended"),
            asyncio.create_task(self._presence.run(), name="announce this replica"),
            asyncio.create_task(self._work(), name="claim and take over"),
        ]
        if self._orphans is not None:
            self._loops.append(asyncio.create_task(self._orphans.run(), name="remove orphans"))
        for loop in self._loops:
            loop.add_done_callback(_report_death)
        try:
            yield
        finally:
            await self._dispatcher.shut_down()
            with suppress(StoreUnavailable):
                await self._unsettled()
            loops, self._loops = self._loops, []
            await end_all(loops)
            with suppress(StoreUnavailable):
                await self._presence.leave()

    async def _work(self) -> None:
        await self._recover()
        async with asyncio.TaskGroup() as group:
            group.create_task(self._take_over.run())
            group.create_task(self._dispatcher.run())

    async def _recover(self) -> None:
        while not self._recovered.is_set():
            try:
                await self._presence()  # before the first claim, for a drain outlasts a restart
                imported = await self._blocks.import_previous()
                taken = await self._take_over()
                log.info("recovered", extra={"blocks_imported": imported, "taken_over": taken})
                self._recovered.set()
            except StoreUnavailable as error:
                log.warning("waiting for the store", extra={"reason": str(error)})
                await asyncio.sleep(STORE_RETRY_S)


def _report_death(loop: asyncio.Task[None]) -> None:
    if not loop.cancelled() and (error := loop.exception()) is not None:
        log.critical("a loop of the scheduler died", exc_info=error)
