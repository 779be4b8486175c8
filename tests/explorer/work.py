"""Work that begins and ends when it is its turn, and account of all of it over both replicas."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable

from domain.execution import LeaseLapsed, Outcome, Report, Stopped, Succeeded, WorkOrder
from domain.ports import Clock, Execution
from domain.values import Parameters, Priority, TaskResult

NOT_REPEATABLE = "rm"

TakeTurn = Callable[[str, str], Awaitable[None]]
"""Waits for the turn to do something to the work of the task with this id."""

Told = Callable[["Workload", str], None]
"""Hears of what becomes of work."""


class Workload:
    """One attempt's work: at work until it has an outcome."""

    def __init__(self, order: WorkOrder, owner: str, until: float, told: Told) -> None:
        self.order = order
        self.owner = owner
        self.until = until
        self.outcome: Outcome | None = None
        self.over = asyncio.Event()
        self._told = told
        self._life: asyncio.Task[None] | None = None

    def lives(self, may_end: asyncio.Event, take_turn: TakeTurn) -> None:
        """End well when it is its turn, if nobody has stopped it by then."""
        self._life = asyncio.create_task(self._live(may_end, take_turn), name=f"work {self.order.name}")

    def end(self, outcome: Outcome) -> None:
        """End, if it is at work."""
        if self.outcome is not None:
            return
        self.outcome = outcome
        self.over.set()
        self._told(self, f"work {self.order.name} ends: {type(outcome).__name__}")
        if self._life is not None and self._life is not asyncio.current_task():
            self._life.cancel()

    async def _live(self, may_end: asyncio.Event, take_turn: TakeTurn) -> None:
        await may_end.wait()
        await take_turn("work ends", self.order.task_id)
        self.end(done_by(self.order))


def done_by(order: WorkOrder) -> Succeeded:
    """How work ends well; the result names the attempt."""
    return Succeeded(TaskResult("Succeeded", f"done by {order.name}"))


class Handle:
    """Implements :class:`domain.ports.Execution`."""

    def __init__(self, workload: Workload) -> None:
        self._workload = workload
        self.name = workload.order.name

    async def reports(self) -> AsyncIterator[Report | Outcome]:
        await self._workload.over.wait()
        assert self._workload.outcome is not None
        yield self._workload.outcome

    async def stop(self) -> None:
        self._workload.end(Stopped(TaskResult("Stopped", f"stopped {self.name}")))

    async def extend(self, until: float) -> None:
        self._workload.until = max(self._workload.until, until)

    async def change_priority(self, priority: Priority) -> None:
        """It is at work already."""

    async def detach(self) -> None:
        """It goes on by itself."""


class Floor:
    """Where all work is done. Local work ends with its owner's life and lease; other work outlives both."""

    def __init__(self, clock: Clock, told: Told, cluster: TakeTurn | None = None) -> None:
        """With a ``cluster`` work outlives its owner, and ends when it is the cluster's turn."""
        self.runs: dict[str, list[Workload]] = defaultdict(list)
        self.cluster = cluster
        self.begun = asyncio.Event()
        """Whether any work has begun."""
        self.may_end = asyncio.Event()
        """Whether work ends by itself; before a race it does not."""
        self._clock = clock
        self._told = told

    def begins(self, order: WorkOrder, owner: str, until: float) -> Workload:
        """Note a start."""
        workload = Workload(order, owner, until, self._told)
        self._told(workload, f"work {order.name} begins")
        self.runs[order.task_id].append(workload)
        self.begun.set()
        return workload

    def named(self, name: str) -> Workload | None:
        """Return the work with this name."""
        return next((each for runs in self.runs.values() for each in runs if each.order.name == name), None)

    def at_work(self, task_id: str) -> list[Workload]:
        """Return a task's work that has not ended."""
        return [each for each in self.runs[task_id] if each.outcome is None]

    def end_all(self) -> None:
        """All work ends well."""
        for runs in self.runs.values():
            for each in runs:
                each.end(done_by(each.order))

    def owner_died(self, owner: str) -> None:
        """Its supervisor ends local work at once: the pipe is closed."""
        self._stop(Stopped(), lambda each: each.owner == owner)

    def time_passed(self) -> None:
        """Its supervisor ends local work at the end of the lease."""
        self._stop(LeaseLapsed(), lambda each: each.until <= self._clock.monotonic())

    def _stop(self, outcome: Outcome, must: Callable[[Workload], bool]) -> None:
        if self.cluster is not None:
            return
        for runs in self.runs.values():
            for each in runs:
                if must(each):
                    each.end(outcome)


class FloorExecutor:
    """Implements :class:`domain.ports.Executor` for one replica."""

    name = "floor"

    def __init__(
        self, floor: Floor, owner: str, clock: Clock, take_turn: TakeTurn, *, is_quick: Callable[[], bool]
    ) -> None:
        """Quick work takes no turns: it is done as soon as it was asked for."""
        self.outlives_us = floor.cluster is not None
        self._floor = floor
        self._owner = owner
        self._clock = clock
        self._take_turn = take_turn
        self._is_quick = is_quick

    def check(self, service: str, parameters: Parameters) -> None:
        """Everything can be run."""

    def is_repeatable(self, service: str) -> bool:
        return service != NOT_REPEATABLE

    async def start(self, order: WorkOrder, until: float) -> Execution | LeaseLapsed:
        is_quick = self._is_quick()
        if not is_quick:
            await self._take_turn("work starts", order.task_id)
        if self._clock.monotonic() >= until:
            return LeaseLapsed()
        workload = self._floor.begins(order, self._owner, until)
        if is_quick:
            workload.end(done_by(order))
        else:
            workload.lives(self._floor.may_end, self._floor.cluster or self._take_turn)
        return Handle(workload)

    async def attach(self, order: WorkOrder, until: float) -> Execution | None:
        workload = self._floor.named(order.name)
        return None if workload is None else Handle(workload)
