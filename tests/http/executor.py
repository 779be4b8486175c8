"""An executor whose work ends when the test says so."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from domain.errors import InvalidRequest
from domain.execution import Outcome, Report, Stopped, Succeeded, WorkOrder
from domain.ports import Execution
from domain.values import Parameters, Priority, Progress, TaskResult

RESULT = TaskResult("test: Succeeded", "done")
HALF_WAY = Progress(bytes_done=512, bytes_total=1024, files_done=1, files_total=2, rate_bps=128.0, eta_s=4.0)


class HeldExecution:
    """Work that reports once that it is half way, then waits for its gate or for a stop."""

    def __init__(self, name: str, gate: asyncio.Event) -> None:
        self.name = name
        self._gate = gate
        self._stop = asyncio.Event()

    async def reports(self) -> AsyncIterator[Report | Outcome]:
        if not self._gate.is_set():
            yield Report(HALF_WAY)
        waits = [asyncio.create_task(each.wait()) for each in (self._gate, self._stop)]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
        yield Stopped() if self._stop.is_set() else Succeeded(RESULT)

    async def stop(self) -> None:
        self._stop.set()

    async def extend(self, until: float) -> None: ...

    async def change_priority(self, priority: Priority) -> None: ...

    async def detach(self) -> None: ...


class GatedExecutor:
    """Knows ``sync`` with ``src`` and ``dst``. While its gate is shut, all work goes on."""

    name = "test"
    outlives_us = False
    services = frozenset({"sync"})

    def __init__(self) -> None:
        self.gate = asyncio.Event()
        self.gate.set()
        self.started: list[WorkOrder] = []

    def check(self, service: str, parameters: Parameters) -> None:
        if service != "sync":
            raise InvalidRequest(f"service {service!r} is unknown; use sync")
        if not {"src", "dst"} <= parameters.keys():
            raise InvalidRequest("src and dst are required")

    def is_repeatable(self, service: str) -> bool:
        return True

    async def start(self, order: WorkOrder, until: float) -> Execution:
        self.started.append(order)
        return HeldExecution(order.name, self.gate)

    async def attach(self, order: WorkOrder, until: float) -> None:
        return None
