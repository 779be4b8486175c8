"""How often, and for how long, a scrape asks the store."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import cast

from adapters.memory import MemoryDatabase, MemoryOutbox
from adapters.metrics.workers import WorkerCells
from application.backlog import TellBacklog
from application.notifying import NotifyOfEnds
from domain.ports import DispatchQueue, QueueOverview
from domain.values import Priority
from entrypoints.http.measurements import KEPT_S, WITHIN_S, Measurements
from tests.application.replica import World, in_virtual_time
from tests.metrics.counted import Scrape
from tests.support.manual_executor import ManualExecutor


class LookedAt:
    """A queue that only shows itself, as soon as it answers at all."""

    def __init__(self) -> None:
        self.looks = 0
        self.answers = asyncio.Event()
        self.answers.set()
        self.waiting: Counter[tuple[Priority, str]] = Counter()

    async def overview(self, heads_per_lane: int = 3) -> QueueOverview:
        assert heads_per_lane == 1
        self.looks += 1
        await self.answers.wait()
        return QueueOverview(self.waiting, 0, {}, ())


class Scraped:
    """Measurements in virtual time."""

    def __init__(self) -> None:
        self.clock = World().clock
        self.queue = LookedAt()
        queue = cast(DispatchQueue, self.queue)
        nobody_to_tell = TellBacklog(MemoryOutbox(MemoryDatabase(self.clock)), NotifyOfEnds(()))
        self._measurements = Measurements(WorkerCells(), queue, ManualExecutor(), self.clock, nobody_to_tell)

    async def scrape(self) -> Scrape:
        body, _ = await self._measurements.exposition("")
        return Scrape.of(body.decode())


def test_the_store_is_asked_once_in_a_while_however_many_scrape() -> None:
    async def story() -> None:
        at = Scraped()
        await asyncio.gather(*(at.scrape() for _ in range(20)))
        await at.clock.sleep(KEPT_S / 2)
        await at.scrape()
        assert at.queue.looks == 1
        await at.clock.sleep(KEPT_S / 2)
        await at.scrape()
        assert at.queue.looks == 2

    in_virtual_time(story)


def test_a_store_that_does_not_answer_holds_no_scrape_up() -> None:
    async def story() -> None:
        at = Scraped()
        at.queue.answers.clear()
        begun = at.clock.monotonic()
        told = await asyncio.gather(*(at.scrape() for _ in range(20)))
        assert at.clock.monotonic() - begun == WITHIN_S
        assert {each.total("store_up") for each in told} == {0.0}
        at.queue.answers.set()
        await at.clock.sleep(KEPT_S)
        assert (await at.scrape()).total("store_up") == 1

    in_virtual_time(story)


def test_services_that_the_executor_does_not_know_are_told_together() -> None:
    async def story() -> None:
        at = Scraped()
        for number in range(100):
            at.queue.waiting[Priority.LOW, f"service-{number}"] = 2
        assert (await at.scrape()).shown("tasks_waiting", "priority", "service") == {("low", "other"): 200}

    in_virtual_time(story)
