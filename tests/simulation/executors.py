"""Two executors over the floor: local work, which dies with its process, and work of a cluster, which outlives it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from domain.errors import InvalidRequest
from domain.execution import Failed, LeaseLapsed, Outcome, Report, WorkOrder
from domain.ports import Execution
from domain.values import Parameters, Priority
from tests.simulation.clocks import ProcessClock
from tests.simulation.decisions import Decisions, Weights
from tests.simulation.floor import Floor, stopped
from tests.simulation.loop import Life, SimulationLoop
from tests.simulation.work_rules import Work

ORPHANS_END_WITHIN_S = 0.5
"""So long local work may go on after its scheduler was killed."""
STARTS = Weights([6.0, 1.0, 1.0, 0.5, 0.3])
STARTS_WITHIN_S = (0.0, 0.01, 0.2, 1.0)
REFUSED = len(STARTS_WITHIN_S)
UNKNOWN_SERVICE = "unknown"


class SimulatedExecution:
    """Implements :class:`domain.ports.Execution` for one process."""

    def __init__(self, work: Work, floor: Floor, life: Life, clock: ProcessClock, *, outlives: bool) -> None:
        self.name = work.order.name
        self._work = work
        self._floor = floor
        self._life = life
        self._clock = clock
        self._outlives = outlives
        self._told: asyncio.Queue[Report | Outcome] = asyncio.Queue()
        work.listeners.append(self._told.put_nowait)
        if work.outcome is not None:
            self._told.put_nowait(work.outcome)

    async def reports(self) -> AsyncIterator[Report | Outcome]:
        try:
            while True:
                told = await self._told.get()
                yield told
                if not isinstance(told, Report):
                    return
        finally:
            if not self._outlives:
                self._stop("nobody follows it any more")

    async def stop(self) -> None:
        if self._outlives and not self._life.is_dead:
            self._floor.rules.hold_stop(self._work, self._life)
        self._stop(f"{self._life.name} asks for it")

    async def extend(self, until: float) -> None:
        if not self._life.is_dead:
            self._work.until = max(self._work.until, until - self._clock.since_s)

    async def change_priority(self, priority: Priority) -> None:
        """Nothing here depends on it."""

    async def detach(self) -> None:
        assert self._outlives, "local work was let go"

    def _stop(self, why: str) -> None:
        if not self._life.is_dead:
            self._floor.stop(self._work, stopped(self._work), why)


class SimulatedExecutor:
    """Implements :class:`domain.ports.Executor` for one process. ``rm`` may not be repeated."""

    def __init__(
        self,
        loop: SimulationLoop,
        decisions: Decisions,
        floor: Floor,
        life: Life,
        clock: ProcessClock,
        cluster: dict[str, Work] | None,
    ) -> None:
        """``cluster`` holds the workloads by name where work outlives the process."""
        self.name = "local" if cluster is None else "cluster"
        self.outlives_us = cluster is not None
        self._loop = loop
        self._decisions = decisions
        self._floor = floor
        self._life = life
        self._clock = clock
        self._cluster = cluster
        self._starts = 0

    def check(self, service: str, parameters: Parameters) -> None:
        if service == UNKNOWN_SERVICE:
            raise InvalidRequest(f"the service {service!r} is not known here; known are sync, cp, rm")

    def is_repeatable(self, service: str) -> bool:
        return service != "rm"

    async def start(self, order: WorkOrder, until: float) -> Execution | Failed | LeaseLapsed:
        if self._loop.is_over or self._life.is_dead:
            raise asyncio.CancelledError
        self._starts += 1
        how = self._decisions.weigh(f"{self._life.name}: start {order.name} ({self._starts})", STARTS)
        begun: asyncio.Future[Work | Failed | LeaseLapsed] = self._loop.create_future()
        # A workload's name exists once: whoever makes it again finds it, and is not refused.
        if how == REFUSED and order.name not in (self._cluster or {}):
            self._loop.later(0.01, lambda: _answer(begun, Failed("no room for it now", transient=True)))
        else:
            self._loop.later(STARTS_WITHIN_S[how % REFUSED], lambda: _answer(begun, self._begin(order, until)))
        work = await begun
        return work if isinstance(work, Failed | LeaseLapsed) else self._execution(work)

    async def attach(self, order: WorkOrder, until: float) -> Execution | None:
        assert self._cluster is not None, "local work cannot be found again"
        if self._loop.is_over or self._life.is_dead:
            raise asyncio.CancelledError
        await asyncio.sleep(0.005)
        work = self._cluster.get(order.name)
        return self._execution(work) if work is not None and work.order.parameters == order.parameters else None

    def _begin(self, order: WorkOrder, until: float) -> Work | LeaseLapsed:
        if self._clock.monotonic() >= until or (self._life.is_dead and self._cluster is None):
            return LeaseLapsed()
        if self._cluster is not None:
            return self._begin_in_cluster(order, until, self._cluster)
        work = self._floor.begin(order, self._life, until - self._clock.since_s)
        self._floor.ends_at(work)
        self._life.at_death.append(lambda: self._orphan(work))
        return work

    def _begin_in_cluster(self, order: WorkOrder, until: float, cluster: dict[str, Work]) -> Work:
        there = cluster.get(order.name)
        if there is not None and there.order.parameters == order.parameters:
            return there
        work = cluster[order.name] = self._floor.begin(order, self._life, until - self._clock.since_s)
        return work

    def _orphan(self, work: Work) -> None:
        self._floor.stop(work, stopped(work), "its scheduler is dead", ORPHANS_END_WITHIN_S)

    def _execution(self, work: Work) -> SimulatedExecution:
        return SimulatedExecution(work, self._floor, self._life, self._clock, outlives=self._cluster is not None)


def _answer(future: asyncio.Future[Work | Failed | LeaseLapsed], answer: Work | Failed | LeaseLapsed) -> None:
    if not future.done():
        future.set_result(answer)
