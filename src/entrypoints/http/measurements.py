"""What `/metrics` tells."""

from __future__ import annotations

import asyncio
import math
import platform
from collections.abc import Mapping

from adapters.metrics.catalogue import BUILD, WORKERS
from adapters.metrics.exposition import Samples, expose
from adapters.metrics.outbox_gauges import outbox_gauges
from adapters.metrics.queue_gauges import queue_gauges
from adapters.metrics.workers import WorkerCells
from application.backlog import TellBacklog
from application.outbox import Backlog
from application.ports import services_of
from domain.ports import Clock, DispatchQueue, Executor, QueueOverview, StoreUnavailable
from entrypoints.http.patience import Patience
from entrypoints.version import VERSION

KEPT_S = 5.0
"""An overview of the queue that old is as good as a new one: so scrapes cost the store next to nothing."""

WITHIN_S = 1.0
"""A scrape waits no longer for the store. Without it the rest is told."""

Seen = tuple[QueueOverview | None, Mapping[str, Backlog]]
"""What the store knows of the queue, and of what waits for receivers of webhooks."""

UNSEEN: Seen = (None, {})


class Measurements:
    """Everything that all workers of this service have counted, and what the store knows of the queue."""

    def __init__(
        self, cells: WorkerCells, queue: DispatchQueue, executor: Executor, clock: Clock, tell_backlog: TellBacklog
    ) -> None:
        self._cells = cells
        self._queue = queue
        self._tell_backlog = tell_backlog
        self._services = services_of(executor)
        self._clock = clock
        self._patience = Patience(clock, WITHIN_S)
        self._one_look = asyncio.Lock()
        self._looked_at = -math.inf
        self._seen = UNSEEN

    async def exposition(self, accept: str) -> tuple[bytes, str]:
        """Return the body and the media type of an answer to a scraper that accepts ``accept``."""
        overview, backlogs = await self._seen_lately()
        counted = list(self._cells.everybodys())
        alive = sum(worker.is_alive for worker in counted)
        gauges = {**_about(alive), **queue_gauges(overview, self._services), **outbox_gauges(backlogs)}
        return expose(counted, gauges, accept)

    async def _seen_lately(self) -> Seen:
        async with self._one_look:
            if self._clock.monotonic() - self._looked_at >= KEPT_S:
                self._seen = await self._look()
                self._looked_at = self._clock.monotonic()
        return self._seen

    async def _look(self) -> Seen:
        try:
            return await self._patience.bounded(self._ask)
        except StoreUnavailable:
            return UNSEEN

    async def _ask(self) -> Seen:
        return await asyncio.gather(self._queue.overview(heads_per_lane=1), self._tell_backlog())


def _about(workers: int) -> Mapping[str, Samples]:
    return {
        WORKERS.name: {(): (float(workers),)},
        BUILD.name: {(VERSION, platform.python_version()): (1.0,)},
    }
