"""A day's work in seconds: a service whose clock is turned on by hand, so that its charts have something to show."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random

from dishka import Provider, Scope

from adapters.system import SystemClock
from domain.execution import Failed, Outcome, Report, Succeeded, WorkOrder
from domain.ports import Clock, Execution, Executor
from domain.values import Progress
from tests.http.executor import RESULT, GatedExecutor, HeldExecution
from tests.http.service import Service, running_service, settings

GIB = 2**30
USERS = ("alice", "bob", "carol", "dave", "erin")
FAILURES = (
    "the target's file system is full: rsync: write failed on /pvs/archive/run-7",
    "permission denied: rsync: opendir /home/gpu1/private failed",
    "there is no source /home/gpu1/results",
)


class TurnedClock(SystemClock):
    """Goes as fast as any, and is ``behind`` the machine's."""

    def __init__(self) -> None:
        super().__init__(UTC)
        self.behind = timedelta(0)

    def now(self) -> datetime:
        return super().now() - self.behind


class DoneAtOnce(HeldExecution):
    """Work that has moved so many bytes when it is first looked at."""

    moved = 0

    async def reports(self) -> AsyncIterator[Report | Outcome]:
        yield Report(Progress(bytes_done=self.moved, bytes_total=self.moved, files_done=1, files_total=1))
        yield Succeeded(RESULT)


@dataclass
class DaysExecutor(GatedExecutor):
    """Does all work at once; chance decides how much there was, and whether it failed."""

    chance: Random

    def __post_init__(self) -> None:
        super().__init__()

    async def start(self, order: WorkOrder, until: float) -> Execution | Failed:  # type: ignore[override]
        if self.chance.random() < 0.08:
            return Failed(self.chance.choice(FAILURES))
        execution = DoneAtOnce(order.name, self.gate)
        execution.moved = int(self.chance.lognormvariate(2, 1) * GIB)
        return execution


@asynccontextmanager
async def worked_day() -> AsyncIterator[Service]:
    """Run a service that has a day of work behind it."""
    clock, chance = TurnedClock(), Random(7)
    provider = Provider(scope=Scope.APP)
    provider.provide(lambda: clock, provides=Clock)
    provider.provide(lambda: DaysExecutor(chance), provides=Executor)
    async with running_service(settings(), provider) as service:
        for minute in sorted({*range(15, 24 * 60, 15), *range(1, 60)}, reverse=True):
            clock.behind = timedelta(minutes=minute)
            most = 8 if minute < 60 else 60
            for _ in range(chance.randrange(most)):
                body = await service.register(chance.choice(USERS))
                await service.submit(body)
                await service.becomes(body, "completed", "failed")
        clock.behind = timedelta(0)
        yield service
