"""An executor that keeps account of all work, and whose work begins and ends at steps."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Callable

from domain.execution import LeaseLapsed, Outcome, Report, Stopped, Succeeded, WorkOrder
from domain.ports import Execution
from domain.values import Parameters, Priority, TaskResult
from tests.frontend.standin import Step, Steps

Fate = Callable[[WorkOrder], Outcome]
"""How work ends that nobody stops."""


def succeeds(order: WorkOrder) -> Outcome:
    """All goes well; the result names the attempt."""
    return Succeeded(TaskResult("Succeeded", f"done by {order.name}"))


def takes_no_time(order: WorkOrder) -> float:
    """It can end as soon as it has begun."""
    return 0.0


class WorkLog:
    """What was at work when, over all replicas of a test."""

    def __init__(self, *, outcomes_get_lost: bool = False) -> None:
        """Where ``outcomes_get_lost`` on their way to the store, work that succeeded may have to be done again."""
        self.runs: dict[str, list[RacingWork]] = defaultdict(list)
        self.faults: list[str] = []
        self._outcomes_get_lost = outcomes_get_lost

    def begins(self, work: RacingWork) -> None:
        """Note a start; one beside other work of that task, or after its success, is a fault."""
        runs = self.runs[work.order.task_id]
        for other in runs:
            if other.outcome is None:
                self.faults.append(f"{work.name} began while {other.name} was at work")
            elif isinstance(other.outcome, Succeeded) and not self._outcomes_get_lost:
                self.faults.append(f"{work.name} began after {other.name} had succeeded")
        runs.append(work)


class RacingWork:
    """One attempt's work. It ends at the step ``work.ends``, when it is stopped, or when its owner seems lost."""

    def __init__(self, order: WorkOrder, steps: Steps, fate: Fate, seconds: float, until: float) -> None:
        self.order = order
        self.name = order.name
        self.outcome: Outcome | None = None
        self._steps = steps
        self._fate = fate
        self._seconds = seconds
        self._stop = asyncio.Event()
        self._until = until

    async def reports(self) -> AsyncIterator[Report | Outcome]:
        ends = asyncio.ensure_future(self._end())
        stop = asyncio.ensure_future(self._stop.wait())
        now = asyncio.get_running_loop().time
        try:
            while not (ends.done() or stop.done()) and now() < self._until:
                await asyncio.wait({ends, stop}, timeout=self._until - now(), return_when=asyncio.FIRST_COMPLETED)
            if ends.done():
                self.outcome = self._fate(self.order)
            elif stop.done():
                self.outcome = Stopped(TaskResult("Stopped", f"stopped {self.name}"))
            else:
                self.outcome = LeaseLapsed()
        finally:
            ends.cancel()
            stop.cancel()
            if self.outcome is None:
                # Whoever no longer follows it has let go of it or died, and local work dies with its process.
                self.outcome = Stopped()
        yield self.outcome

    async def stop(self) -> None:
        self._stop.set()

    async def extend(self, until: float) -> None:
        self._until = max(self._until, until)

    async def change_priority(self, priority: Priority) -> None:
        """It is at work already."""

    async def detach(self) -> None:
        """Nothing of it outlives its process."""

    async def _end(self) -> None:
        if self._seconds:
            await asyncio.sleep(self._seconds)
        await self._steps.at(Step("work.ends", self.order.task_id))


class RacingExecutor:
    """Takes every service, and starts work at the step ``work.starts``."""

    name = "racing"
    outlives_us = False

    def __init__(
        self,
        log: WorkLog,
        steps: Steps,
        fate: Fate = succeeds,
        lasts: Callable[[WorkOrder], float] = takes_no_time,
    ) -> None:
        """``lasts`` says for how many seconds work goes on before it may end."""
        self._log = log
        self._steps = steps
        self._fate = fate
        self._lasts = lasts

    def check(self, service: str, parameters: Parameters) -> None:
        """Everything can be run."""

    def is_repeatable(self, service: str) -> bool:
        return True

    async def start(self, order: WorkOrder, until: float) -> Execution | LeaseLapsed:
        await self._steps.at(Step("work.starts", order.task_id))
        if asyncio.get_running_loop().time() >= until:
            return LeaseLapsed()
        work = RacingWork(order, self._steps, self._fate, self._lasts(order), until)
        self._log.begins(work)
        return work

    async def attach(self, order: WorkOrder, until: float) -> Execution | None:
        return None
