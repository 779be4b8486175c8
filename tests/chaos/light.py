"""A light executor that leaves evidence: no data is moved, but each sign of life is an instant within its lease."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from enum import StrEnum

from application.waiting import happens_within
from domain.execution import Failed, LeaseLapsed, Outcome, Report, Stopped, Succeeded, WorkOrder
from domain.ports import Clock
from domain.values import Parameters, Priority, TaskResult
from tests.chaos.evidence import EvidenceFile, What

TICK_S = 0.1
UNREPEATABLE = "chmod"
"""The service whose work may not be done again."""


class Fate(StrEnum):
    """How the work of a task ends that nobody disturbs."""

    IS_DONE = "is done"
    FAILS = "fails"
    FAILS_ONCE = "fails once"
    """Its first attempt fails, and a later one is done."""


def result_of(run: str) -> TaskResult:
    """What a run that is done says of itself."""
    return TaskResult("Succeeded", f"done by {run}")


class LightExecutor:
    """Implements :class:`domain.ports.Executor`. ``parameters`` say how long the work takes and how it ends."""

    name = "light"
    outlives_us = False

    def __init__(self, evidence: EvidenceFile, clock: Clock) -> None:
        self._evidence = evidence
        self._clock = clock

    def check(self, service: str, parameters: Parameters) -> None:
        """Everything can be run."""

    def is_repeatable(self, service: str) -> bool:
        return service != UNREPEATABLE

    async def start(self, order: WorkOrder, until: float) -> LightExecution | LeaseLapsed:
        execution = LightExecution(order, until, self._evidence, self._clock)
        return execution if execution.note(What.BEGAN) else LeaseLapsed()

    async def attach(self, order: WorkOrder, until: float) -> None:
        """Find nothing: the work ends with its process."""


class LightExecution:
    """Implements :class:`domain.ports.Execution`."""

    def __init__(self, order: WorkOrder, until: float, evidence: EvidenceFile, clock: Clock) -> None:
        self.name = order.name
        self._run = f"{order.name}@{os.getpid()}"
        self._place = str(order.parameters["path"])
        self._seconds = float(str(order.parameters["seconds"]))
        self._fate = str(order.parameters["fate"])
        self._first = order.attempt == 1
        self._until = until
        self._evidence = evidence
        self._clock = clock
        self._stop = asyncio.Event()

    def note(self, what: What) -> bool:
        """Note it as evidence, unless the lease is over: then nothing more is done. Returns whether it was noted."""
        # The instant comes first: wherever this process is frozen from here on, at that instant it was at work.
        at = self._clock.monotonic()
        if at >= self._until:
            return False
        self._evidence.note(at, self._place, self._run, what)
        return True

    async def reports(self) -> AsyncIterator[Report | Outcome]:
        ends = self._clock.monotonic() + self._seconds
        while (left := ends - self._clock.monotonic()) > 0:
            if await happens_within(self._stop, min(left, TICK_S), self._clock):
                yield Stopped(TaskResult("Stopped", f"stopped {self._run}"))
                return
            if not self.note(What.WORKED):
                yield LeaseLapsed()
                return
        yield self._end()

    def _end(self) -> Outcome:
        if self._fate == Fate.FAILS:
            return Failed("it was to fail")
        if self._fate == Fate.FAILS_ONCE and self._first:
            return Failed("it was to fail once", transient=True)
        return Succeeded(result_of(self._run)) if self.note(What.DONE) else LeaseLapsed()

    async def stop(self) -> None:
        self._stop.set()

    async def extend(self, until: float) -> None:
        self._until = max(self._until, until)

    async def change_priority(self, priority: Priority) -> None:
        """It is at work already."""

    async def detach(self) -> None:
        """Never asked for: the work ends with its process."""
        raise RuntimeError("light work cannot be let go of without stopping it")
