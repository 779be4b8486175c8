"""An executor whose work the test itself does: it says when work starts, what it reports and how it ends."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from domain.errors import InvalidRequest
from domain.execution import Failed, Outcome, Report, Stopped, Succeeded, WorkOrder
from domain.ports import Execution
from domain.values import Parameters, Priority, TaskResult

DONE = Succeeded(TaskResult("Succeeded", "done"))


class ManualExecution:
    """Work that goes on until the test ends it."""

    def __init__(self, order: WorkOrder) -> None:
        self.order = order
        self.told: asyncio.Queue[Report | Outcome] = asyncio.Queue()
        self.asked_to_stop = False
        self.obeys = True
        self.extended: list[float] = []
        self.priorities: list[Priority] = []
        self.detached = False

    @property
    def name(self) -> str:
        return self.order.name

    def tell(self, what: Report | Outcome) -> None:
        """The work reports, or ends."""
        self.told.put_nowait(what)

    async def reports(self) -> AsyncIterator[Report | Outcome]:
        while True:
            told = await self.told.get()
            yield told
            if not isinstance(told, Report):
                return

    async def stop(self) -> None:
        if not self.asked_to_stop and self.obeys:
            self.tell(Stopped(TaskResult("Stopped", "stopped by request")))
        self.asked_to_stop = True

    async def extend(self, until: float) -> None:
        self.extended.append(until)

    async def change_priority(self, priority: Priority) -> None:
        self.priorities.append(priority)

    async def detach(self) -> None:
        self.detached = True


class ManualExecutor:
    """Knows every service but ``unknown``; ``rm`` may not be repeated."""

    name = "manual"

    def __init__(self, *, outlives_us: bool = False, at_once: Outcome | None = None) -> None:
        """With ``at_once`` all work ends so as soon as it has started."""
        self.outlives_us = outlives_us
        self.at_once = at_once
        self.started: list[ManualExecution] = []
        self.refusal: Failed | None = None
        self.breaks: Exception | None = None

    @property
    def last(self) -> ManualExecution:
        """The work that was started last."""
        return self.started[-1]

    def check(self, service: str, parameters: Parameters) -> None:
        if service == "unknown":
            raise InvalidRequest("the service 'unknown' is not known here; known are sync, cp, rm")

    def is_repeatable(self, service: str) -> bool:
        return service != "rm"

    async def start(self, order: WorkOrder, until: float) -> Execution | Failed:
        if self.breaks is not None:
            raise self.breaks
        if self.refusal is not None:
            return self.refusal
        execution = ManualExecution(order)
        self.started.append(execution)
        if self.at_once is not None:
            execution.tell(self.at_once)
        return execution

    async def attach(self, order: WorkOrder, until: float) -> Execution | None:
        found = [work for work in self.started if work.order == order]
        return found[-1] if found else None
