"""Replicas of the real scheduler on one memory store, with a step before each operation, and what watches them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from adapters.memory import MemoryDispatchQueue
from application.settings import SchedulerConfig
from domain.execution import WorkOrder
from domain.task import Task
from entrypoints.http.patience import Patience
from tests.application.replica import Process, World
from tests.frontend.interleaving import Choices, Interleaver
from tests.frontend.interleaving.stepped import Stepping
from tests.frontend.standin import (
    DatabaseRecords,
    Frontend,
    InProcessScheduler,
    Journal,
    LaggingRecords,
    Steps,
)
from tests.frontend.standin.lag import Choose
from tests.races.desk import Desk
from tests.races.judgement import Case
from tests.races.lossy import Loses, LossyQueue, LossyStore, never
from tests.races.outage import Outage
from tests.races.work import Fate, RacingExecutor, WorkLog, succeeds, takes_no_time

PATIENCE_S = 2.0
"""So long after the frontend's last write each record must tell the truth (contract §4)."""

STARTED_S = 0.1

UNSEEN = frozenset({"create.write", "submit.post", "cancel.post", "cancel.check"})
"""Steps that are followed by another one before anybody could see a difference."""


@dataclass(frozen=True)
class Stage:
    """All who take part but the users."""

    driver: Interleaver
    world: World
    replicas: list[Process]
    frontends: list[Frontend]
    records: DatabaseRecords
    journal: Journal
    log: WorkLog
    desk: Desk
    scheduler: InProcessScheduler
    outcomes_get_lost: bool = False

    async def settled(self) -> None:
        """Return when the frontends have written last and no call is under way."""
        for frontend in self.frontends:
            await frontend.settled()
        await self.scheduler.settled()

    def task(self, task_id: str) -> Task | None:
        """What the ledger says."""
        return self.world.database.snapshot(task_id).task

    def case(self, task_id: str) -> Case:
        """All that is known of a task."""
        return Case(
            self.records.peek(task_id),
            self.task(task_id),
            self.journal.histories[task_id],
            self.log.runs[task_id],
            task_id in self.desk.accepted,
            self.desk.runs_when_cancelled.get(task_id),
            self.outcomes_get_lost,
        )


@asynccontextmanager
async def stage(
    driver: Interleaver,
    choices: Choices,
    configs: list[SchedulerConfig],
    *,
    frontends: int = 1,
    workers: int = 4,
    fate: Fate = succeeds,
    impatient: bool = False,
    lag: int = 0,
    choose_lag: Choose | None = None,
    lasts: Callable[[WorkOrder], float] = takes_no_time,
    cut_off: Outage | None = None,
    loses: Loses = never,
    outcomes_get_lost: bool = False,
) -> AsyncIterator[Stage]:
    """Open a stage in the driver's loop, with a replica for each of ``configs``; a replica's steps bear its name.

    ``impatient``: the frontends' calls may time out at any moment. ``lag``: how many versions the read endpoint may
    be behind; ``choose_lag`` says how many, in place of ``choices``. ``lasts``: how many seconds work takes.
    ``cut_off`` keeps the last of three replicas, which takes no calls, from its store. ``loses`` says which answers
    of the store get lost. ``outcomes_get_lost``: an owner may lose its lease before it has stored an outcome.
    """
    world, journal, log = World(), Journal(), WorkLog(outcomes_get_lost=outcomes_get_lost)
    records = DatabaseRecords(world.database)
    replicas = []
    for config in configs:
        steps: Steps = cut_off if cut_off is not None and config is configs[-1] else driver
        stepping = Stepping(steps, journal=journal, changed=records.note, who=config.owner)
        store = LossyStore(world.store, stepping, loses)
        queue = LossyQueue(MemoryDispatchQueue(world.database), stepping, loses)
        replicas.append(Process(world, RacingExecutor(log, driver, fate, lasts), config, store, queue))
    desk = Desk(replicas[:2], log, Patience(world.clock) if loses is not never else None)
    scheduler = InProcessScheduler(desk.submit, desk.cancel, impatience=driver if impatient else None)
    access = LaggingRecords(records, choose_lag or choices.choose, lag, records.versions)
    async with AsyncExitStack() as stack:
        opened = [
            await stack.enter_async_context(
                Frontend(access, scheduler, clock=world.clock, journal=journal, steps=driver, workers=workers)
            )
            for _ in range(frontends)
        ]
        for replica in replicas:
            await stack.enter_async_context(replica.running())
        # What a replica does at its start is over by then, and not one more thing to be overtaken.
        await asyncio.sleep(STARTED_S)
        yield Stage(driver, world, replicas, opened, records, journal, log, desk, scheduler, outcomes_get_lost)
